"""A stream whose log, store or index is late, or lacks something; and how its cursor fits in."""

from __future__ import annotations

import pytest
from inbox_harness import Reader, events, is_caught_up
from realtime_harness import RealtimeWorld, seqs

from chat4all.errors import Unavailable
from chat4all.events.messages import without_body
from chat4all.realtime.sync_cursor import SyncCursor
from tests.builders import CURSORS, SERVICE, a_new_message

pytestmark = pytest.mark.req("RF-008")


def test_what_was_left_takes_no_room_in_a_cursor(world: RealtimeWorld) -> None:
    group = world.conversation("ana", "bo", "cy")
    reader = Reader(world)
    reader.settle()
    [new] = world.talk(group, "bo")
    reader.take(world.accepted(new))
    before = SyncCursor.decoded(CURSORS, "ana", str(reader.cursor)).positions

    world.conversations.leave(SERVICE, group, "ana")
    reader.inbox.fell_behind()
    reader.settle()

    assert before == {group: 1}
    assert SyncCursor.decoded(CURSORS, "ana", str(reader.cursor)).positions == {}


@pytest.mark.parametrize("words", ["short", "\N{GRINNING FACE}" * 4096])
def test_a_message_is_whole_whatever_the_log_left_out(world: RealtimeWorld, words: str) -> None:
    conversation = world.conversation("ana", "bo")
    reader = Reader(world)
    reader.settle()
    new = a_new_message(conversation, words, **{"from": "bo"})
    message_id = world.messaging.accept(SERVICE, new).message_id
    world.route()

    frames = reader.take(without_body(world.accepted(message_id)))
    reader.cursor = None
    reader.connect()
    again = reader.settle()

    for event in (*events(frames), *events(again)):
        assert event["data"]["payload"] == {"type": "text", "text": words}
        assert "payload_omitted" not in event["data"]
    assert len(events(frames)) == len(events(again)) == 1


def test_what_the_store_does_not_give_just_now_comes_later(
    world: RealtimeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = world.conversation("ana", "bo")
    reader = Reader(world)
    reader.settle()
    ids = world.talk(conversation, "bo", 2)

    def down(*_: object, **__: object) -> None:
        raise Unavailable("down")

    with monkeypatch.context() as patched:
        patched.setattr(world.message_store, "get", down)
        frames = reader.take(*(without_body(world.accepted(i)) for i in ids))
        world.clock.advance(1)
        with pytest.raises(Unavailable):
            reader.step()
    reader.settle()

    assert frames == []
    assert reader.got[conversation] == [1, 2]


def test_an_index_that_is_late_is_waited_for_before_it_has_caught_up(
    world: RealtimeWorld,
) -> None:
    conversation = world.conversation("ana", "bo")
    ids = world.talk(conversation, "bo", 3)
    world.late.late.add(ids[1])
    reader = Reader(world)

    first = reader.settle()
    world.late.late.clear()
    world.clock.advance(reader.inbox.wait())
    then = reader.settle()

    assert seqs(events(first)) == [1] and not any(map(is_caught_up, first))
    assert seqs(events(then)) == [2, 3] and is_caught_up(then[-1])


def test_but_not_for_ever(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    [lost] = world.talk(conversation, "bo")
    world.late.late.add(lost)
    reader = Reader(world)
    frames = reader.settle()

    for _ in range(10):
        world.clock.advance(reader.inbox.wait())
        frames += reader.settle()

    assert [is_caught_up(f) for f in frames] == [True]
    world.late.late.clear()
    world.clock.advance(60)
    reader.settle()
    assert reader.got[conversation] == [1]


@pytest.mark.parametrize("before, seconds", [(0, 45), (60, 1200)])
def test_what_no_page_told_of_is_found_by_a_later_round(
    world: RealtimeWorld, before: float, seconds: float
) -> None:
    """Soon after the start, and every quarter of an hour."""
    conversation = world.conversation("ana", "bo")
    reader = Reader(world)
    reader.settle()
    world.clock.advance(before)
    reader.settle()
    world.talk(conversation, "bo")

    reader.settle()
    at_once = list(reader.got[conversation])
    world.clock.advance(seconds)
    reader.settle()

    assert (at_once, reader.got[conversation]) == ([], [1])


def test_who_fell_behind_looks_twice(world: RealtimeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page that was lost told of a new conversation, which no index shows just now."""
    reader = Reader(world)
    reader.settle()
    world.clock.advance(60)
    reader.settle()
    conversation = world.conversation("ana", "bo")
    world.talk(conversation, "bo")

    with monkeypatch.context() as patched:
        patched.setattr(world.conversation_store, "active_since", lambda *_: [])
        reader.inbox.fell_behind()
        reader.settle()
    world.clock.advance(45)
    reader.settle()

    assert reader.got[conversation] == [1]


def test_its_cursors_are_those_of_a_sync_and_the_other_way_round(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    world.talk(conversation, "bo", 2)
    reader = Reader(world)
    reader.hear(reader.inbox.step()[:1])
    ana = world.connect("ana")

    *told, end = world.says(ana, "resume", cursor=reader.cursor)
    reader.cursor = end["cursor"]
    world.talk(conversation, "bo")
    reader.connect()
    reader.settle()

    assert seqs(told) == [2]
    assert reader.got[conversation] == [1, 3]


def test_a_cursor_stays_short_however_many_conversations_are_busy(world: RealtimeWorld) -> None:
    conversations = [world.conversation("ana", f"peer-{n}") for n in range(60)]
    reader = Reader(world)
    reader.settle()
    for number, conversation in enumerate(conversations):
        [new] = world.talk(conversation, f"peer-{number}")
        reader.take(world.accepted(new))  # which looks at the cursor's length
        reader.settle()

    before = sum(map(len, reader.got.values()))
    for _ in range(10):
        world.clock.advance(6)
        reader.settle()

    assert before == 32
    assert all(reader.got[c] == [1] for c in conversations)
