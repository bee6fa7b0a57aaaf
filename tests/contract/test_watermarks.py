"""ConversationStore: how far members have come. Watermarks only rise."""

from __future__ import annotations

import pytest

from chat4all.conversation import Member
from chat4all.receipts import Mark
from tests.contract.samples import CONVERSATION, NOW, a_private
from tests.contract.worlds import Stores


@pytest.fixture
def ann(stores: Stores) -> Member:
    """As she was in the beginning: whoever advances may have read her long ago."""
    stores.conversations.create(a_private())
    return stores.conversations.members(CONVERSATION)["ann"]


def standing(stores: Stores) -> tuple[int, int]:
    found = stores.conversations.memberships("ann", [CONVERSATION])[CONVERSATION]
    return found.delivered_seq, found.read_seq


def test_delivered_rises_and_never_falls(stores: Stores, ann: Member) -> None:
    advance = stores.conversations.advance

    assert advance(ann, Mark.DELIVERED, 5, NOW)
    assert not advance(ann, Mark.DELIVERED, 5, NOW + 1)
    assert not advance(ann, Mark.DELIVERED, 3, NOW + 2)

    assert standing(stores) == (5, 0)


def test_reading_raises_both(stores: Stores, ann: Member) -> None:
    assert stores.conversations.advance(ann, Mark.READ, 4, NOW)
    assert standing(stores) == (4, 4)
    assert not stores.conversations.advance(ann, Mark.READ, 4, NOW)
    assert not stores.conversations.advance(ann, Mark.DELIVERED, 4, NOW)


def test_reading_less_than_was_delivered_leaves_that(stores: Stores, ann: Member) -> None:
    stores.conversations.advance(ann, Mark.DELIVERED, 9, NOW)

    now = stores.conversations.members(CONVERSATION)["ann"]
    assert stores.conversations.advance(now, Mark.READ, 6, NOW)

    assert standing(stores) == (9, 6)


def test_reading_with_an_old_view_of_the_member_lets_nothing_fall(
    stores: Stores, ann: Member
) -> None:
    stores.conversations.advance(ann, Mark.DELIVERED, 9, NOW)

    assert stores.conversations.advance(ann, Mark.READ, 6, NOW)
    assert standing(stores) == (9, 6)
    assert not stores.conversations.advance(ann, Mark.READ, 5, NOW)
    assert standing(stores) == (9, 6)


def test_a_view_that_is_ahead_of_the_member_still_raises_both(stores: Stores, ann: Member) -> None:
    """She left and came back: her watermarks began anew after somebody read her."""
    ahead = ann.model_copy(update={"delivered_seq": 9, "read_seq": 9})

    assert stores.conversations.advance(ahead, Mark.READ, 4, NOW)

    assert standing(stores) == (4, 4)


def test_who_is_no_member_does_not_advance(stores: Stores, ann: Member) -> None:
    stranger = ann.model_copy(update={"user_id": "eve"})

    assert not stores.conversations.advance(stranger, Mark.READ, 1, NOW)

    assert stores.conversations.members(CONVERSATION).keys() == {"ann", "bob"}


def test_each_advance_is_kept_with_its_time(stores: Stores, ann: Member) -> None:
    for mark, seq, at in (
        (Mark.DELIVERED, 2, NOW),
        (Mark.DELIVERED, 12, NOW + 1),
        (Mark.READ, 3, NOW + 2),
        (Mark.READ, 3, NOW + 7),
    ):
        stores.conversations.advance(ann, mark, seq, at)

    def at(mark: Mark, seq: int, user: str = "ann") -> int | None:
        return stores.conversations.advanced_at(CONVERSATION, user, mark, seq)

    assert [at(Mark.DELIVERED, seq) for seq in (1, 2, 3, 12, 13)] == [
        NOW,
        NOW,
        NOW + 1,
        NOW + 1,
        None,
    ]
    assert [at(Mark.READ, seq) for seq in (1, 3, 4)] == [NOW + 2, NOW + 2, None]
    assert at(Mark.DELIVERED, 1, "bob") is None


def test_two_advances_at_once_leave_the_higher(stores: Stores, ann: Member) -> None:
    stores.race(
        *(
            lambda mark=mark, seq=seq: stores.conversations.advance(ann, mark, seq, NOW)
            for seq in range(1, 6)
            for mark in (Mark.DELIVERED, Mark.READ)
        )
    )

    assert standing(stores) == (5, 5)
