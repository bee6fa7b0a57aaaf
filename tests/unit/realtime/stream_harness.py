"""A stream of messages over a log and a store in memory: only the line and the time are made up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from realtime_harness import RealtimeWorld

from chat4all.access.tokens import Verified
from chat4all.adapters.memory.event_log import MemoryEventLog
from chat4all.realtime.sync_cursor import SyncCursor
from chat4all.streaming.inbox import Inbox
from chat4all.streaming.tail import Tail
from grpc_front.generated.chat4all.v1 import messages_pb2
from grpc_front.streams.acting import Acting
from grpc_front.streams.live import Live
from grpc_front.streams.messages import Streaming
from tests.builders import CURSORS, as_user

SECONDS = 5.0


class Streamed:
    """Ana's stream, from its start to `end`. The world's time stands still unless told."""

    def __init__(self, world: RealtimeWorld) -> None:
        self.world = world
        self.log = MemoryEventLog(world.clock)
        self.frames: list[Any] = []
        self.reads = asyncio.Event()
        """The client takes what is written."""
        self.reads.set()
        self.draining = asyncio.Event()
        self._pool = ThreadPoolExecutor(4)
        self.live = Live(Tail(self.log, world.clock), world.conversation_store, self._pool)
        self._streaming = Streaming(world.clock, lambda: self.live, self._pool, self.draining)

    async def write(self, response: Any) -> None:
        await self.reads.wait()
        self.frames.append(response)

    async def _requests(self) -> AsyncIterator[Any]:
        yield messages_pb2.MessagesStreamRequest(start=messages_pb2.StreamStart())
        await asyncio.Event().wait()

    def begin(self) -> asyncio.Task[None]:
        """Like the bootstrap's, over this world."""
        world = self.world
        parts = (world.syncing, world.message_store, CURSORS, world.clock)

        def answers(acting: Acting, _: Any) -> list[Any]:
            acting.inbox = Checked(acting.caller, "ana", SyncCursor(), *parts)
            return []

        Acting.opened, Acting.answers = lambda _: None, answers  # type: ignore[method-assign]
        verified = Verified(as_user("ana"), world.clock.now() // 1000 + 10**6)
        self.task = asyncio.create_task(self._streaming.run(verified, self._requests(), self))
        return self.task

    def happens(self, conversation_id: str, messages: int = 1) -> None:
        ids = self.world.talk(conversation_id, "bo", messages)
        self.log.append([self.world.accepted(i) for i in ids])

    async def until(self, there: Callable[[], Any]) -> None:
        async with asyncio.timeout(SECONDS):
            while not there():
                if self.task.done():
                    self.task.result()
                await asyncio.sleep(0.005)

    async def caught_up(self, times: int = 1) -> None:
        await self.until(
            lambda: [f.WhichOneof("frame") for f in self.frames].count("caught_up") >= times
        )

    @property
    def seqs(self) -> list[int]:
        return [
            f.event.message_accepted.seq
            for f in self.frames
            if f.HasField("event") and f.event.HasField("message_accepted")
        ]

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        self.live.close()
        self._pool.shutdown()


class Checked(Inbox):
    def take(self, events: Any) -> Any:
        assert not self.under_way
        return super().take(events)
