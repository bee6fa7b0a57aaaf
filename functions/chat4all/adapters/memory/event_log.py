"""The log of events, in a list."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from itertools import count, takewhile

from chat4all.errors import Unavailable
from chat4all.events.encoding import encoded
from chat4all.events.log_pages import PagedLog, Pages, last_page_of
from chat4all.events.types import Event
from chat4all.ports import Clock


class MemoryEventLog(PagedLog):
    """`down` refuses what is appended; `most` events make a page."""

    def __init__(self, clock: Clock, most: int = 200) -> None:
        super().__init__(clock)
        self.pages: list[tuple[str, list[Event]]] = []
        self.down = False
        self._most = most
        self._numbers = count()

    @property
    def events(self) -> list[Event]:
        return [event for _, page in self.pages for event in page]

    def append(self, events: Sequence[Event]) -> None:
        if self.down:
            raise Unavailable("event log")
        for start in range(0, len(events), self._most):
            page = f"{self._clock.now():013d}#{next(self._numbers):08x}"
            self.pages.append(
                (page, [json.loads(encoded(e)) for e in events[start : start + self._most]])
            )

    def _pages(self, first: str, until: int) -> Pages:
        last = last_page_of(until)
        pages = sorted(self.pages, key=lambda page: page[0])
        start = bisect_left(pages, first, key=lambda page: page[0])
        return takewhile(lambda page: page[0] <= last, pages[start:])
