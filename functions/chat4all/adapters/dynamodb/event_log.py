"""The log of events: a batch of the stream is one compressed page.

EVENTS#day#shard / ms#random   `events`: zlib of the JSON, `count`   TTL after 31 days

A page of a hundred events costs ten write units, a tenth of what an item for each would. Its
shard follows from its random part: a page has one place, and a day is no single partition.
"""

from __future__ import annotations

import heapq
import json
import zlib
from collections.abc import Container, Iterator, Sequence
from datetime import UTC, datetime
from secrets import token_hex

from chat4all.adapters.dynamodb.table import Item, Table
from chat4all.errors import Unavailable
from chat4all.events.encoding import encoded
from chat4all.events.log_pages import DAY_MS, PagedLog, Pages, last_page_of, time_of_page
from chat4all.events.types import Event
from chat4all.ports import Clock
from chat4all.ports.events import Page

SHARDS = 4
MAX_PAGE_BYTES = 300_000
"""Of JSON, before it is compressed: under the 400 KB of an item even where that does nothing."""
LEVEL = 6
"""A hundred events, 38 KB, are 9.8 KB after 0.5 ms; level 1 makes 11.3 KB in 0.2 ms."""
SLOWEST_MS = 3_000
TTL_SECONDS = 31 * 86_400
ROWS_AT_ONCE = 16
"""Of each shard in one call: some 20 KB a row when there is much traffic."""


class DynamoEventLog(PagedLog):
    def __init__(self, table: Table, clock: Clock) -> None:
        super().__init__(clock)
        self._table = table
        self._last = 0

    def append(self, events: Sequence[Event]) -> None:
        for page in _pages_of(events):
            self._write(zlib.compress(b"[%b]" % b",".join(page), LEVEL), len(page))

    def _write(self, content: bytes, count: int) -> None:
        """One page, at the time of now.

        Whoever reads looks up to five seconds ago. So a page must show within them: one that took
        longer than three may show behind somebody's cursor, and is not counted as written. The
        two seconds between are for clocks that differ.
        """
        begun = self._clock.now()
        at = max(begun, self._last + 1)  # pages of one writer keep their order
        page = f"{at:013d}#{token_hex(4)}"
        item = {"pk": _place(page), "sk": page, "events": content, "count": count}
        there = self._table.put_new({**item, "expires_at": at // 1000 + TTL_SECONDS})
        if there is not None and bytes(there["events"]) != content:  # else botocore's own retry
            raise Unavailable("event log: the page's place is taken")
        if self._clock.now() - begun > SLOWEST_MS:
            raise Unavailable("event log: a page took too long")
        self._last = at

    def pages(
        self, first: str, until: int, *, fresh: bool = True, but: Container[str] = ()
    ) -> Pages:
        for day in range(time_of_page(first) // DAY_MS, until // DAY_MS + 1):
            shards = [self._rows(day, shard, first, until, fresh) for shard in range(SHARDS)]
            for row in heapq.merge(*shards, key=lambda row: str(row["sk"])):
                if row["sk"] not in but:
                    yield Page(row["sk"], json.loads(zlib.decompress(bytes(row["events"]))))

    def _rows(self, day: int, shard: int, first: str, until: int, fresh: bool) -> Iterator[Item]:
        last = last_page_of(until)
        if first > last:
            return iter(())
        return self._table.query(
            "pk = :place AND sk BETWEEN :first AND :last",
            {":place": f"EVENTS#{_date(day)}#{shard}", ":first": first, ":last": last},
            ConsistentRead=fresh,
            Limit=ROWS_AT_ONCE,
        )


def _place(page: str) -> str:
    shard = int(page[-1], 16) % SHARDS
    return f"EVENTS#{_date(time_of_page(page) // DAY_MS)}#{shard}"


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, UTC).date().isoformat()


def _pages_of(events: Sequence[Event]) -> list[list[bytes]]:
    """All of them before any is written, so that one that is no JSON leaves nothing half done."""
    pages: list[list[bytes]] = []
    size = MAX_PAGE_BYTES
    for event in events:
        content = encoded(event)
        size += len(content) + 1  # and a comma
        if size > MAX_PAGE_BYTES:
            pages.append([])
            size = len(content) + 1
        pages[-1].append(content)
    return pages
