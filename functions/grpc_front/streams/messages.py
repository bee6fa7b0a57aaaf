"""Messages.Stream: one line for both directions.

    reading ─▶ 100 frames ─▶ working ─▶ answers ─┐
                                                 ├─▶ the client, one frame after the other
    live ─────────────────▶ pushing ─▶ events ───┘

Neither side waits for the other, but for the line itself: when the client does not read, nothing
more is done for it; when it sends too fast, no more is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from chat4all.access.tokens import Verified
from chat4all.api.views.sync import StatusOut
from chat4all.errors import Unavailable
from chat4all.events.types import USER_ERASED, Event
from chat4all.observability import logger, without_data
from chat4all.ports import Clock
from chat4all.streaming.errors import Draining, token_over, user_gone
from chat4all.streaming.frames import Pushed
from chat4all.streaming.inbox import Inbox
from grpc_front.converting import to_event, to_message
from grpc_front.generated.chat4all.v1 import messages_pb2
from grpc_front.pool import blocking
from grpc_front.streams.acting import MAX_RUN, Acting, Response
from grpc_front.streams.listeners import Behind, Listening
from grpc_front.streams.live import Live
from grpc_front.streams.waiting import Waiting
from grpc_front.streams.writing import write

MOST_WAITING = 100
"""Frames of a client that were read and not dealt with. Then gRPC's flow control stops it."""
MOST_WAITING_BYTES = 512 * 1024
"""Of all of them together."""
AT_ONCE = 16
"""Streams that read what they missed. There are more threads: calls never wait behind all of
them."""
LONGEST_WAIT_S = 60.0
AFTER_FAILURE_S = 1.0
ENDING_S = 1.0
"""So long the end of a stream waits for the answer to what is being done."""


class Streaming:
    """What all streams of a process have in common."""

    def __init__(
        self,
        clock: Clock,
        live: Callable[[], Live],
        pool: ThreadPoolExecutor,
        draining: asyncio.Event,
    ) -> None:
        """`live` is called for a stream that is started: others need no log."""
        self.clock = clock
        self.live = live
        self.pool = pool
        self.draining = draining
        self._reading = asyncio.Semaphore(AT_ONCE)

    async def read(self, function: Callable[..., list[Pushed]], *args: Any) -> list[Pushed]:
        """Run what looks up what is to be pushed, in its turn."""
        async with self._reading:
            return await blocking(self.pool, function, *args)

    async def run(self, verified: Verified, requests: AsyncIterator[Any], context: Any) -> None:
        """Until the client has said all and waits for nothing more, or something ends it.

        Raises:
            Unauthenticated, Draining, SlowReader: the end, with the cursor to go on from.
            RateLimited, Unavailable: it was not even opened.
            BadMessage: what came is no message.
        """
        acting = Acting(verified)
        await blocking(self.pool, acting.opened)
        await _Stream(self, acting, requests, context).run()


class _Stream:
    """One call."""

    def __init__(
        self, of: Streaming, acting: Acting, requests: AsyncIterator[Any], context: Any
    ) -> None:
        self._of = of
        self._acting = acting
        self._requests = requests
        self._context = context
        self._frames = Waiting(MOST_WAITING, MOST_WAITING_BYTES)
        self._started = asyncio.Event()
        self._working = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._cursor = ""
        """The last one that was written; before that, the one that the stream began with."""

    async def run(self) -> None:
        ended = asyncio.create_task(self._of.draining.wait())
        worker = asyncio.create_task(self._work())
        tasks = {asyncio.create_task(self._read()), worker, asyncio.create_task(self._push())}
        running: set[asyncio.Task[Any]] = {*tasks, ended}
        try:
            while not (worker.done() and not self._started.is_set()):
                left = self._seconds_left()
                done, _ = await asyncio.wait(
                    running, timeout=max(left, 0), return_when=asyncio.FIRST_COMPLETED
                )
                running -= done
                for task in done - {ended}:
                    task.result()
                if self._of.draining.is_set():
                    await self._let_finish()
                    raise Draining(self._cursor)
                if self._seconds_left() <= 0:
                    await self._let_finish()
                    raise token_over(self._cursor)
        finally:
            for task in (*tasks, ended):
                task.cancel()
            await asyncio.gather(*tasks, ended, return_exceptions=True)

    def _seconds_left(self) -> float:
        return self._acting.expires_at - self._of.clock.now() / 1000

    async def _let_finish(self) -> None:
        """What is being done is answered, and what is being written is written; nothing else is
        begun."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ENDING_S):
                await self._working.acquire()
                await self._writing.acquire()

    # --- what the client says ---

    async def _read(self) -> None:
        async for request in self._requests:
            await self._frames.put(request)
        self._frames.end()

    async def _work(self) -> None:
        while (first := await self._frames.get()) is not None:
            async with self._working:
                answers = await blocking(self._of.pool, self._acting.answers, self._run_from(first))
                self._cursor = self._cursor or self._acting.begun_at
                for answer in answers:
                    await self._write(answer)
            if self._acting.inbox is not None:
                self._started.set()

    def _run_from(self, first: Any) -> list[Any]:
        """Frames that are done together: messages that came close upon each other."""
        run = [first]
        while _sends(first) and len(run) < MAX_RUN:
            following = self._frames.get_if(_sends)
            if following is None:
                break
            run.append(following)
        return run

    # --- what it is told ---

    async def _push(self) -> None:
        await self._started.wait()
        inbox = self._acting.inbox
        if inbox is None:
            return
        # It listens before anything is read: nothing is between.
        with self._of.live().listen_for(inbox.user_id) as listener:
            unsure = False
            while True:
                try:
                    if unsure:
                        await self._of.read(self._acting.must_be_there)
                        unsure = False
                    await self._tell(await self._next(inbox, listener))
                except Behind:
                    inbox.fell_behind()
                    unsure = True  # the user's erasure may be among what went past
                except Unavailable as error:
                    logger().warning("stream not served", reason=without_data(error))
                    await asyncio.sleep(AFTER_FAILURE_S)

    async def _next(self, inbox: Inbox, listener: Listening[list[Event]]) -> Sequence[Pushed]:
        """What there is to push, after a while perhaps. Raises Behind, Unavailable."""
        wait = min(inbox.wait(), LONGEST_WAIT_S)
        if wait <= 0:
            return await self._of.read(inbox.step)
        if inbox.under_way:
            await asyncio.sleep(wait)
            return ()
        events = [event for some in await listener.next(wait) for event in some]
        if any(event["type"] == USER_ERASED for event in events):
            raise user_gone(self._acting.caller, self._cursor)
        if inbox.reads(events):
            return await self._of.read(inbox.take, events)
        return inbox.take(events)

    async def _tell(self, frames: Iterable[Pushed]) -> None:
        for pushed in frames:
            await self._write(_frame(pushed))

    async def _write(self, response: Any) -> None:
        async with self._writing:
            self._cursor = response.cursor or self._cursor
            await write(self._context, response, cursor=self._cursor)


def _sends(request: Any) -> bool:
    return bool(request.WhichOneof("action") == "send")


def _frame(pushed: Pushed) -> Any:
    cursor = pushed.cursor or ""
    if pushed.event is not None:
        return Response(cursor=cursor, event=to_event(pushed.event))
    if pushed.status is not None:
        status = messages_pb2.StreamStatus(conversation_id=pushed.status.message.conversation_id)
        return Response(cursor=cursor, status=to_message(StatusOut.of(pushed.status), status))
    return Response(cursor=cursor, caught_up=messages_pb2.StreamCaughtUp())
