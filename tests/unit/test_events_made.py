"""One event per change, with an id that a repeat of the change has too."""

from typing import Any

import pytest

from chat4all.adapters.dynamodb.items import (
    conversation_item,
    member_item,
    message_item,
    receipts_item,
    receipts_of,
    user_item,
)
from chat4all.conversation import Conversation, ConversationType, Member
from chat4all.events import Event, events_of
from chat4all.receipts import Failure, Mark, Planned, Receipts
from chat4all.user import Identity, User
from tests.builders import NOW, a_message, an_id

pytestmark = pytest.mark.req("RF-009")
PLACE = Receipts(
    message_id=an_id(1),
    conversation_id=an_id(900),
    seq=4,
    sender="ana",
    sequenced_at=NOW,
    plan=(
        Planned(user_id="bo", channel="whatsapp", address="551100"),
        Planned(user_id="cy", channel="instagram", address="igcy"),
    ),
)
GROUP = Conversation(
    conversation_id=an_id(900),
    type=ConversationType.GROUP,
    members=frozenset({"ana", "bo", "cy"}),
    created_by="ana",
    created_at=NOW,
)
BO = Member(conversation_id=an_id(900), user_id="bo", joined_at=NOW)
USER = User(user_id="bo", name="Bo", created_at=NOW)


def events(old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[Event]:
    return list(events_of(old, new, NOW + 1000, receipts_of))


def types(old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[str]:
    return [event["type"] for event in events(old, new)]


def a_place(**changes: Any) -> dict[str, Any]:
    return receipts_item(PLACE.model_copy(update=changes))


def test_a_message_that_got_its_place_was_accepted() -> None:
    [event] = events(None, a_place())

    assert event["type"] == "message.accepted"
    assert event["timestamp"] == "2025-10-09T08:53:20.000Z"
    assert event["data"] == {
        "conversation_id": an_id(900),
        "message_id": an_id(1),
        "seq": 4,
        "from": "ana",
        "status": "SENT",
    }


def test_what_came_in_by_a_channel_was_received_too() -> None:
    accepted, received = events(None, a_place(origin="whatsapp"))

    assert (accepted["type"], received["type"]) == ("message.accepted", "message.received")
    assert received["data"]["channel"] == "whatsapp"
    assert accepted["id"] != received["id"]


@pytest.mark.parametrize("mark", [Mark.SENT, Mark.DELIVERED, Mark.READ])
def test_each_new_receipt_is_an_event_of_its_delivery(mark: Mark) -> None:
    [event] = events(a_place(), a_place(times={(1, mark): NOW + 5}))

    assert event["type"] == f"message.{mark}"
    assert event["timestamp"] == "2025-10-09T08:53:20.005Z"
    assert event["data"]["status"] == mark.upper()
    assert (event["data"]["user_id"], event["data"]["channel"]) == ("cy", "instagram")


def test_a_failure_says_why() -> None:
    failure = Failure(code="131026", reason="not on WhatsApp")
    times = {(0, Mark.FAILED): NOW}

    [event] = events(a_place(), a_place(times=times, failures={0: failure}))

    assert event["type"] == "message.failed"
    assert event["data"]["failure"] == {"code": "131026", "reason": "not on WhatsApp"}


def test_a_message_with_nowhere_to_go_was_accepted_and_has_failed() -> None:
    found = types(None, a_place(times={(0, Mark.FAILED): NOW}))

    assert found == ["message.accepted", "message.failed"]


def test_only_what_is_new_is_told() -> None:
    before = a_place(times={(0, Mark.SENT): NOW})
    after = a_place(times={(0, Mark.SENT): NOW, (0, Mark.READ): NOW, (1, Mark.SENT): NOW})

    told = {(e["type"], e["data"]["user_id"]) for e in events(before, after)}

    assert told == {("message.sent", "cy"), ("message.read", "bo")}


CHANGES = [
    (None, conversation_item(GROUP), ["conversation.created"]),
    (
        conversation_item(GROUP),
        conversation_item(GROUP.model_copy(update={"metadata": {"topic": "x"}})),
        ["conversation.updated"],
    ),
    (None, member_item(BO, "0000488888"), ["member.joined"]),
    (member_item(BO, "0000488888"), None, ["member.left"]),
    (
        member_item(BO, "0000488888"),
        member_item(BO.model_copy(update={"read_seq": 7, "delivered_seq": 7}), "0000488888"),
        ["conversation.read"],
    ),
    (None, user_item(USER), ["user.updated"]),
    (
        user_item(USER),
        user_item(
            USER.model_copy(
                update={"identities": (Identity(channel="whatsapp", address="551100"),)}
            )
        ),
        ["user.updated"],
    ),
    # nothing that anybody should hear of
    (member_item(BO, "0000488888"), member_item(BO, "0000488889"), []),
    (
        member_item(BO, "0000488888"),
        member_item(BO.model_copy(update={"delivered_seq": 7}), "0000488888"),
        [],
    ),
    (user_item(USER), {**user_item(USER), "last#whatsapp/-/551100": an_id(900)}, []),
    (conversation_item(GROUP), {**conversation_item(GROUP), "members": {"ana"}}, []),
    (conversation_item(GROUP), None, []),
    (None, message_item(a_message()), []),
    (a_place(), None, []),
    (a_place(), {**a_place(), "tries#0": 3, "why#0": "131056: too fast"}, []),
    (None, {"pk": "CONV#1", "sk": "SEQ", "last_seq": 0}, []),
    (None, {"pk": "CONV#1", "sk": "ADVANCE#bo#read#1", "at": NOW}, []),
    (None, {"pk": "IDENT#whatsapp#-#551100", "sk": "IDENT", "user_id": "bo"}, []),
    (None, {"pk": "CLIENT#c4a", "sk": "CLIENT"}, []),
    ({"pk": "PROVIDER#whatsapp#1", "sk": "REF"}, None, []),
    (None, None, []),
]


@pytest.mark.parametrize(("old", "new", "expected"), CHANGES)
def test_which_changes_are_events(old, new, expected: list[str]) -> None:
    assert types(old, new) == expected


@pytest.mark.parametrize(("old", "new", "expected"), CHANGES)
def test_a_change_that_is_seen_twice_gives_the_same_events(old, new, expected) -> None:
    first, again = events(old, new), events(old, new)

    assert first == again
    assert len({event["id"] for event in first}) == len(expected)


def test_every_read_advance_has_an_id_of_its_own() -> None:
    marks = [member_item(BO.model_copy(update={"read_seq": n}), "0000488888") for n in (0, 3, 7)]

    [first], [second] = events(marks[0], marks[1]), events(marks[1], marks[2])

    assert (first["data"]["up_to_seq"], second["data"]["up_to_seq"]) == (3, 7)
    assert first["id"] != second["id"]


def test_whoever_joins_again_joins_anew() -> None:
    [first] = events(None, member_item(BO, "0000488888"))
    [again] = events(None, member_item(BO.model_copy(update={"joined_at": NOW + 9}), "0000488888"))

    assert first["id"] != again["id"]
