"""What streams: Events.Subscribe and Messages.Stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from chat4all.access.tokens import Verified
from chat4all.bootstrap.access import cursors
from chat4all.bootstrap.parts import clock, conversation_store, event_log
from chat4all.bootstrap.streaming import tail
from chat4all.events.cursor import MAX_LENGTH
from chat4all.streaming.errors import Draining
from grpc_front.streams.live import Live
from grpc_front.streams.messages import Streaming
from grpc_front.streams.places import Places
from grpc_front.streams.subscribe import Subscribing

DRAIN_S = 2.0
"""For streams to end by themselves: those whose clients read do, in a moment."""


class Streams:
    """All of one process, in one event loop."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        """`pool` is where what waits for the network runs. Nothing is opened yet."""
        self._pool = pool
        self._places = Places()
        self._draining = asyncio.Event()
        self._running: set[asyncio.Task[Any]] = set()

    @cached_property
    def live(self) -> Live:
        return Live(tail(), conversation_store(), self._pool)

    @cached_property
    def _subscribing(self) -> Subscribing:
        return Subscribing(event_log(), cursors(), clock(), self.live, self._pool, self._draining)

    @cached_property
    def _talking(self) -> Streaming:
        return Streaming(clock(), lambda: self.live, self._pool, self._draining)

    async def subscribe(self, verified: Verified, request: Any, context: Any) -> None:
        """Events.Subscribe. It ends by an error of ours, or with its client."""
        with self._opened(verified, request.cursor):
            await self._subscribing.run(verified, request, context)

    async def stream(self, verified: Verified, requests: AsyncIterator[Any], context: Any) -> None:
        """Messages.Stream. It ends well when the client has said all and was never pushed to."""
        with self._opened(verified):
            await self._talking.run(verified, requests, context)

    async def drain(self) -> None:
        """No new streams; those that there are end, each with its cursor, but for those whose
        clients do not read: they are cut off with the server."""
        self._draining.set()
        if "live" in vars(self):
            self.live.wake()
        if self._running:
            await asyncio.wait(self._running, timeout=DRAIN_S)
        if "live" in vars(self):
            self.live.close()

    @contextmanager
    def _opened(self, verified: Verified, cursor: str = "") -> Iterator[None]:
        """Around each stream. Raises Draining, TooManyStreams, Unavailable."""
        if self._draining.is_set():
            raise Draining(cursor[:MAX_LENGTH])  # nobody has looked at it yet
        task = asyncio.current_task()
        with self._places.one(verified.caller):
            self._running.add(task)
            try:
                yield
            finally:
                self._running.discard(task)
