"""What a stream tells a user: what was missed, what happens, and how it goes on after a cut."""

from __future__ import annotations

import pytest
from inbox_harness import Reader, events, happened, is_caught_up
from realtime_harness import RealtimeWorld, seqs

from chat4all.receipts import Mark
from tests.builders import SERVICE

pytestmark = pytest.mark.req("RF-008")


def test_what_was_missed_comes_as_the_events_that_were_pushed(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    ids = world.talk(conversation, "bo", 3)
    reader = Reader(world)

    frames = reader.settle()

    assert events(frames) == [world.accepted(i) for i in ids]
    assert is_caught_up(frames[-1]) and frames[-1].cursor
    assert not any(map(is_caught_up, frames[:-1]))


def test_what_happens_is_told_at_once_without_a_look_into_the_store(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    world.talk(conversation, "bo")
    reader = Reader(world)
    reader.settle()
    ids = world.talk(conversation, "bo", 2)

    frames = reader.take(*(world.accepted(i) for i in ids))

    assert seqs(events(frames)) == [2, 3]
    assert reader.inbox.wait() > 30  # the next round, some time


def test_a_gap_is_filled_from_the_store(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    world.talk(conversation, "bo")
    reader = Reader(world)
    reader.settle()
    ids = world.talk(conversation, "bo", 3)

    early = reader.take(world.accepted(ids[2]))
    world.clock.advance(reader.inbox.wait())
    filled = reader.settle()
    late = reader.take(world.accepted(ids[0]), world.accepted(ids[1]))

    assert (early, seqs(events(filled)), late) == ([], [2, 3, 4], [])
    assert reader.inbox.wait() > 30


def test_what_is_told_together_is_told_in_order(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    reader = Reader(world)
    reader.settle()
    ids = world.talk(conversation, "bo", 3)

    frames = reader.take(*(world.accepted(i) for i in reversed(ids)))

    assert seqs(events(frames)) == [1, 2, 3]


def test_a_conversation_that_was_quiet_for_long_goes_on_where_it_was(
    world: RealtimeWorld,
) -> None:
    conversation = world.conversation("ana", "bo")
    world.talk(conversation, "bo", 60)
    reader = Reader(world)
    reader.settle()
    world.clock.advance(3 * 86_400)
    reader.settle()
    reader.connect()
    reader.settle()

    [new] = world.talk(conversation, "bo")
    reader.take(world.accepted(new))
    reader.settle()

    assert reader.got[conversation] == list(range(1, 62))


def test_other_events_come_once_however_often_they_are_logged(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    read = happened(world, "conversation.read", conversation_id=conversation, user_id="bo")
    reader = Reader(world)
    reader.settle()

    once = reader.take(read, read)
    again = reader.take(read)

    assert (events(once), again) == ([read], [])
    assert once[0].cursor is None


def test_own_messages_that_stand_better_by_now_are_told_before_it_has_caught_up(
    world: RealtimeWorld,
) -> None:
    conversation = world.conversation("ana", "bo")
    [own] = world.talk(conversation, "ana")
    reader = Reader(world)
    reader.settle()
    world.clock.advance(60)
    bo = world.conversation_store.members(conversation)["bo"]
    world.conversation_store.advance(bo, Mark.READ, 1, world.clock.now())
    reader.connect()

    frames = reader.settle()

    assert [f.status.message.message_id for f in frames if f.status] == [own]
    assert is_caught_up(frames[-1])


def test_whoever_fell_behind_is_told_all_of_it_and_catches_up_again(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    reader = Reader(world)
    reader.settle()
    world.talk(conversation, "bo", 2)

    reader.inbox.fell_behind()
    frames = reader.settle()

    assert seqs(events(frames)) == [1, 2]
    assert is_caught_up(frames[-1])


def test_a_group_comes_whole_to_who_joins_it(world: RealtimeWorld) -> None:
    group = world.conversation("bo", "cy", "di")
    world.talk(group, "bo", 3)
    reader = Reader(world)
    reader.settle()
    world.clock.advance(60)
    reader.settle()  # the round that would find it, too
    world.conversations.join(SERVICE, group, "ana")

    reader.take(happened(world, "member.joined", conversation_id=group, user_id="ana"))
    reader.settle()

    assert reader.got[group] == [1, 2, 3]


def test_and_to_who_comes_back_to_it(world: RealtimeWorld) -> None:
    group = world.conversation("ana", "bo", "cy")
    reader = Reader(world)
    reader.settle()
    world.clock.advance(60)
    reader.settle()
    reader.take(*map(world.accepted, world.talk(group, "bo", 2)))
    world.conversations.leave(SERVICE, group, "ana")
    reader.take(happened(world, "member.left", conversation_id=group, user_id="ana"))
    world.talk(group, "bo")
    world.clock.advance(60)
    world.conversations.join(SERVICE, group, "ana")

    reader.take(happened(world, "member.joined", conversation_id=group, user_id="ana"))
    reader.settle()

    assert reader.got[group] == [1, 2, 1, 2, 3]


def test_nothing_more_comes_to_who_left(world: RealtimeWorld) -> None:
    group = world.conversation("ana", "bo", "cy")
    world.talk(group, "bo", 2)
    reader = Reader(world)
    reader.settle()
    world.conversations.leave(SERVICE, group, "ana")
    world.talk(group, "bo", 2)

    reader.inbox.fell_behind()
    reader.settle()

    assert reader.got[group] == [1, 2]
