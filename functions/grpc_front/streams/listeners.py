"""What comes to one stream of what is logged, and waits there until the stream takes it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from chat4all.events.log_pages import time_of_page
from chat4all.streaming.tail import Page

Item = TypeVar("Item")
MOST_PAGES = 256
"""That may come before they are taken. All listeners have the same ones, so memory is bounded by
them."""


class Behind(Exception):
    """The listener did not take in time what came, and it was dropped: it is in the log. From now
    on everything comes again, and what is recent."""


class Listening(Generic[Item]):
    """Gets each item once, in the order in which they show; those that are recent come first."""

    def __init__(self, recent: Callable[[], Iterable[Item]]) -> None:
        self._recent = recent
        self._came = asyncio.Event()
        self._failed: Exception | None = None
        self.rejoin()

    def rejoin(self) -> None:
        """Drop what waits; what is recent comes again. However much that is, it counts for
        nothing: else whoever fell behind when much happens would do so for ever."""
        self._queue = deque(self._recent())
        self._most = len(self._queue) + MOST_PAGES
        self._behind = False

    async def next(self, timeout: float) -> list[Item]:
        """What came since the last time; empty after `timeout` (s), or when somebody woke it.

        Raises:
            Behind: read what was missed elsewhere, then go on here.
        """
        if not self._queue and not self._behind and self._failed is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await self._came.wait()
        return self.taken()

    def taken(self) -> list[Item]:
        """The same, without waiting. Raises Behind."""
        self._came.clear()
        if self._failed is not None:
            raise self._failed
        if self._behind:
            self.rejoin()
            raise Behind
        items = list(self._queue)
        self._queue.clear()
        self._most = MOST_PAGES
        return items

    def offer(self, items: Sequence[Item]) -> None:
        if not self._behind:
            self._queue.extend(items)
            if len(self._queue) > self._most:
                self.lose()
        self.wake()

    def lose(self) -> None:
        """Something does not come, or did not: `next` raises Behind."""
        self._behind = True
        self._queue.clear()
        self.wake()

    def wake(self) -> None:
        self._came.set()

    def fail(self, error: Exception) -> None:
        """Nothing comes any more: `next` raises it."""
        self._failed = error
        self.wake()


class Listener(Listening[Page]):
    """Gets every page that is logged from `since` (ms) on; who fell behind reads the log up to
    there. Both move on by `rejoin`."""

    def __init__(self, recent: Callable[[], Iterable[Page]], settled: Callable[[], str]) -> None:
        self._settled = settled
        super().__init__(recent)

    def rejoin(self) -> None:
        super().rejoin()
        self.settled = self._settled()
        """All pages that sort up to here have come, once what `next` answered is dealt with."""
        self.since = time_of_page(self.settled) + 1

    def taken(self) -> list[Page]:
        pages = super().taken()
        self.settled = self._settled()
        return pages
