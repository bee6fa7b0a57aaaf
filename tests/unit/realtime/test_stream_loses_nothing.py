"""What a stream of messages does when what it needs is late, down, or more than it can take."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from inbox_harness import happened
from realtime_harness import RealtimeWorld
from stream_harness import Checked, Streamed

from chat4all.caller import Caller
from chat4all.errors import Unauthenticated, Unavailable
from chat4all.streaming.errors import Draining, user_gone
from grpc_front.streams.acting import Acting
from grpc_front.streams.listeners import Listening
from grpc_front.streams.live import Live

pytestmark = pytest.mark.req("RF-008")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("live.BUSY_S", "live.IDLE_S", "live.AFTER_FAILURE_S", "messages.AFTER_FAILURE_S"):
        monkeypatch.setattr(f"grpc_front.streams.{name}", 0.01)
    for name in ("opened", "answers"):  # the harness has its own
        monkeypatch.setattr(Acting, name, getattr(Acting, name))
    monkeypatch.setattr("grpc_front.streams.acting.must_be_there", lambda *_: None)


def play(world: RealtimeWorld, scene: Callable[[Streamed], Awaitable[None]]) -> Streamed:
    async def played() -> Streamed:
        stream = Streamed(world)
        stream.begin()
        try:
            await scene(stream)
        finally:
            await stream.end()
        return stream

    return asyncio.run(played())


class Down:
    """In the place of a method: it fails for as long as told, and counts."""

    def __init__(self, real: Callable[..., Any], times: int) -> None:
        self.real, self.left, self.failed = real, times, 0

    def __call__(self, *args: Any, **more: Any) -> Any:
        if self.left > 0:
            self.left -= 1
            self.failed += 1
            raise Unavailable("down")
        return self.real(*args, **more)


def test_whom_a_page_concerns_is_asked_until_it_is_known(
    world: RealtimeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = world.conversation("ana", "bo")
    read = happened(world, "message.read", **{"from": "ana", "conversation_id": conversation})

    async def scene(stream: Streamed) -> None:
        await stream.caught_up()
        said = map(world.accepted, world.talk(conversation, "bo", 2))
        down = Down(world.conversation_store.get, 3)
        monkeypatch.setattr(world.conversation_store, "get", down)
        stream.log.append([*said, read])
        await stream.until(lambda: stream.frames[-1].event.id == read["id"])
        assert down.failed == 3

    assert play(world, scene).seqs == [1, 2]


def test_and_if_that_takes_too_long_what_was_said_comes_from_the_store(
    world: RealtimeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grpc_front.streams.live.MOST_UNASKED", 0)
    conversation = world.conversation("ana", "bo")

    async def scene(stream: Streamed) -> None:
        await stream.caught_up()
        stream.happens(conversation, 2)
        await stream.caught_up(2)

    assert play(world, scene).seqs == [1, 2]


def test_who_was_erased_meanwhile_hears_nothing_more(
    world: RealtimeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grpc_front.streams.live.MOST_UNASKED", 0)
    conversation = world.conversation("ana", "bo")

    def gone(caller: Caller, *_: str) -> None:
        raise user_gone(caller)

    async def scene(stream: Streamed) -> None:
        await stream.caught_up()
        monkeypatch.setattr("grpc_front.streams.acting.must_be_there", gone)
        stream.happens(conversation)
        with pytest.raises(Unauthenticated, match="no such user"):
            await stream.caught_up(2)

    assert play(world, scene).seqs == []


def test_who_did_not_take_what_came_gets_it_from_the_store(
    world: RealtimeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grpc_front.streams.listeners.MOST_PAGES", 2)
    conversation = world.conversation("ana", "bo")

    async def scene(stream: Streamed) -> None:
        await stream.caught_up()
        stream.reads.clear()
        with counted(monkeypatch) as lost:
            stream.happens(conversation)
            while not lost:
                stream.happens(conversation)
                await asyncio.sleep(0.03)
        world.clock.advance(30)  # it is not recent any more
        await asyncio.sleep(0.1)
        stream.reads.set()
        await stream.caught_up(2)

    stream = play(world, scene)

    assert stream.seqs == world.seqs(stream.frames[-2].event.message_accepted.conversation_id)


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    lost: list[Any] = []
    real = Listening.lose
    with monkeypatch.context() as patched:
        patched.setattr(Listening, "lose", lambda one: (lost.append(one), real(one)))
        yield lost


def test_it_listens_before_it_reads(world: RealtimeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = world.conversation("ana", "bo")
    listen_for = Live.listen_for

    def late(live: Live, user_id: str) -> Any:
        world.talk(conversation, "bo")
        world.clock.advance(20)  # so no page is recent that tells of it
        return listen_for(live, user_id)

    monkeypatch.setattr(Live, "listen_for", late)

    async def scene(stream: Streamed) -> None:
        await stream.caught_up()

    assert play(world, scene).seqs == [1]


def test_a_store_that_is_down_is_asked_again(
    world: RealtimeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = world.conversation("ana", "bo")
    world.talk(conversation, "bo", 2)
    down = Down(world.conversation_store.active_since, 3)
    monkeypatch.setattr(world.conversation_store, "active_since", down)

    async def scene(stream: Streamed) -> None:
        await stream.caught_up()

    assert play(world, scene).seqs == [1, 2]
    assert down.failed == 3


def test_nothing_is_taken_amid_a_round(
    world: RealtimeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index is late, and the cursor has no room for that: the round waits where it is."""
    monkeypatch.setattr("chat4all.realtime.syncing.MAX_POSITIONS", 1)
    conversation = world.conversation("ana", "bo")
    world.talk(conversation, "bo")
    [hidden] = world.talk(conversation, "bo")
    world.late.late.add(hidden)
    waits: list[bool] = []
    wait = Checked.wait
    monkeypatch.setattr(
        Checked, "wait", lambda one: (waits.append(one.under_way and wait(one) > 0), wait(one))[1]
    )

    async def scene(stream: Streamed) -> None:
        await stream.until(lambda: any(waits))
        stream.happens(conversation)
        await asyncio.sleep(0.2)
        world.late.late.clear()
        while stream.seqs[-1:] != [3]:
            world.clock.advance(0.5)
            await asyncio.sleep(0.02)

    assert play(world, scene).seqs == [1, 2, 3]


def test_what_is_being_written_is_written_before_it_ends(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")

    async def scene(stream: Streamed) -> None:
        await stream.caught_up()
        stream.reads.clear()
        stream.happens(conversation)
        await asyncio.sleep(0.1)
        stream.draining.set()
        await asyncio.sleep(0.05)
        stream.reads.set()
        with pytest.raises(Draining) as ended:
            await stream.task
        assert ended.value.extra["cursor"] == stream.frames[-1].cursor

    assert play(world, scene).seqs == [1]


def test_who_talks_with_others_wakes_nobody_else(
    world: RealtimeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = world.conversation("bo", "cy")

    async def scene(stream: Streamed) -> None:
        await stream.caught_up()
        woken: list[Any] = []
        monkeypatch.setattr(Listening, "wake", lambda one: woken.append(one))
        stream.happens(others, 3)
        await stream.until(lambda: stream.live._concerned)
        assert not woken

    play(world, scene)
