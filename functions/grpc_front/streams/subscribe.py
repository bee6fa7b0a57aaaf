"""Events.Subscribe: the log from a cursor on, and then as it is written.

listen ─▶ read the log up to where listening began ─▶ take what came since, and what comes
  ▲                                                              │ not taken in time, or no
  └──────────────────────────────────────────────────────────────┘ room in the cursor
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, NoReturn

from pydantic import AwareDatetime, Field

from chat4all.access.tokens import Verified
from chat4all.cursors import Cursors
from chat4all.events.cursor import MAX_LENGTH, LogCursor
from chat4all.events.reading import wanted_of
from chat4all.events.types import Event
from chat4all.ids import ConversationId
from chat4all.ports import Clock
from chat4all.ports.events import EventLog
from chat4all.streaming.errors import Draining, token_over
from chat4all.streaming.follower import Follower
from chat4all.timestamps import ms_of
from grpc_front.converting import from_message, to_event
from grpc_front.generated.chat4all.v1 import events_pb2
from grpc_front.pool import blocking
from grpc_front.requests import MAX_TYPES, Asked, EventType, read
from grpc_front.streams.listeners import Behind, Listener
from grpc_front.streams.live import Live
from grpc_front.streams.writing import write

HEARTBEAT_S = 15.0
FULL_S = 0.5
"""A pause, until more is settled, when the cursor has no room."""


class Subscribe(Asked):
    cursor: Annotated[str | None, Field(max_length=MAX_LENGTH)] = None
    since: AwareDatetime | None = None
    types: Annotated[tuple[EventType, ...], Field(max_length=MAX_TYPES)] = ()
    conversation_id: ConversationId | None = None


class Subscribing:
    """What all subscriptions of a process have in common."""

    def __init__(
        self,
        log: EventLog,
        cursors: Cursors,
        clock: Clock,
        live: Live,
        pool: ThreadPoolExecutor,
        draining: asyncio.Event,
    ) -> None:
        self._log = log
        self._cursors = cursors
        self._clock = clock
        self._live = live
        self._pool = pool
        self._draining = draining

    async def run(self, verified: Verified, request: Any, context: Any) -> NoReturn:
        """Until it must end. The client may go away at any time.

        Raises:
            Forbidden: a user asks; events tell of everybody.
            Invalid: a cursor, a type or a time that is none.
            Unauthenticated, Draining, SlowReader: the end, with the cursor to go on from.
            Unavailable: the log did not answer; go on from the last cursor that came.
        """
        verified.caller.must_be_service()
        follower = await blocking(self._pool, self._begin, request)
        await Subscription(self, follower, verified.expires_at, context).run(self._live)

    def _begin(self, request: Any) -> Follower:
        asked = read(Subscribe, from_message(request))
        wanted = wanted_of(asked.types, asked.conversation_id)
        if asked.cursor is not None:
            cursor = LogCursor.decoded(self._cursors, asked.cursor)
        else:
            begin = self._clock.now() if asked.since is None else ms_of(asked.since)
            cursor = LogCursor(self._log.at(begin))
        self.encoded(cursor)  # here the key is read, which waits for the network
        return Follower(self._log, cursor, wanted)

    def encoded(self, cursor: LogCursor) -> str:
        return cursor.encoded(self._cursors)

    async def read(self, follower: Follower, since: int) -> tuple[list[Event], bool]:
        return await blocking(self._pool, follower.read, since)

    def must_go_on(self, expires_at: int, cursor: str) -> None:
        """Raises Draining, Unauthenticated."""
        if self._draining.is_set():
            raise Draining(cursor)
        if self.seconds_left(expires_at) <= 0:
            raise token_over(cursor)

    def seconds_left(self, expires_at: int) -> float:
        return expires_at - self._clock.now() / 1000


class Subscription:
    """One call."""

    def __init__(self, of: Subscribing, follower: Follower, expires_at: int, context: Any) -> None:
        self._of = of
        self._follower = follower
        self._expires_at = expires_at
        self._context = context
        self._cursor = ""
        """Of the last response."""
        self._beat_at = 0.0

    async def run(self, live: Live) -> NoReturn:
        with live.listen() as listener:
            await self._write(())  # so the client has a cursor, whatever happens
            while True:
                await self._catch_up(listener)
                try:
                    while not self._follower.full:
                        await self._take(listener)
                    await asyncio.sleep(FULL_S)
                    listener.rejoin()
                except Behind:
                    continue

    async def _catch_up(self, listener: Listener) -> None:
        more = True
        while more:
            found, more = await self._of.read(self._follower, listener.since)
            await self._tell([found] if found else [])

    async def _take(self, listener: Listener) -> None:
        left = min(self._of.seconds_left(self._expires_at), self._beat_at - time.monotonic())
        pages = await listener.next(max(left, 0))
        await self._tell(self._follower.take(pages))
        self._follower.settle(listener.settled)

    async def _tell(self, batches: Iterable[Sequence[Event]]) -> None:
        """Each batch, with the cursor after it; and a cursor alone when nothing was to be told for
        a while."""
        self._of.must_go_on(self._expires_at, self._cursor)
        for batch in batches:
            await self._write(batch)
            self._of.must_go_on(self._expires_at, self._cursor)
        if time.monotonic() >= self._beat_at:
            await self._write(())

    async def _write(self, events: Sequence[Event]) -> None:
        self._cursor = self._of.encoded(self._follower.cursor)
        response = events_pb2.EventsSubscribeResponse(
            events=map(to_event, events), cursor=self._cursor
        )
        await write(self._context, response, cursor=self._cursor)
        self._beat_at = time.monotonic() + HEARTBEAT_S
