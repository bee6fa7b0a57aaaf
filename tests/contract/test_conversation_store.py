"""ConversationStore: conversations, who is in them, and how they are listed."""

from __future__ import annotations

import pytest

from chat4all.conversation import MAX_MEMBERS, Head, Member, activity_hour
from chat4all.errors import Raced
from chat4all.receipts import Mark
from tests.contract.samples import CONVERSATION, NOW, a_group, a_private
from tests.contract.worlds import Stores

HOUR = 3_600_000
LATER = NOW + 1000


def member(user_id: str, **other: int) -> Member:
    return Member(conversation_id=CONVERSATION, user_id=user_id, joined_at=NOW, **other)


def members_of(stores: Stores) -> frozenset[str]:
    """Who is in it, by the conversation and by the members' own items: the same people."""
    found = stores.conversations.get([CONVERSATION])[CONVERSATION].members
    assert stores.conversations.members(CONVERSATION).keys() == found
    return found


def test_a_conversation_starts_with_its_members_and_an_empty_head(stores: Stores) -> None:
    created = stores.conversations.create(a_group())

    assert created == a_group()
    assert stores.conversations.get([CONVERSATION]) == {CONVERSATION: a_group()}
    head = Head(conversation_id=CONVERSATION, last_activity=NOW)
    assert stores.conversations.heads([CONVERSATION]) == {CONVERSATION: head}
    assert stores.conversations.members(CONVERSATION) == {
        user: member(user) for user in ("ann", "bob", "cid")
    }


def test_creating_it_again_changes_nothing_and_answers_with_the_first(stores: Stores) -> None:
    stores.conversations.create(a_private())

    again = stores.conversations.create(a_private(created_at=LATER, created_by="eve", metadata={}))

    assert again == a_private()
    assert stores.conversations.get([CONVERSATION]) == {CONVERSATION: a_private()}
    assert stores.conversations.heads([CONVERSATION])[CONVERSATION].last_activity == NOW
    assert stores.conversations.members(CONVERSATION) == {u: member(u) for u in ("ann", "bob")}


def test_of_many_created_at_once_there_is_one(stores: Stores) -> None:
    found: list[object] = []

    stores.race(
        *(
            lambda n=n: found.append(stores.conversations.create(a_private(created_by=str(n))))
            for n in range(6)
        )
    )

    [stored] = stores.conversations.get([CONVERSATION]).values()
    assert found == [stored] * 6


def test_only_what_exists_is_found(stores: Stores) -> None:
    stores.conversations.create(a_group())

    assert stores.conversations.get([CONVERSATION, "nowhere"]).keys() == {CONVERSATION}
    assert stores.conversations.get(["nowhere"]) == {}
    assert stores.conversations.get([]) == {}
    assert stores.conversations.heads([CONVERSATION, "nowhere"]).keys() == {CONVERSATION}
    assert stores.conversations.members("nowhere") == {}
    assert stores.conversations.memberships("ann", [CONVERSATION, "nowhere"]) == {
        CONVERSATION: member("ann")
    }
    assert stores.conversations.memberships("eve", [CONVERSATION]) == {}


def test_whoever_joins_is_a_member_from_then_on(stores: Stores) -> None:
    stores.conversations.create(a_group())

    stores.conversations.join(CONVERSATION, "dan", LATER)

    assert members_of(stores) == {"ann", "bob", "cid", "dan"}
    [mine] = stores.conversations.memberships("dan", [CONVERSATION]).values()
    assert mine == member("dan").model_copy(update={"joined_at": LATER})
    recent, _ = stores.conversations.recent("dan", from_hour=None, at_least=1)
    assert recent == {CONVERSATION: activity_hour(LATER)}


def test_a_member_cannot_join_again_and_keeps_what_they_had(stores: Stores) -> None:
    stores.conversations.create(a_group())

    with pytest.raises(Raced):
        stores.conversations.join(CONVERSATION, "ann", LATER)

    assert stores.conversations.members(CONVERSATION)["ann"] == member("ann")


def test_nobody_joins_a_private_conversation_or_none_at_all(stores: Stores) -> None:
    stores.conversations.create(a_private())

    for conversation_id in (CONVERSATION, "nowhere"):
        with pytest.raises(Raced):
            stores.conversations.join(conversation_id, "eve", LATER)

    assert members_of(stores) == {"ann", "bob"}
    assert stores.conversations.members("nowhere") == {}


def test_of_two_who_take_the_last_place_one_gets_it(stores: Stores) -> None:
    stores.conversations.create(a_group(*(f"user-{n}" for n in range(MAX_MEMBERS - 1))))

    errors = stores.race(
        lambda: stores.conversations.join(CONVERSATION, "ann", LATER),
        lambda: stores.conversations.join(CONVERSATION, "bob", LATER),
    )

    # A race may also cost both their try, never give both the place: then one tries again.
    assert {type(error) for error in errors if error} == {Raced}
    if None not in errors:
        stores.conversations.join(CONVERSATION, "ann", LATER)
    assert len(members_of(stores)) == MAX_MEMBERS
    with pytest.raises(Raced):
        stores.conversations.join(CONVERSATION, "cid", LATER)


def test_whoever_leaves_is_no_member_and_lists_it_no_more(stores: Stores) -> None:
    stores.conversations.create(a_group())

    stores.conversations.leave(CONVERSATION, "bob", LATER)

    assert members_of(stores) == {"ann", "cid"}
    assert stores.conversations.recent("bob", from_hour=None, at_least=9) == ({}, None)
    for user, conversation_id in (("bob", CONVERSATION), ("ann", "nowhere")):
        with pytest.raises(Raced):
            stores.conversations.leave(conversation_id, user, LATER)


def test_a_group_that_everybody_left_is_over(stores: Stores) -> None:
    stores.conversations.create(a_group())
    for user in ("ann", "bob", "cid"):
        stores.conversations.leave(CONVERSATION, user, LATER)

    assert members_of(stores) == frozenset()
    with pytest.raises(Raced):
        stores.conversations.join(CONVERSATION, "ann", LATER)


def hour(number: int) -> str:
    return activity_hour(NOW + number * HOUR)


def with_activity(stores: Stores, **hours: int) -> None:
    """Conversations of ann's, by name, and the hour of each one's last activity."""
    for name, number in hours.items():
        stores.conversations.create(a_private("ann", f"with-{name}", conversation_id=name))
        stores.conversations.touch(name, ["ann"], hour(number))


def test_the_hour_of_the_last_activity_is_each_members_own(stores: Stores) -> None:
    stores.conversations.create(a_private())

    stores.conversations.touch(CONVERSATION, ["ann", "nobody"], hour(5))

    for user, expected in (("ann", hour(5)), ("bob", hour(0))):
        found, _ = stores.conversations.recent(user, from_hour=None, at_least=1)
        assert found == {CONVERSATION: expected}
    assert members_of(stores) == {"ann", "bob"}
    assert stores.conversations.recent("nobody", from_hour=None, at_least=1) == ({}, None)


def test_recent_gives_whole_hours_newest_first(stores: Stores) -> None:
    with_activity(stores, a=1, b=2, c=2, d=2, e=3, f=4)

    found, following = stores.conversations.recent("ann", from_hour=None, at_least=3)

    assert found == {"f": hour(4), "e": hour(3), "b": hour(2), "c": hour(2), "d": hour(2)}
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert following == hour(1)
    assert stores.conversations.recent("ann", from_hour=following, at_least=3) == (
        {"a": hour(1)},
        None,
    )


def test_recent_goes_on_from_an_hour_that_is_included(stores: Stores) -> None:
    with_activity(stores, a=1, b=2, c=2, d=3)

    assert stores.conversations.recent("ann", from_hour=hour(2), at_least=1) == (
        {"b": hour(2), "c": hour(2)},
        hour(1),
    )
    assert stores.conversations.recent("ann", from_hour=hour(0), at_least=1) == ({}, None)
    everything, following = stores.conversations.recent("ann", from_hour=None, at_least=4)
    assert (len(everything), following) == (4, None)


def test_what_was_active_since_an_hour_is_found_at_once(stores: Stores) -> None:
    with_activity(stores, a=1, b=2, c=2, d=3)

    found = {n: sorted(stores.conversations.active_since("ann", hour(n))) for n in (0, 2, 3, 4)}

    assert found == {0: ["a", "b", "c", "d"], 2: ["b", "c", "d"], 3: ["d"], 4: []}
    assert stores.conversations.active_since("nobody", hour(0)) == []


def test_the_members_of_several_are_found_together(stores: Stores) -> None:
    group = a_group()
    pair = a_private("ann", "dan", conversation_id="with-dan")
    for conversation in (group, pair):
        stores.conversations.create(conversation)
    stores.conversations.advance(member("bob"), Mark.READ, 3, LATER)

    found = stores.conversations.members_of([group, pair])

    assert found == {i: stores.conversations.members(i) for i in (CONVERSATION, "with-dan")}
    assert found[CONVERSATION]["bob"].read_seq == 3
    assert stores.conversations.members_of([]) == {}


def test_a_fresh_head_is_what_was_written_last(stores: Stores) -> None:
    stores.conversations.create(a_group())

    fresh = stores.conversations.heads([CONVERSATION], fresh=True)

    assert fresh == {CONVERSATION: Head(conversation_id=CONVERSATION, last_activity=NOW)}


def test_a_member_shows_when_a_watermark_rose_last(stores: Stores) -> None:
    stores.conversations.create(a_group())
    stores.conversations.advance(member("bob"), Mark.DELIVERED, 2, NOW + 1)
    stores.conversations.advance(member("bob"), Mark.READ, 1, NOW + 2)
    stores.conversations.advance(member("cid"), Mark.READ, 1, NOW + 3)

    found = stores.conversations.members(CONVERSATION)

    times = {user: (m.delivered_at, m.read_at) for user, m in found.items()}
    assert times == {"ann": (0, 0), "bob": (NOW + 1, NOW + 2), "cid": (0, NOW + 3)}


def test_how_far_delivery_stood_at_a_time(stores: Stores) -> None:
    stores.conversations.create(a_group())
    for mark, seq, at in (
        (Mark.DELIVERED, 2, NOW + 10),
        (Mark.READ, 5, NOW + 20),
        (Mark.DELIVERED, 12, NOW + 30),
        (Mark.DELIVERED, 40, NOW + 40),
    ):
        stores.conversations.advance(member("bob"), mark, seq, at)

    stood = [
        stores.conversations.delivered_by(CONVERSATION, "bob", NOW + t) for t in range(0, 60, 10)
    ]

    assert stood == [0, 2, 5, 12, 40, 40]
    assert stores.conversations.delivered_by(CONVERSATION, "ann", NOW + 99) == 0
