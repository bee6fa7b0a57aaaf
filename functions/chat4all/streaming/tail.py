"""The end of the log, page by page, as soon as it shows.

    ────────── settled ──────────┬──────────── beyond ────────────▶ time
    nothing appears here any more│ pages come, and not in order; those that came are remembered
                            now − 5 s

Each poll looks at what is newer than the newest page, less a moment, and gives what it has not
given. That is cheap, and misses the page of a writer that was slow or whose clock is behind. So
once a second everything that has settled since is read again, for good.
"""

from __future__ import annotations

from itertools import islice

from chat4all.events.log_pages import last_page_of, time_of_page
from chat4all.events.reading import READ_BEHIND_MS
from chat4all.ports import Clock
from chat4all.ports.events import EventLog, Page

__all__ = ["AHEAD_MS", "OVERLAP_MS", "SETTLE_MS", "Page", "Tail"]

OVERLAP_MS = 300
"""Pages of so long are looked at again: a write takes some 10 ms, and clocks differ by less."""
AHEAD_MS = 2_000
"""A page may be from so far in the future: clocks differ by no more."""
SETTLE_MS = 1_000
MOST_PAGES = 200
"""Of one pass: after a standstill the log is read in steps."""


class Tail:
    """For one poller: not to be called by two threads at once."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self.begin()

    def begin(self) -> None:
        """Forget what was given; from now on come the pages that are later than `settled`."""
        self.settled = last_page_of(self._clock.now() - READ_BEHIND_MS - SETTLE_MS)
        """All pages that sort up to here were given, or were there before it began."""
        self._beyond: set[str] = set()
        self._newest = self.settled

    def poll(self) -> list[Page]:
        """Pages that were not given before, sorted by id. It reads the log, four queries or
        eight.

        Raises:
            Unavailable: poll again, nothing is lost.
        """
        now = self._clock.now()
        settled, late = self._settle(now)
        known = self._beyond | {page.id for page in late}
        first = max(f"{settled}~", _before(min(self._newest, last_page_of(now))))
        newest = self._log.pages(first, now + AHEAD_MS, fresh=False, but=known)
        found = sorted([*late, *islice(newest, MOST_PAGES)])
        # Nothing is changed before everything was read.
        self._beyond = {page for page in known if page > settled}
        self._beyond.update(page.id for page in found if page.id > settled)
        self._newest = max([self._newest, *(page.id for page in found)])
        self.settled = settled
        return found

    def _settle(self, now: int) -> tuple[str, list[Page]]:
        """How far all is settled, and those up to there that were not given."""
        until = now - READ_BEHIND_MS
        if until - time_of_page(self.settled) < SETTLE_MS:
            return self.settled, []
        after = f"{self.settled}~"
        pages = self._log.pages(after, until, fresh=True, but=self._beyond)
        late = list(islice(pages, MOST_PAGES))
        return (last_page_of(until) if len(late) < MOST_PAGES else late[-1].id), late


def _before(page: str) -> str:
    return f"{max(time_of_page(page) - OVERLAP_MS, 0):013d}"
