"""Whatever happens in whatever order: a device gets every message once, and in its order."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from realtime_harness import RealtimeWorld

from chat4all.realtime.sync_cursor import MAX_LENGTH, SyncCursor
from chat4all.realtime.sync_page import SyncPage
from tests.builders import CURSORS, as_user

pytestmark = pytest.mark.req("RF-005")
PEERS = ("bo", "cy", "di", "ed")

said = st.tuples(st.just("say"), st.integers(0, 3), st.integers(1, 4))
passed = st.tuples(st.just("wait"), st.sampled_from([0.1, 3.0, 29.0, 31.0, 4000.0]), st.just(0))
synced = st.tuples(st.just("sync"), st.integers(1, 5), st.integers(1, 4))
slow = st.tuples(st.just("slow"), st.integers(0, 3), st.sampled_from([1, 10, 25]))
lost = st.tuples(st.just("lost"), st.integers(1, 5), st.just(0))
hidden = st.tuples(st.just("hide"), st.integers(0, 3), st.just(0))
shown = st.tuples(st.just("show"), st.just(0), st.just(0))


class Device:
    """Keeps its cursor and what it got."""

    def __init__(self, world: RealtimeWorld) -> None:
        self.world = world
        self.cursor: str | None = None
        self.got: dict[str, list[int]] = defaultdict(list)

    def ask(self, limit: int) -> SyncPage:
        start = SyncCursor.decoded(CURSORS, "ana", self.cursor) if self.cursor else None
        page = self.world.syncing.page(as_user("ana"), None, start, limit)
        self.world.clock.advance(0.05)
        return page

    def sync(self, limit: int, pages: int) -> bool:
        """So many pages at most; whether there is more."""
        for _ in range(pages):
            page = self.ask(limit)
            served = [view for part in page.parts for view in part.views]
            assert len(served) <= limit
            for view in served:
                assert view.receipts is not None
                self.got[view.receipts.conversation_id].append(view.receipts.seq)
            self.cursor = page.cursor.encoded(CURSORS, "ana")
            assert len(self.cursor) <= MAX_LENGTH
            if not page.more:
                return False
        return True


def play(steps: list[tuple[str, float, int]]) -> tuple[Device, dict[str, list[int]]]:
    world = RealtimeWorld()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("chat4all.realtime.thread.NEWEST", 3)
        return play_in(world, steps)


def play_in(
    world: RealtimeWorld, steps: list[tuple[str, float, int]]
) -> tuple[Device, dict[str, list[int]]]:
    conversations = [world.conversation("ana", peer) for peer in PEERS]
    device = Device(world)
    for step, which, number in steps:
        if step == "say":
            world.talk(conversations[int(which)], PEERS[int(which)], number)
        elif step == "wait":
            world.clock.advance(which)
        elif step == "sync":
            device.sync(int(which), number)
        elif step == "slow":  # its time is taken, and it is stored so much later
            world.clock.advance(-number)
            world.talk(conversations[int(which)], PEERS[int(which)])
            world.clock.advance(number)
        elif step == "lost":  # an answer: it is asked for again from the same cursor
            if device.cursor is not None:
                device.ask(int(which))
        elif step == "hide":
            world.late.late.update(world.talk(conversations[int(which)], PEERS[int(which)]))
        else:
            world.late.late.clear()
    world.late.late.clear()
    for _ in range(3):  # the last thing said may come with the next round
        world.clock.advance(40)
        while device.sync(50, 10):
            pass
    return device, {c: world.seqs(c) for c in conversations if world.seqs(c)}


@given(st.lists(st.one_of(said, passed, synced, slow, lost), max_size=30))
@settings(max_examples=150)
def test_every_message_comes_once_and_in_order(steps: list[tuple[str, float, int]]) -> None:
    device, there = play(steps)

    assert dict(device.got) == there


@given(st.lists(st.one_of(said, passed, synced, slow, lost, hidden, shown), max_size=30))
@settings(max_examples=150)
def test_nothing_is_lost_or_comes_twice_when_the_index_is_late(
    steps: list[tuple[str, float, int]],
) -> None:
    device, there = play(steps)

    assert dict(device.got) == there


@given(st.lists(st.one_of(said, passed, synced, slow, lost, hidden, shown), max_size=30))
@settings(max_examples=100)
def test_nor_when_a_cursor_has_room_for_few(steps: list[tuple[str, float, int]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("chat4all.realtime.syncing.BEYOND", 1)
        patched.setattr("chat4all.realtime.syncing.MAX_POSITIONS", 3)
        device, there = play(steps)

    assert {c: sorted(set(found)) for c, found in device.got.items()} == there
