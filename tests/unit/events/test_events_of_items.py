"""What events of conversations, files, people and endpoints say."""

import pytest

from chat4all.adapters.dynamodb.files import _item as file_item
from chat4all.adapters.dynamodb.items import conversation_item
from chat4all.adapters.dynamodb.streams import events_of_record
from chat4all.adapters.dynamodb.table import to_wire
from chat4all.receipts import Mark
from tests.builders import NOW, an_id
from tests.event_samples import (
    AWAY,
    DISABLED,
    ENDPOINT,
    FILE,
    GROUP,
    HERE,
    READY,
    REJECTED,
    a_place,
    events,
)

pytestmark = pytest.mark.req("RF-009")


def test_a_conversation_says_who_is_in_it_and_what_is_known_of_it() -> None:
    [event] = events(None, conversation_item(GROUP.model_copy(update={"metadata": {"a": 1}})))

    assert event["data"] == {
        "conversation_id": an_id(900),
        "conversation_type": "group",
        "members": ["ana", "bo", "cy"],
        "metadata": {"a": 1},
    }


def test_a_file_says_whose_it_is_and_why_it_was_rejected() -> None:
    [ready], [rejected] = events(file_item(FILE), READY), events(file_item(FILE), REJECTED)

    known = {
        "file_id": an_id(5),
        "owner": "ana",
        "filename": "a.png",
        "content_type": "image/png",
        "size": 9,
    }
    assert ready["data"] == known
    assert rejected["data"] == {**known, "code": "size_mismatch", "detail": "It grew."}


def test_presence_is_the_first_connection_and_the_last() -> None:
    [came], [went] = events(AWAY, HERE), events(HERE, {**AWAY, "last_seen": NOW + 5})

    assert came["data"] == {
        "user_id": "bo",
        "status": "online",
        "last_seen_at": "2025-10-09T08:53:21.000Z",
    }
    assert (went["data"]["status"], went["data"]["last_seen_at"]) == (
        "offline",
        "2025-10-09T08:53:20.005Z",
    )


def test_an_endpoint_that_was_disabled_says_why() -> None:
    [event] = events(ENDPOINT, DISABLED)

    assert event["data"] == {
        "webhook_id": an_id(6),
        "host": "shop.example",
        "reason": "gone",
    }


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://hooks.example:8443/in/s3cret?token=s3cret#s3cret", "hooks.example:8443"),
        ("https://me:s3cret@hooks.example/", "hooks.example"),
        ("https://me:s3@s3cret@[::1]:80?s3cret", "[::1]:80"),
        ("https://hooks.example?token=s3cret", "hooks.example"),
    ],
)
def test_others_learn_the_host_of_an_endpoint_and_none_of_its_secrets(url: str, host: str) -> None:
    [event] = events({**ENDPOINT, "url": url}, {**DISABLED, "url": url})

    assert event["data"]["host"] == host
    assert "s3" not in str(event)


def test_the_streams_reading_is_that_of_the_items() -> None:
    """A record as it is on the wire: numbers, sets and lists included."""
    places = [
        a_place(times={(1, Mark.READ): NOW}),
        a_place(),
        conversation_item(GROUP),
        HERE,
        READY,
    ]

    for place in places:
        wire = {"ApproximateCreationDateTime": (NOW + 1000) / 1000, "NewImage": to_wire(place)}
        read = events_of_record({"dynamodb": {**wire, "SequenceNumber": "7"}})
        assert read == events(None, place)
