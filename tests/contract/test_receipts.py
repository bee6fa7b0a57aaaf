"""MessageStore: what providers report, and where an id of theirs leads."""

from __future__ import annotations

from itertools import permutations

import pytest

from chat4all.errors import Raced
from chat4all.receipts import Mark, Receipts
from tests.contract.samples import (
    CONVERSATION,
    NOW,
    REFUSED,
    a_group,
    a_head,
    a_place,
    a_receipt,
    a_reference,
    an_id,
)
from tests.contract.worlds import Stores


@pytest.fixture
def placed(stores: Stores) -> Stores:
    """Messages 1 and 2 have their places."""
    stores.conversations.create(a_group())
    stores.messages.sequence({CONVERSATION: (0, a_head(2))}, [a_place(1), a_place(2)])
    return stores


def place_of(stores: Stores, number: int) -> Receipts:
    return stores.messages.receipts([an_id(number)], fresh=True)[an_id(number)]


def test_a_time_is_set_once(placed: Stores) -> None:
    first, second = a_receipt(1, Mark.SENT, NOW), a_receipt(2, Mark.SENT, NOW + 6)

    assert placed.messages.record([first]) == [first]
    assert placed.messages.record([a_receipt(1, Mark.SENT, NOW + 5), second]) == [second]

    assert place_of(placed, 1).times == {(0, Mark.SENT): NOW}
    assert place_of(placed, 2).times == {(0, Mark.SENT): NOW + 6}


def test_several_receipts_for_a_message_in_one_call_are_all_kept(placed: Stores) -> None:
    placed.messages.record(
        [
            a_receipt(1, Mark.SENT, NOW + 1),
            a_receipt(2, Mark.SENT, NOW + 2),
            a_receipt(1, Mark.DELIVERED, NOW + 3),
            a_receipt(1, Mark.READ, NOW + 4, index=1),
            a_receipt(1, Mark.SENT, NOW + 9),
        ]
    )

    assert place_of(placed, 1).times == {
        (0, Mark.SENT): NOW + 1,
        (0, Mark.DELIVERED): NOW + 3,
        (1, Mark.READ): NOW + 4,
    }
    assert place_of(placed, 2).times == {(0, Mark.SENT): NOW + 2}


def test_it_tells_which_receipts_were_news(placed: Stores) -> None:
    sent, delivered = a_receipt(1, Mark.SENT, NOW), a_receipt(1, Mark.DELIVERED, NOW + 1)
    placed.messages.record([sent])

    news = placed.messages.record([sent, delivered, a_receipt(7, Mark.SENT)])

    assert news == [delivered]


def test_the_order_of_receipts_does_not_matter(placed: Stores) -> None:
    marks = [Mark.SENT, Mark.DELIVERED, Mark.READ]
    for number, order in enumerate(permutations(marks), start=3):
        head = placed.conversations.heads([CONVERSATION])[CONVERSATION]
        placed.messages.sequence({CONVERSATION: (head.last_seq, a_head(number))}, [a_place(number)])
        for mark in (*order, *order):
            placed.messages.record([a_receipt(number, mark, NOW + marks.index(mark))])
        expected = {(0, mark): NOW + at for at, mark in enumerate(marks)}
        assert place_of(placed, number).times == expected


def test_a_failure_is_kept_with_its_first_receipt(placed: Stores) -> None:
    later = REFUSED.model_copy(update={"code": "1", "reason": "other", "next_choice": False})

    placed.messages.record([a_receipt(1, Mark.FAILED, NOW, failure=REFUSED)])
    placed.messages.record([a_receipt(1, Mark.FAILED, NOW + 1, failure=later)])
    placed.messages.record([a_receipt(1, Mark.FAILED, NOW + 2, index=1, failure=later)])

    place = place_of(placed, 1)
    assert place.failures == {0: REFUSED, 1: later}
    assert place.times == {(0, Mark.FAILED): NOW, (1, Mark.FAILED): NOW + 2}


def test_receipts_of_messages_without_a_place_are_dropped(placed: Stores) -> None:
    placed.messages.record([a_receipt(7, Mark.SENT), a_receipt(1, Mark.SENT)])

    assert placed.messages.receipts([an_id(7)], fresh=True) == {}
    assert place_of(placed, 1).times == {(0, Mark.SENT): NOW}


def test_references_are_stored_once_per_channel(placed: Stores) -> None:
    first, other = a_reference("wamid.1"), a_reference("wamid.1", 2, channel="instagram")
    arrived = a_reference("wamid.2", 2, index=None)

    placed.messages.record([a_receipt(1, Mark.SENT)], [first, arrived])
    placed.messages.record([], [a_reference("wamid.1", 2, index=1), other])

    found = placed.messages.references("whatsapp", ["wamid.1", "wamid.2", "wamid.3"])
    assert found == {"wamid.1": first, "wamid.2": arrived}
    assert placed.messages.references("instagram", ["wamid.1"]) == {"wamid.1": other}


def test_more_receipts_than_one_call_takes_are_all_recorded(placed: Stores) -> None:
    for first in range(3, 43, 10):
        places = [a_place(n) for n in range(first, first + 10)]
        placed.messages.sequence({CONVERSATION: (first - 1, a_head(first + 9))}, places)
    numbers = range(1, 43)

    placed.messages.record(
        [a_receipt(n, Mark.SENT, NOW + n) for n in numbers],
        [a_reference(f"wamid#{n}", n) for n in numbers],
    )

    found = placed.messages.receipts([an_id(n) for n in numbers], fresh=True)
    assert [found[an_id(n)].times for n in numbers] == [{(0, Mark.SENT): NOW + n} for n in numbers]
    known = placed.messages.references("whatsapp", [f"wamid#{n}" for n in numbers])
    assert len(known) == 42


def test_the_parts_that_were_taken_are_counted(placed: Stores) -> None:
    part = a_reference("wamid.part", final=False)

    placed.messages.record_part(an_id(1), 0, 1, part)
    placed.messages.record_part(an_id(1), 0, 2, a_reference("wamid.part-2", final=False))

    assert place_of(placed, 1).parts == {0: 2}
    assert not place_of(placed, 1).settled(0)
    assert placed.messages.references("whatsapp", ["wamid.part"]) == {"wamid.part": part}


def test_a_part_of_a_message_without_a_place_is_a_race(placed: Stores) -> None:
    with pytest.raises(Raced):
        placed.messages.record_part(an_id(7), 0, 1, a_reference("wamid.part", 7, final=False))


def test_attempts_are_counted_per_delivery(placed: Stores) -> None:
    counts = [placed.messages.count_attempt(an_id(1), 0, f"slow {n}") for n in range(3)]
    other = placed.messages.count_attempt(an_id(1), 1, "slow")

    assert (counts, other) == ([1, 2, 3], 1)
    assert place_of(placed, 1).times == {}


def test_an_attempt_at_a_message_without_a_place_is_a_race(placed: Stores) -> None:
    with pytest.raises(Raced):
        placed.messages.count_attempt(an_id(7), 0, "slow")
    assert placed.messages.receipts([an_id(7)], fresh=True) == {}


def test_receipts_at_the_same_time_are_all_kept(placed: Stores) -> None:
    errors = placed.race(
        *(
            lambda mark=mark: placed.messages.record([a_receipt(1, mark, NOW)])
            for mark in (Mark.SENT, Mark.DELIVERED, Mark.READ, Mark.FAILED)
        )
    )

    assert errors == [None] * 4
    assert set(place_of(placed, 1).times) == {(0, mark) for mark in Mark}
