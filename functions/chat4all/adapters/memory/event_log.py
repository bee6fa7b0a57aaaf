"""The log of events, in a list."""

from __future__ import annotations

import json
from collections.abc import Container, Sequence
from itertools import count

from chat4all.errors import Unavailable
from chat4all.events.encoding import encoded
from chat4all.events.log_pages import PagedLog, Pages, last_page_of
from chat4all.events.types import Event
from chat4all.ports import Clock
from chat4all.ports.events import Page


class MemoryEventLog(PagedLog):
    """`down` refuses what is appended; `most` events make a page."""

    def __init__(self, clock: Clock, most: int = 200) -> None:
        super().__init__(clock)
        self.kept: list[Page] = []
        self.down = False
        self._most = most
        self._numbers = count()

    @property
    def events(self) -> list[Event]:
        return [event for page in self.kept for event in page.events]

    def append(self, events: Sequence[Event]) -> None:
        if self.down:
            raise Unavailable("event log")
        for start in range(0, len(events), self._most):
            page = f"{self._clock.now():013d}#{next(self._numbers):08x}"
            some = [json.loads(encoded(e)) for e in events[start : start + self._most]]
            self.kept.append(Page(page, some))

    def pages(
        self, first: str, until: int, *, fresh: bool = True, but: Container[str] = ()
    ) -> Pages:
        last = last_page_of(until)
        for page in sorted(self.kept, key=lambda page: page.id):
            if first <= page.id <= last and page.id not in but:
                yield page
