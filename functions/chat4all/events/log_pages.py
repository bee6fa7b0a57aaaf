"""How pages of the log are read, whatever keeps them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterator, Mapping, Sequence

from chat4all.errors import Invalid
from chat4all.events.ids import time_of
from chat4all.events.types import Event
from chat4all.ports import Clock
from chat4all.ports.events import NOTHING, LogPage, Page, Position, Wanted

Pages = Iterator[Page]
READ_PAGES = 100
"""As many pages are looked through for one answer."""
FIND_PAGES = 1000
"""As many for one event: at twenty pages a second, most of a minute of the log."""
FIND_PAGES_IN_ALL = 5000
"""As many for all that one call looks for: some seconds of reading."""
EARLY_MS = 5_000
"""An event is logged after its id's time, but for clocks that differ, and for the stream's times,
which are cut to the second."""
LATE_MS = 25 * 3_600_000
"""A stream keeps what it has to tell for a day; then the log has it, or never will."""
DAY_MS = 86_400_000
KEPT_MS = 30 * DAY_MS


class PagedLog(ABC):
    """The reading half of `EventLog`, for an adapter that can list its pages."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @abstractmethod
    def pages(
        self, first: str, until: int, *, fresh: bool = True, but: Container[str] = ()
    ) -> Pages: ...

    def read(
        self,
        after: Position | None,
        *,
        until: int,
        limit: int,
        wanted: Wanted | None = None,
        given: Mapping[str, int] = NOTHING,
    ) -> LogPage:
        oldest = self.at(until - KEPT_MS)
        after = oldest if after is None else max(after, oldest)
        pages = self.pages(after.page, until)
        given = {**given, after.page: after.index}
        return _first_wanted(pages, after, until=until, limit=limit, wanted=wanted, given=given)

    def find(self, event_ids: Sequence[str]) -> dict[str, Event]:
        return _search(self.pages, event_ids, self._clock.now())

    def at(self, ms: int) -> Position:
        return _at(ms)


def time_of_page(page: str) -> int:
    return int(page[:13])


def last_page_of(ms: int) -> str:
    """Sorts after every page of that millisecond."""
    return f"{ms:013d}#~"


def _at(ms: int) -> Position:
    return Position(f"{min(max(ms, 0), 10**13 - 1):013d}")


def _first_wanted(
    pages: Pages,
    after: Position,
    *,
    until: int,
    limit: int,
    wanted: Wanted | None,
    given: Mapping[str, int],
) -> LogPage:
    """`pages` are those from `after` up to `until`, in their order."""
    found: list[Event] = []
    position = after
    for number, (page, events) in enumerate(pages):
        if number == READ_PAGES:
            return LogPage(found, position, True)
        for index in range(given.get(page, 0), len(events)):
            if len(found) == limit:
                return LogPage(found, Position(page, index), True)
            if wanted is None or wanted(events[index]):
                found.append(events[index])
        position = Position(page, len(events))
    return LogPage(found, max(after, _at(until + 1)), False)


def _search(
    pages: Callable[[str, int], Pages], event_ids: Sequence[str], now: int
) -> dict[str, Event]:
    """Each id has pages of its own to be looked for in, from its time on. What was looked through
    for an earlier one is not read again: every page is compared with all ids."""
    times = dict(_times(event_ids))
    found: dict[str, Event] = {}
    scanned, in_all = "", 0
    for event_id, time in sorted(times.items(), key=lambda known: known[1]):
        first, until = max(_at(time - EARLY_MS).page, scanned), min(time + LATE_MS, now)
        if event_id in found or time_of_page(first) > until:
            continue
        for number, (page, events) in enumerate(pages(first, until)):
            if number == FIND_PAGES or in_all == FIND_PAGES_IN_ALL:
                raise _not_near(event_id)
            in_all += 1
            scanned = f"{page}~"
            found |= {e["id"]: e for e in events if e["id"] in times}
            if event_id in found:
                break
        else:
            scanned = _at(until + 1).page
    return found


def _not_near(event_id: str) -> Invalid:
    detail = (
        "This event is not near its id's time in the log, and there is too much to look through."
        " Name fewer events, or a range of time."
    )
    return Invalid("event_not_near", detail, event_ids=[event_id])


def _times(event_ids: Sequence[str]) -> Iterator[tuple[str, int]]:
    for event_id in event_ids:
        try:
            yield event_id, time_of(event_id)
        except ValueError:
            continue
