"""What is logged, as it happens, for all streams of this process: one poller, many listeners."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from chat4all.errors import Unavailable
from chat4all.events.log_pages import time_of_page
from chat4all.events.types import USER_ERASED, Event
from chat4all.observability import logger, without_data
from chat4all.ports import ConversationStore
from chat4all.realtime.audience import Audience
from chat4all.streaming.tail import Page, Tail

BUSY_S = 0.1
"""Between two polls."""
IDLE_S = 0.25
"""The same, when nothing has come for a while."""
IDLE_AFTER = 50
"""Polls without a page."""
AFTER_FAILURE_S = 1.0
MOST_PAGES = 256
"""That wait for one listener. All listeners have the same pages, so memory is bounded by them."""


class Behind(Exception):
    """The listener did not take its pages in time, and they were dropped: they are in the log.
    `since` has moved on, to what comes to it again."""


class Listener:
    """Gets every page that is logged from `since` (ms) on, in the order in which they show."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._came = asyncio.Event()
        self._failed: Exception | None = None
        self.rejoin()

    def rejoin(self) -> None:
        """Drop what waits; from the new `since` on every page comes, also those that came."""
        self._queue = deque(self._live.recent.values())
        self._behind = False
        self.settled = self._live.settled
        """All pages that sort up to here have come, once what `next` answered is dealt with."""
        self.since = time_of_page(self.settled) + 1

    async def next(self, timeout: float) -> list[Page]:
        """What came since the last time; empty after `timeout` (s), or when somebody woke it.

        Raises:
            Behind: read the log up to `since`, then go on here.
        """
        if not self._queue and not self._behind and self._failed is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await self._came.wait()
        return self.taken()

    def taken(self) -> list[Page]:
        """The same, without waiting. Raises Behind."""
        self._came.clear()
        if self._failed is not None:
            raise self._failed
        if self._behind:
            self.rejoin()
            raise Behind
        pages = list(self._queue)
        self._queue.clear()
        self.settled = self._live.settled
        return pages

    def wake(self) -> None:
        self._came.set()

    def fail(self, error: Exception) -> None:
        """Nothing comes any more: `next` raises it."""
        self._failed = error
        self.wake()

    def offer(self, pages: list[Page]) -> None:
        if len(self._queue) + len(pages) > MOST_PAGES:
            self._behind = True
            self._queue.clear()
        elif not self._behind:
            self._queue.extend(pages)
        self.wake()


class Live:
    """Used in one event loop. It polls while somebody listens, in a thread of its own: a poll
    never waits behind requests."""

    def __init__(
        self, tail: Tail, conversations: ConversationStore, pool: ThreadPoolExecutor
    ) -> None:
        """`pool` is where `audience` reads conversations."""
        self._tail = tail
        self._conversations = conversations
        self._pool = pool
        self._poller = ThreadPoolExecutor(1, thread_name_prefix="event-log")
        self._polling: asyncio.Task[None] | None = None
        self._listeners: set[Listener] = set()
        self._audiences: dict[str, asyncio.Task[Mapping[str, list[Event]]]] = {}
        self.recent: dict[str, Page] = {}
        """Those that are later than `settled`."""
        self.settled = tail.settled

    @contextmanager
    def listen(self) -> Iterator[Listener]:
        if self._polling is None:
            self._tail.begin()
            self.recent, self.settled = {}, self._tail.settled
            self._polling = asyncio.get_running_loop().create_task(self._poll())
        listener = Listener(self)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def wake(self) -> None:
        """Every listener that waits goes on: something else than pages has to be looked at."""
        for listener in self._listeners:
            listener.wake()

    def close(self) -> None:
        """The last one out."""
        if self._polling is not None:
            self._polling.cancel()
        self._poller.shutdown(wait=False, cancel_futures=True)

    async def audience(self, page: Page) -> Mapping[str, list[Event]]:
        """Whom a page's events concern, by user id; read once for all who ask.

        Raises:
            Unavailable: ask again.
        """
        asked = self._audiences.get(page.id)
        if asked is None or (asked.done() and (asked.cancelled() or asked.exception())):
            asked = asyncio.get_running_loop().create_task(self._audience(page))
            self._audiences[page.id] = asked
            while len(self._audiences) > 2 * MOST_PAGES:
                del self._audiences[next(iter(self._audiences))]
        return await asyncio.shield(asked)  # one that goes away stops it for nobody

    async def _audience(self, page: Page) -> Mapping[str, list[Event]]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _by_user, self._conversations, page)

    async def _poll(self) -> None:
        loop, quiet = asyncio.get_running_loop(), 0
        try:
            while self._listeners:
                try:
                    pages = await loop.run_in_executor(self._poller, self._tail.poll)
                except Unavailable as error:
                    logger().warning("event log not polled", reason=without_data(error))
                    await asyncio.sleep(AFTER_FAILURE_S)
                    continue
                self.give(pages)
                quiet = 0 if pages else quiet + 1
                await asyncio.sleep(IDLE_S if quiet > IDLE_AFTER else BUSY_S)
        except Exception as error:  # each stream ends with it, and its door logs it
            for listener in self._listeners:
                listener.fail(error)
            self._listeners.clear()
        finally:
            self._polling = None

    def give(self, pages: list[Page]) -> None:
        """To everybody; those of one poll."""
        self.settled = self._tail.settled
        recent = {**self.recent, **{page.id: page for page in pages}}
        self.recent = {i: page for i, page in recent.items() if i > self.settled}
        if pages:
            for listener in self._listeners:
                listener.offer(pages)


def _erased(event: Event) -> frozenset[str]:
    """Nobody is told of it; the streams of whom it concerns end."""
    return frozenset({event["data"]["user_id"]} if event["type"] == USER_ERASED else ())


def _by_user(conversations: ConversationStore, page: Page) -> Mapping[str, list[Event]]:
    audience = Audience(conversations, page.events)
    concerned: dict[str, list[Event]] = {}
    for event in page.events:
        for user_id in audience.of(event) | _erased(event):
            concerned.setdefault(user_id, []).append(event)
    return concerned
