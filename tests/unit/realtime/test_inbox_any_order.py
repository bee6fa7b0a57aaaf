"""Whatever the log tells late, twice or not at all, and wherever the line breaks: whoever keeps the
last cursor gets every message once, each conversation in its order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inbox_harness import Reader
from realtime_harness import RealtimeWorld

pytestmark = pytest.mark.req("RF-008")
PEERS = ("bo", "cy", "di", "ed")

said = st.tuples(st.just("say"), st.integers(0, 3), st.integers(1, 4))
passed = st.tuples(st.just("wait"), st.sampled_from([0.1, 0.5, 3.0, 29.0, 31.0, 900.0]), st.just(0))
slow = st.tuples(st.just("slow"), st.integers(0, 3), st.sampled_from([1, 10, 25]))
stepped = st.tuples(st.just("step"), st.integers(0, 3), st.integers(0, 4))
told = st.tuples(st.just("tell"), st.integers(1, 6), st.integers(0, 9))
told_again = st.tuples(st.just("tell again"), st.integers(1, 6), st.integers(0, 9))
cut = st.tuples(st.just("cut"), st.integers(0, 2), st.integers(0, 9))
reconnected = st.tuples(st.just("reconnect"), st.just(0), st.just(0))
behind = st.tuples(st.just("behind"), st.integers(0, 9), st.just(0))
hidden = st.tuples(st.just("hide"), st.integers(0, 3), st.just(0))
shown = st.tuples(st.just("show"), st.just(0), st.just(0))
ANY = (said, passed, slow, stepped, told, told_again, cut, reconnected, behind)


class Play:
    def __init__(self) -> None:
        self.world = RealtimeWorld()
        self.conversations = [self.world.conversation("ana", peer) for peer in PEERS]
        self.reader = Reader(self.world)
        self.untold: list[str] = []
        self.told: list[str] = []

    def say(self, which: int, messages: int) -> None:
        ids = self.world.talk(self.conversations[which], PEERS[which], messages)
        self.untold += ids

    def do(self, step: str, which: float, number: int) -> None:
        which = int(which) if step != "wait" else which
        match step:
            case "say":
                self.say(int(which), number)
            case "wait":
                if which >= 25:
                    self.world.late.late.clear()  # an index is not late for so long
                self.world.clock.advance(which)
            case "slow":  # it has its time, and is stored so much later
                self.world.clock.advance(-number)
                self.say(int(which), 1)
                self.world.clock.advance(number)
            case "step":
                self.reader.step()
            case "tell" | "tell again":
                self.tell(self.told if step == "tell again" else self.untold, int(which), number)
            case "cut":
                self.cut(int(which), number)
            case "reconnect":
                self.reader.connect()
            case "behind":
                self.told += self.untold[: int(which)]
                del self.untold[: int(which)]
                self.reader.inbox.fell_behind()
            case "hide":
                self.say(int(which), 1)
                self.world.late.late.add(self.untold[-1])
            case "show":
                self.world.late.late.clear()

    def tell(self, ids: list[str], how_many: int, order: int, cut: int | None = None) -> None:
        """Some of them, in some order."""
        some = ids[:how_many]
        if ids is self.untold:
            del self.untold[:how_many]
            self.told += some
        random.Random(order).shuffle(some)
        self.reader.take(*(self.world.accepted(i) for i in some), cut_after=cut)

    def cut(self, after: int, order: int) -> None:
        """The line breaks within what was to be written."""
        if order % 2:
            self.reader.step(cut_after=after)
            self.reader.connect()
        else:
            # What was not told on one line is told on none: the next begins later.
            self.tell(self.untold, 6, order, cut=after)
            self.reader.connect()

    def end(self) -> None:
        """Soon: the look at everything that comes every quarter of an hour finds nothing more."""
        self.world.late.late.clear()
        self.tell(self.untold, len(self.untold), order=0)
        for _ in range(20):
            self.world.clock.advance(8)
            self.reader.settle()


def play(steps: list[tuple[str, float, int]]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("chat4all.realtime.thread.NEWEST", 3)
        played = Play()
        for step in steps:
            played.do(*step)
        played.end()
    there = {c: seqs for c in played.conversations if (seqs := played.world.seqs(c))}
    return dict(played.reader.got), there


@given(st.lists(st.one_of(*ANY), max_size=40))
@settings(max_examples=200, deadline=None)
def test_every_message_comes_once_and_in_order(steps: list[tuple[str, float, int]]) -> None:
    got, there = play(steps)

    assert got == there


@given(st.lists(st.one_of(*ANY, hidden, shown), max_size=40))
@settings(max_examples=200, deadline=None)
def test_and_when_the_index_is_late(steps: list[tuple[str, float, int]]) -> None:
    got, there = play(steps)

    assert got == there


@given(st.lists(st.one_of(*ANY), max_size=40))
@settings(max_examples=200, deadline=None)
def test_and_when_a_cursor_has_room_for_few(steps: list[tuple[str, float, int]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("chat4all.realtime.sync_page.BEYOND", 1)
        patched.setattr("chat4all.realtime.syncing.BEYOND", 1)
        patched.setattr("chat4all.realtime.syncing.MAX_POSITIONS", 3)
        got, there = play(steps)

    assert got == there


@given(st.lists(st.one_of(*ANY, hidden, shown), max_size=40))
@settings(max_examples=100, deadline=None)
def test_and_when_steps_are_small(steps: list[tuple[str, float, int]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("chat4all.streaming.inbox.AT_ONCE", 2)
        got, there = play(steps)

    assert got == there
