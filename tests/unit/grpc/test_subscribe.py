"""Events.Subscribe over a real connection: each event once, as it happens, to any number of
clients, of which some do not read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import grpc
import pytest

from chat4all.errors import Unavailable
from chat4all.events import cursor
from chat4all.streaming import tail
from grpc_front.streams import listeners, live, places, subscribe, writing
from tests.builders import an_id, as_user
from tests.support.subscribed import Happening, Instance, Subscriber, serving

pytestmark = pytest.mark.req("RF-008")


@pytest.fixture
def happening() -> Happening:
    return Happening()


@pytest.fixture
def instance(happening: Happening) -> Iterator[Instance]:
    with serving(happening) as started:
        yield started


def begun(subscriber: Subscriber) -> Subscriber:
    """Its place in the log is taken: what happens from now on comes."""
    assert subscriber.read() == [] and subscriber.end is None
    return subscriber


def test_events_come_at_once(happening: Happening, instance: Instance) -> None:
    subscriber = begun(instance.subscribe())

    ids = happening.happen(3)
    began = time.monotonic()
    subscriber.until(3)

    assert subscriber.ids == ids
    assert time.monotonic() - began < 2


def test_the_past_comes_first_and_then_the_present(
    happening: Happening, instance: Instance
) -> None:
    past = happening.happen(120)
    subscriber = begun(instance.subscribe(since={"seconds": 1}))

    subscriber.until(120)
    present = happening.happen(30)
    subscriber.until(150)

    assert subscriber.ids == [*past, *present]


def test_whoever_comes_again_anywhere_gets_what_came_since(
    happening: Happening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribe, "HEARTBEAT_S", 0.1)
    with serving(happening) as one, serving(happening) as another:
        last_cursor = begun(one.subscribe()).cursor
        ids: list[str] = []
        for turn in range(12):
            happening.happen(15)
            subscriber = (one, another)[turn % 2].subscribe(cursor=last_cursor)
            subscriber.read(1 + turn % 3)
            subscriber.call.cancel()
            last_cursor = subscriber.cursor
            ids += subscriber.ids
        last = one.subscribe(cursor=last_cursor)
        last.until(len(happening.all) - len(ids))

        assert [*ids, *last.ids] == happening.all


def test_types_and_a_conversation_choose(happening: Happening, instance: Instance) -> None:
    of_users = begun(instance.subscribe(types=["user.erased"]))
    of_another = begun(instance.subscribe(conversation_id=an_id(1)))

    happening.happen(3)
    erased = happening.happen(2, "user.erased")

    assert of_users.until(2) == erased
    of_another.call.cancel()
    assert of_another.ids == []


@pytest.mark.parametrize(
    "asked, reason",
    [
        ({"cursor": "x"}, "bad_cursor"),
        ({"types": ["typing"]}, "unknown_event_type"),
        ({"conversation_id": "x"}, "invalid_request"),
        ({"since": {"seconds": 10**15}}, "invalid_request"),
    ],
)
def test_what_means_nothing_is_refused(
    instance: Instance, asked: dict[str, object], reason: str
) -> None:
    subscriber = instance.subscribe(**asked)

    subscriber.read()

    assert subscriber.end is not None
    assert (subscriber.end.code, subscriber.end.reason) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        reason,
    )


def test_events_of_everybody_are_for_services(instance: Instance) -> None:
    instance.caller = as_user("ana")
    subscriber = instance.subscribe()

    subscriber.read()

    assert subscriber.end is not None
    assert subscriber.end.reason == "service_only"


def test_a_stream_ends_with_its_token_and_tells_where_to_go_on(
    happening: Happening, instance: Instance
) -> None:
    instance.seconds = 2
    subscriber = begun(instance.subscribe())
    happening.happen(2)
    subscriber.read(99)
    instance.seconds = 900
    again = begun(instance.subscribe(cursor=ending_cursor(subscriber)))
    happening.happen(1)

    assert subscriber.end is not None
    assert (subscriber.end.code, subscriber.end.reason) == (
        grpc.StatusCode.UNAUTHENTICATED,
        "invalid_token",
    )
    assert [*subscriber.ids, *again.until(1)] == happening.all


def ending_cursor(subscriber: Subscriber) -> str:
    assert subscriber.end is not None
    told = str(subscriber.end.details["ErrorInfo"].metadata["cursor"])
    assert told == subscriber.cursor
    return told


def test_a_server_that_stops_ends_its_streams_soon_and_takes_no_new_ones(
    happening: Happening, instance: Instance
) -> None:
    subscriber = begun(instance.subscribe())
    began = time.monotonic()
    instance.run(instance.streams.drain())
    took = time.monotonic() - began
    subscriber.read()
    late = instance.subscribe()
    late.read()

    assert took < 1
    assert subscriber.end is not None and late.end is not None
    assert (subscriber.end.code, subscriber.end.reason) == (
        grpc.StatusCode.UNAVAILABLE,
        "draining",
    )
    assert ending_cursor(subscriber)
    assert late.end.reason == "draining"


def test_a_quiet_stream_gets_newer_cursors(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribe, "HEARTBEAT_S", 0.2)
    subscriber = begun(instance.subscribe(since={"seconds": 1}))
    first = subscriber.cursor

    subscriber.read(10)

    assert subscriber.ids == []
    assert subscriber.cursor != first


def test_a_client_that_does_not_read_is_cut_off_and_loses_nothing(
    happening: Happening, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "SLOWEST_S", 1.0)
    happening.happen(1000, size=20_000)
    lazy = begun(instance.subscribe(since={"seconds": 1}))
    time.sleep(2)

    lazy.read(999)
    again = instance.subscribe(cursor=ending_cursor(lazy))
    again.until(1000 - len(lazy.ids))

    assert lazy.end is not None
    assert (lazy.end.code, lazy.end.reason) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "slow_reader",
    )
    assert 0 < len(lazy.ids) < 1000, "the rest waited in the log"
    assert [*lazy.ids, *again.ids] == happening.all


def test_who_reads_slowly_goes_back_to_the_log_and_holds_up_nobody(
    happening: Happening, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "MOST_PAGES", 8)
    slow, quick = begun(instance.subscribe()), begun(instance.subscribe())
    for _ in range(40):
        happening.happen(10, size=20_000)
        quick.until(len(happening.all))
    slow.until(400)

    assert quick.ids == happening.all
    assert sorted(slow.ids) == sorted(happening.all)


def test_what_a_cursor_has_no_room_for_comes_when_it_is_settled(
    happening: Happening, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cursor, "MAX_BEYOND", 2)
    monkeypatch.setattr(tail, "READ_BEHIND_MS", 1_000)
    monkeypatch.setattr(tail, "SETTLE_MS", 100)
    subscriber = begun(instance.subscribe())

    happening.happen(100)
    first = subscriber.read()
    subscriber.until(100)

    assert first == happening.all[:20], "two pages"
    assert subscriber.ids == happening.all


def test_a_caller_may_have_so_many(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "OF_A_CALLER", 2)
    first, second = begun(instance.subscribe()), begun(instance.subscribe())
    third = instance.subscribe()
    third.read()
    instance.caller = replace(instance.caller, subject="c4a_another")
    begun(instance.subscribe())
    first.call.cancel()
    second.call.cancel()
    instance.caller = replace(instance.caller, subject="c4a_service")
    time.sleep(0.3)

    begun(instance.subscribe())

    assert third.end is not None
    assert third.end.reason == "too_many_streams"


def test_the_end_is_looked_for_after_each_response() -> None:
    """What came at once may be much, for a client that takes long for each."""
    written: list[object] = []

    class Of:
        def must_go_on(self, expires_at: int, cursor: str) -> None:
            if written:
                raise Unavailable(cursor)

        def encoded(self, cursor: object) -> str:
            return "here"

    class Context:
        async def write(self, response: object) -> None:
            written.append(response)

    one = subscribe.Subscription(Of(), SimpleNamespace(cursor=None), 0, Context())

    with pytest.raises(Unavailable):
        asyncio.run(one._tell([[], [], []]))

    assert len(written) == 1


def test_a_server_has_room_for_so_many(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "IN_ALL", 1)
    first = begun(instance.subscribe())
    second = instance.subscribe()

    second.read()

    assert first.end is None
    assert second.end is not None
    assert second.end.code is grpc.StatusCode.UNAVAILABLE


def test_a_log_that_is_down_for_a_while_is_waited_for(
    happening: Happening, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "AFTER_FAILURE_S", 0.1)
    subscriber = begun(instance.subscribe())
    poll, failures = instance.tail.poll, iter(range(5))

    def failing() -> object:
        if next(failures, None) is None:
            return poll()
        raise Unavailable("the table")

    instance.tail.poll = failing
    ids = happening.happen(2)

    assert subscriber.until(2) == ids


def test_nobody_polls_for_nobody(happening: Happening, instance: Instance) -> None:
    begun(instance.subscribe()).call.cancel()
    time.sleep(1)
    polls = []
    instance.tail.poll = lambda: polls.append(1) or []

    time.sleep(0.5)

    assert polls == []


def test_a_bug_in_the_log_ends_the_streams(happening: Happening, instance: Instance) -> None:
    subscriber = begun(instance.subscribe())
    instance.tail.poll = lambda: 1 // 0

    subscriber.read()
    del instance.tail.poll
    again = begun(instance.subscribe(cursor=subscriber.cursor))
    ids = happening.happen(1)

    assert subscriber.end is not None
    assert subscriber.end.code is grpc.StatusCode.INTERNAL
    assert again.until(1) == ids
