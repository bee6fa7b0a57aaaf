"""One stream by itself: how much of it is read ahead, and what is still answered at its end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chat4all.access.tokens import Verified
from chat4all.adapters.memory import FakeClock
from chat4all.streaming.errors import Draining
from grpc_front.generated.chat4all.v1 import messages_pb2
from grpc_front.streams.acting import Acting
from grpc_front.streams.messages import MOST_WAITING, Streaming
from tests.builders import as_user

pytestmark = pytest.mark.req("RF-008")
Request, Response = messages_pb2.MessagesStreamRequest, messages_pb2.MessagesStreamResponse


class Line:
    """A client that has so much to say, and what it heard."""

    def __init__(self, frames: int, action: str, words: str = "") -> None:
        self.frames, self.action, self.words = frames, action, words
        self.read = 0
        self.heard: list[str] = []

    async def requests(self) -> AsyncIterator[Any]:
        for number in range(self.frames):
            self.read += 1
            request = Request(request_id=str(number))
            getattr(request, self.action).SetInParent()
            if self.words:
                request.send.payload.text.text = self.words
            yield request

    async def write(self, response: Any) -> None:
        self.heard.append(response.request_id)


class Answering:
    """In the place of what acts: it waits until it is told, and notes what it was given."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.go_on = threading.Event()
        self.begun = threading.Event()
        self.runs: list[int] = []
        patch.setattr(Acting, "opened", lambda _: None)
        patch.setattr(Acting, "answers", lambda _, run: self._answers(run))

    def _answers(self, run: Sequence[Any]) -> list[Any]:
        self.begun.set()
        assert self.go_on.wait(5)
        self.runs.append(len(run))
        return [Response(request_id=r.request_id) for r in run]


def stream(line: Line, draining: asyncio.Event, pool: ThreadPoolExecutor) -> asyncio.Task[None]:
    clock = FakeClock()
    verified = Verified(as_user("ana"), clock.now() // 1000 + 900)
    streaming = Streaming(clock, lambda: pytest.fail("it was not started"), pool, draining)
    return asyncio.create_task(streaming.run(verified, line.requests(), line))


def test_no_more_is_read_than_may_wait_and_messages_are_accepted_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line, answering = Line(500, "send"), Answering(monkeypatch)

    async def talk() -> int:
        with ThreadPoolExecutor(1) as pool:
            running = stream(line, asyncio.Event(), pool)
            await asyncio.to_thread(answering.begun.wait, 5)
            await asyncio.sleep(0.1)
            read = line.read
            answering.go_on.set()
            await running
            return read

    read = asyncio.run(talk())

    assert MOST_WAITING <= read <= MOST_WAITING + 26
    assert line.heard == [str(n) for n in range(500)]
    assert max(answering.runs) == 25


@pytest.mark.parametrize("size, ahead", [(100_000, 5), (1_000_000, 1)])
def test_no_more_bytes_are_read_than_may_wait_but_any_frame_passes(
    monkeypatch: pytest.MonkeyPatch, size: int, ahead: int
) -> None:
    line, answering = Line(20, "send", "x" * size), Answering(monkeypatch)

    async def talk() -> int:
        with ThreadPoolExecutor(1) as pool:
            running = stream(line, asyncio.Event(), pool)
            await asyncio.to_thread(answering.begun.wait, 5)
            await asyncio.sleep(0.1)
            read = line.read
            answering.go_on.set()
            await running
            return read

    read = asyncio.run(talk())

    # Those that are dealt with, as many as waited; those that wait; and the one that cannot yet.
    assert ahead < read <= 2 * ahead + 1
    assert line.heard == [str(n) for n in range(20)]


def test_what_is_being_done_is_answered_before_the_process_goes_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line, answering = Line(3, "ack"), Answering(monkeypatch)

    async def talk() -> None:
        draining = asyncio.Event()
        with ThreadPoolExecutor(1) as pool:
            running = stream(line, draining, pool)
            await asyncio.to_thread(answering.begun.wait, 5)
            draining.set()
            await asyncio.sleep(0.1)
            answering.go_on.set()
            await running

    with pytest.raises(Draining):
        asyncio.run(talk())

    assert line.heard == ["0"]
