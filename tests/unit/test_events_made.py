"""One event per change, with an id that a repeat of the change has too."""

import pytest

from chat4all.adapters.dynamodb.items import member_item, user_item
from chat4all.events import accepted_event, time_of
from chat4all.receipts import Failure, Mark
from tests.builders import NOW, a_message, an_id
from tests.event_samples import BO, CHANGES, PLACE, USER, a_place, events

pytestmark = pytest.mark.req("RF-009")


def types(old: dict | None, new: dict | None) -> list[str]:
    return [event["type"] for event in events(old, new)]


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


def test_two_changes_of_one_moment_have_ids_of_their_own() -> None:
    """A stream tells the time in seconds."""
    renamed = user_item(USER.model_copy(update={"name": "Bob"}))

    [first], [again] = events(user_item(USER), renamed, "1"), events(user_item(USER), renamed, "1")
    [second] = events(renamed, user_item(USER), "2")

    assert first["id"] == again["id"] != second["id"]


def test_an_id_begins_with_the_time_of_its_change() -> None:
    [accepted, sent] = events(None, a_place(times={(0, Mark.SENT): NOW - 86_400_000}))

    assert time_of(accepted["id"]) == NOW
    assert time_of(sent["id"]) == NOW + 1000


def test_the_event_of_a_message_is_the_same_whoever_makes_it() -> None:
    [event] = events(None, a_place())

    made = accepted_event(PLACE, a_message())

    assert (made["id"], made["timestamp"]) == (event["id"], event["timestamp"])
    assert made["data"]["payload"] == {"type": "text", "text": "message 1"}


def test_words_of_a_provider_are_cut() -> None:
    failure = Failure(code="1", reason="no " * 10_000)

    [event] = events(a_place(), a_place(times={(0, Mark.FAILED): NOW}, failures={0: failure}))

    assert len(event["data"]["failure"]["reason"]) == 1000
