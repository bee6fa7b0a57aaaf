"""Who follows the log up to now, over any number of connections to any instance, gets each event
once: pages show late and not in order, clocks differ, clients go away in the midst of a page."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat4all.adapters.memory import FakeClock, MemoryStore
from chat4all.events import Event
from chat4all.events.cursor import LogCursor
from chat4all.events.reading import EventReading
from chat4all.ports.events import Page, Position, Wanted
from chat4all.streaming.follower import Follower
from chat4all.streaming.tail import Tail
from grpc_front.streams.listeners import Behind, Listener
from grpc_front.streams.live import Live
from tests.builders import CURSORS, NOW, SERVICE
from tests.support.late_log import LateLog, Skewed

pytestmark = pytest.mark.req("RF-008")
SKEW = 1_000
"""Two clocks differ by two seconds at the most."""
SLOWEST = 3_000
"""A write that took longer did not count."""

MAX_BEYOND = 2


@contextmanager
def small_limits() -> Iterator[None]:
    """So that a short schedule reaches all of them."""
    limits = {
        "chat4all.streaming.follower.AT_ONCE": 2,
        "chat4all.events.cursor.MAX_BEYOND": MAX_BEYOND,
        "chat4all.events.cursor.MAX_LATER": 10_000,
        "chat4all.streaming.tail.MOST_PAGES": 3,
        "grpc_front.streams.listeners.MOST_PAGES": 4,
        "chat4all.events.log_pages.READ_PAGES": 2,
    }
    with ExitStack() as stack:
        for name, value in limits.items():
            stack.enter_context(patch(name, value))
        yield


class Instance:
    """A server's view of the log."""

    def __init__(self, log: LateLog, world: FakeClock, skew: int = 0) -> None:
        self.tail = Tail(log, Skewed(world, skew))
        self.live = Live(self.tail, MemoryStore(), ThreadPoolExecutor(1))

    def poll(self) -> None:
        self.live.give(self.tail.poll())

    def listen(self) -> Listener:
        live = self.live
        listener = Listener(lambda: live.recent.values(), lambda: live.settled)
        live._listeners = {*live._listeners, listener}
        return listener


class Subscriber:
    """A client, and what the server does for it. It keeps the last cursor that came."""

    def __init__(self, log: LateLog, wanted: Wanted | None = None) -> None:
        self._log = log
        self._wanted = wanted
        self.got: list[int] = []
        self.cursor = LogCursor(Position("0" * 13)).encoded(CURSORS)

    def connect(self, instance: Instance) -> None:
        self._listener = instance.listen()
        begin = LogCursor.decoded(CURSORS, self.cursor)
        self._follower = Follower(self._log, begin, self._wanted)
        self._stream = self._responses()

    def run(self, responses: int) -> bool:
        """Let the server go on for so many responses at the most; whether there are no more."""
        return any(next(self._stream) == "nothing" for _ in range(responses))

    def _responses(self) -> Iterator[str]:
        """As `Subscription` does it, without waiting."""
        while True:
            more = True
            while more:
                found, more = self._follower.read(self._listener.since)
                yield from self._tell(found)
            try:
                while not self._follower.full:
                    for batch in self._follower.take(self._listener.taken()):
                        yield from self._tell(batch)
                    self._follower.settle(self._listener.settled)
                    self._keep()
                    if not self._follower.full:
                        yield "nothing"
                self._listener.rejoin()
                yield "nothing"
            except Behind:
                continue

    def _tell(self, events: list[Event]) -> Iterator[str]:
        self.got += [event["data"]["number"] for event in events]
        self._keep()
        yield "a response"

    def _keep(self) -> None:
        self.cursor = self._follower.cursor.encoded(CURSORS)


def some_events(start: int, number: int) -> list[Event]:
    return [{"id": str(n), "data": {"number": n}} for n in range(start, start + number)]


skews = st.integers(-SKEW, SKEW)
waits = st.tuples(st.just("wait"), st.sampled_from([1, 50, 100, 500, 1000, 6000]))
late = st.integers(0, SLOWEST)
how = st.tuples(skews | st.just(0), late | st.just(0), st.integers(0, 7000) | st.just(0))
writes = st.tuples(st.just("write"), st.lists(st.integers(1, 5), min_size=1, max_size=6), how)
polls = st.tuples(st.just("poll"), st.integers(0, 1))
reads = st.tuples(st.just("read"), st.integers(1, 9))
moves = st.tuples(st.just("move"), st.integers(0, 1))
steps = st.one_of(waits, writes, polls, polls, reads, reads, moves)


@settings(max_examples=300, deadline=None)
@given(st.lists(steps, min_size=10, max_size=80), skews, skews)
def test_each_event_comes_once_whatever_happens(
    schedule: list[tuple[Any, ...]], skew_one: int, skew_two: int
) -> None:
    world, written = FakeClock(NOW), 0
    log = LateLog(world)
    instances = [Instance(log, world, skew) for skew in (skew_one, skew_two)]
    subscriber = Subscriber(log)
    with small_limits():
        subscriber.connect(instances[0])

        for what, value, *how in schedule:
            if what == "wait":
                world.advance(value / 1000)
            elif what == "write":
                for number in value:  # pages at once
                    log.write(some_events(written, number), *how[0])
                    written += number
            elif what == "poll":
                instances[value].poll()
            elif what == "read":
                subscriber.run(value)
            else:
                subscriber.connect(instances[value])
        drained(subscriber, instances, world)

    assert sorted(subscriber.got) == list(range(written))


def drained(subscriber: Subscriber, instances: list[Instance], world: FakeClock) -> None:
    for _ in range(40):
        world.advance(2)
        for instance in instances:
            instance.poll()
        while not subscriber.run(3):
            pass


def test_the_log_read_page_by_page_goes_on_where_a_stream_ended_and_back() -> None:
    world = FakeClock(NOW)
    log = LateLog(world)
    instance, subscriber = Instance(log, world), Subscriber(log)
    reading = EventReading(log, world, CURSORS)
    subscriber.connect(instance)
    log.write(some_events(0, 3))
    world.advance(0.1)
    late = log.write(some_events(3, 2), skew=-80, takes=100)
    instance.poll()
    subscriber.run(9)
    world.advance(10)

    listed = reading.page(SERVICE, after=subscriber.cursor, limit=50)
    log.write(some_events(5, 1))
    subscriber.cursor = listed.cursor
    subscriber.connect(instance)
    instance.poll()
    subscriber.run(9)

    assert listed.events == late.events
    assert subscriber.got == [0, 1, 2, 5]


def test_events_come_as_soon_as_they_show_and_not_five_seconds_later() -> None:
    world = FakeClock(NOW)
    log = LateLog(world)
    instance, subscriber = Instance(log, world), Subscriber(log)
    subscriber.connect(instance)

    log.write(some_events(0, 2))
    instance.poll()
    subscriber.run(9)

    assert subscriber.got == [0, 1]


def test_a_filter_is_that_of_the_log() -> None:
    world = FakeClock(NOW)
    log = LateLog(world)
    even = Subscriber(log, lambda event: event["data"]["number"] % 2 == 0)
    instance = Instance(log, world)
    log.write(some_events(0, 150))
    world.advance(20)
    even.connect(instance)
    log.write(some_events(150, 150))
    instance.poll()

    even.run(99)

    assert even.got == list(range(0, 300, 2))


def test_a_subscriber_that_slept_is_sent_back_to_the_log() -> None:
    world = FakeClock(NOW)
    log = LateLog(world)
    instance, subscriber = Instance(log, world), Subscriber(log)
    with small_limits():
        subscriber.connect(instance)
        for number in range(20):
            log.write(some_events(number, 1))
            instance.poll()
            world.advance(1)

        drained(subscriber, [instance], world)

    assert sorted(subscriber.got) == list(range(20))


def test_a_page_that_the_cursor_has_no_room_for_comes_later() -> None:
    """Of a client that took a minute for what came before: the page is in the log."""
    world = FakeClock(NOW)
    log = LateLog(world)
    instance, subscriber = Instance(log, world), Subscriber(log)
    subscriber.connect(instance)
    instance.poll()
    subscriber.run(1)
    log.write(some_events(0, 1))
    instance.poll()
    world.advance(70)
    log.write(some_events(1, 1))
    instance.poll()

    subscriber.run(9)
    at_once = list(subscriber.got)
    drained(subscriber, [instance], world)

    assert at_once == [0]
    assert subscriber.got == [0, 1]


comes = st.tuples(st.sets(st.integers(0, 5), min_size=1), st.integers(0, 4))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=6, max_size=6), st.lists(comes, max_size=8))
def test_whatever_pages_come_before_a_cut_and_after_it(
    sizes: list[int], turns: list[tuple[set[int], int]]
) -> None:
    """On each connection some, of which the client gets some responses."""
    world = FakeClock(NOW)
    log, got, pages = LateLog(world), list[int](), list[Page]()
    for size in sizes:
        world.advance(0.005)
        pages.append(log.write(some_events(sum(sizes[: len(pages)]), size)))
    cursor = LogCursor(Position(f"{NOW:013d}"))
    with small_limits():
        for which, responses in turns:
            follower = Follower(log, cursor, None)
            for batch in islice(follower.take([pages[i] for i in sorted(which)]), responses):
                got += [event["data"]["number"] for event in batch]
                cursor = follower.cursor

        follower, more = Follower(log, cursor, None), True
        while more:
            found, more = follower.read(world.now() + 1)
            got += [event["data"]["number"] for event in found]

    assert sorted(got) == list(range(sum(sizes)))


def test_the_other_half_of_a_page_comes_when_there_is_no_room_for_an_earlier_one() -> None:
    world = FakeClock(NOW)
    log = LateLog(world)
    one, two = Instance(log, world), Instance(log, world)
    subscriber = Subscriber(log)
    with small_limits(), patch("chat4all.streaming.tail.MOST_PAGES", 99):
        subscriber.connect(one)
        for number in range(MAX_BEYOND - 1):
            log.write(some_events(number, 1))
            world.advance(0.005)
        log.write([*some_events(9, 1)], takes=50)  # it shows later
        world.advance(0.005)
        log.write(some_events(MAX_BEYOND - 1, 9 - MAX_BEYOND + 1))
        one.poll()
        subscriber.run(2)
        cut = len(subscriber.got)

        world.advance(0.1)
        two.poll()
        subscriber.connect(two)
        drained(subscriber, [one, two], world)

    assert MAX_BEYOND <= cut < 9
    assert sorted(subscriber.got) == list(range(10))
