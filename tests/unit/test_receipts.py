"""Statuses only rise, whatever providers report, how often and in what order."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.adapters.memory import MemoryMessageStore, MemoryStore
from chat4all.conversation import Member
from chat4all.receipts import (
    Failure,
    Mark,
    Planned,
    Receipt,
    Receipts,
    Status,
    counts,
    message_status,
)
from tests.builders import NOW, an_id

marks = st.lists(st.sampled_from(list(Mark)), max_size=12)
statuses = st.lists(st.sampled_from(list(Status)), min_size=1, max_size=8)
FAIL = Failure(code="131026", reason="not on WhatsApp")


def a_place(*plan: Planned, **fields: object) -> Receipts:
    planned = plan or (Planned(user_id="bo", channel="whatsapp", address="551100"),)
    given_fields = {
        "message_id": an_id(1),
        "conversation_id": an_id(900),
        "seq": 3,
        "sender": "ana",
        "sequenced_at": NOW,
        "plan": planned,
    }
    return Receipts.model_validate({**given_fields, **fields})


def a_member(*, delivered: int = 0, read: int = 0) -> Member:
    return Member(
        conversation_id=an_id(900),
        user_id="bo",
        joined_at=NOW,
        delivered_seq=delivered,
        read_seq=read,
    )


def after(reported: list[Mark]) -> list[Status]:
    """The delivery's status after each of these receipts was recorded, in their order."""
    store = MemoryStore()
    store.placed[an_id(1)] = a_place()
    messages = MemoryMessageStore(store)
    seen = [store.placed[an_id(1)].delivery_status(0)]
    for number, mark in enumerate(reported):
        messages.record([Receipt(message_id=an_id(1), index=0, mark=mark, at=NOW + number)])
        seen.append(store.placed[an_id(1)].delivery_status(0))
    return seen


ALLOWED = {
    Status.PENDING: set(Status),
    Status.SENT: {Status.SENT, Status.FAILED, Status.DELIVERED, Status.READ},
    Status.FAILED: {Status.FAILED, Status.DELIVERED, Status.READ},
    Status.DELIVERED: {Status.DELIVERED, Status.READ},
    Status.READ: {Status.READ},
}


@pytest.mark.req("RF-006")
@given(marks)
def test_a_status_never_falls(reported: list[Mark]) -> None:
    seen = after(reported)

    assert all(now in ALLOWED[before] for before, now in pairwise(seen))


@pytest.mark.req("RF-006")
@given(marks.flatmap(lambda m: st.tuples(st.just(m), st.permutations(m))))
def test_the_last_status_depends_on_neither_order_nor_repeats(
    orders: tuple[list[Mark], list[Mark]],
) -> None:
    one, other = orders

    assert after(one)[-1] is after(other)[-1] is after([*other, *other])[-1]


@given(marks)
def test_what_was_read_is_read_whatever_else_is_reported(reported: list[Mark]) -> None:
    assert after([*reported, Mark.READ])[-1] is Status.READ


def test_the_time_that_is_kept_is_the_first_that_was_reported() -> None:
    store = MemoryStore()
    store.placed[an_id(1)] = a_place()
    messages = MemoryMessageStore(store)

    for at in (NOW + 5, NOW + 1):
        messages.record([Receipt(message_id=an_id(1), index=0, mark=Mark.READ, at=at)])

    assert store.placed[an_id(1)].times == {(0, Mark.READ): NOW + 5}


@pytest.mark.parametrize("later", [Mark.DELIVERED, Mark.READ])
def test_a_failure_is_overtaken_by_what_comes_later(later: Mark) -> None:
    assert after([Mark.SENT, Mark.FAILED, later])[-1] is Status(later.upper())


def test_a_failure_overtakes_sent() -> None:
    assert after([Mark.FAILED, Mark.SENT])[-1] is Status.FAILED


def test_the_best_delivery_is_the_recipients_status() -> None:
    place = a_place(
        Planned(user_id="bo", channel="whatsapp", address="551100"),
        Planned(user_id="bo", channel="instagram", address="igbo"),
        times={(0, Mark.FAILED): NOW, (1, Mark.DELIVERED): NOW},
    )

    assert place.recipient_statuses({}) == {"bo": Status.DELIVERED}


def test_reading_in_the_app_counts_whatever_the_channel() -> None:
    place = a_place(times={(0, Mark.SENT): NOW})

    statuses = place.recipient_statuses({"bo": a_member(delivered=3, read=3)})

    assert statuses == {"bo": Status.READ}


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (None, Status.SENT),
        (a_member(delivered=2), Status.SENT),
        (a_member(delivered=3), Status.DELIVERED),
        (a_member(delivered=3, read=2), Status.DELIVERED),
        (a_member(delivered=9, read=3), Status.READ),
    ],
)
def test_in_the_app_the_watermarks_are_the_status(member: Member | None, expected: Status) -> None:
    place = a_place(Planned(user_id="bo", channel="app", address="bo"))

    assert place.delivery_status(0, member) is expected


@given(statuses)
def test_a_message_is_as_far_as_the_lowest_recipient_who_can_be_reached(
    found: list[Status],
) -> None:
    recipients = {f"user-{n}": status for n, status in enumerate(found)}
    reached = [s for s in found if s is not Status.FAILED]

    status = message_status(recipients)

    if not reached:
        assert status is Status.FAILED
    elif all(s in (Status.DELIVERED, Status.READ) for s in reached):
        assert status is (Status.DELIVERED if Status.DELIVERED in reached else Status.READ)
    else:
        assert status is Status.SENT


def test_a_message_without_recipients_is_sent() -> None:
    assert message_status({}) is Status.SENT


@given(statuses)
def test_counts_tell_of_everybody(found: list[Status]) -> None:
    told = counts({f"user-{n}": status for n, status in enumerate(found)})

    assert sum(told.values()) == len(found)
    assert set(told) == {"failed", "pending", "sent", "delivered", "read"}
    assert told["failed"] == found.count(Status.FAILED)


def choices(**fields: object) -> Receipts:
    return a_place(
        Planned(user_id="bo", channel="whatsapp", address="551100", choice=0),
        Planned(user_id="bo", channel="instagram", address="igbo", choice=1),
        Planned(user_id="cy", channel="whatsapp", address="552200", choice=0),
        **fields,
    )


def test_a_second_choice_waits_until_the_first_has_failed_over_to_it() -> None:
    waiting = choices()
    failed = choices(failures={0: FAIL}, times={(0, Mark.FAILED): NOW})
    over = choices(
        failures={0: FAIL.model_copy(update={"next_choice": True})}, times={(0, Mark.FAILED): NOW}
    )

    assert [waiting.started(i) for i in range(3)] == [True, False, True]
    assert [failed.started(i) for i in range(3)] == [True, False, True]
    assert [over.started(i) for i in range(3)] == [True, True, True]


def test_the_next_choice_is_the_same_persons() -> None:
    place = choices()

    assert [place.next_choice(i) for i in range(3)] == [1, None, None]


def test_chosen_channels_have_no_next_choice() -> None:
    place = a_place(
        Planned(user_id="bo", channel="whatsapp", address="551100"),
        Planned(user_id="bo", channel="instagram", address="igbo"),
    )

    assert place.next_choice(0) is None
    assert place.started(1)


def test_a_recipient_is_failed_only_while_no_choice_is_under_way() -> None:
    alone = choices(failures={0: FAIL}, times={(0, Mark.FAILED): NOW})
    over = choices(
        failures={0: FAIL.model_copy(update={"next_choice": True})}, times={(0, Mark.FAILED): NOW}
    )

    assert alone.recipient_statuses({})["bo"] is Status.FAILED
    assert over.recipient_statuses({})["bo"] is Status.PENDING


@pytest.mark.parametrize("mark", list(Mark))
def test_any_receipt_settles_a_delivery(mark: Mark) -> None:
    assert a_place(times={(0, mark): NOW}).settled(0)
    assert not a_place(times={(1, mark): NOW}).settled(0)
