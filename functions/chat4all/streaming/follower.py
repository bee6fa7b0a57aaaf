"""One reader of the log, from wherever it was up to now: each event once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chat4all.events.cursor import LogCursor
from chat4all.events.log_pages import last_page_of
from chat4all.events.types import Event
from chat4all.ports.events import EventLog, Page, Position, Wanted

AT_ONCE = 50
"""Events for one response. An event has 24 KB at the most, and clients take 4 MB."""


class Follower:
    """Reads what is settled from the log, and takes what is later as it comes. Both may bring a
    page again, by whatever way: what was given is not given again."""

    def __init__(self, log: EventLog, cursor: LogCursor, wanted: Wanted | None) -> None:
        self._log = log
        self._wanted = wanted
        self._after = cursor.after
        self._beyond = dict(cursor.beyond)
        self.full = False
        """Pages were passed over, because the cursor has no room for more. Let them come again,
        after `read`."""

    @property
    def cursor(self) -> LogCursor:
        """From where to go on, after what was given last."""
        return LogCursor(self._after, dict(self._beyond))

    def read(self, since: int) -> tuple[list[Event], bool]:
        """Of what was logged before `since` (ms), which must be settled: up to 50 events, and
        whether there may be more.

        Raises Unavailable: nothing is lost.
        """
        self.full, until = False, since - 1
        if self._after.page > last_page_of(until):
            return [], False
        page = self._log.read(
            self._after, until=until, limit=AT_ONCE, wanted=self._wanted, given=self._beyond
        )
        self._move(page.position)
        return page.events, page.more

    def take(self, pages: Sequence[Page]) -> Iterator[list[Event]]:
        """What is wanted and was not given yet, up to 50 at a time; `cursor` is right at each."""
        found: list[Event] = []
        for page in pages:
            for index in range(self._given(page), len(page.events)):
                if self._wanted is not None and not self._wanted(page.events[index]):
                    continue
                if len(found) == AT_ONCE:
                    yield found
                    found = []
                if not self._give(page, index + 1):
                    break
                found.append(page.events[index])
        if found:
            yield found

    def settle(self, until: str) -> None:
        """All pages that sort up to there were taken."""
        if not self.full and until > self._after.page:
            self._move(Position(f"{until}~"))

    def _given(self, page: Page) -> int:
        if page.id < self._after.page:
            return len(page.events)
        return self._after.index if page.id == self._after.page else self._beyond.get(page.id, 0)

    def _give(self, page: Page, number: int) -> bool:
        """Whether the cursor has room for it. A page that nobody wants takes none: looked at again,
        it would give nothing again."""
        if page.id == self._after.page:
            self._after = Position(page.id, number)
        elif LogCursor(self._after, self._beyond).has_room_for(page.id):
            self._beyond[page.id] = number
        else:
            self.full = True
            return False
        return True

    def _move(self, after: Position) -> None:
        cursor = self.cursor.moved(after)
        self._after, self._beyond = cursor.after, dict(cursor.beyond)
