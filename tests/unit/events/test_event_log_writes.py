"""The rule of the log: nothing that counts as written ever appears behind a reader's cursor."""

import json
import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.adapters.dynamodb.event_log import MAX_PAGE_BYTES, SLOWEST_MS, DynamoEventLog
from chat4all.adapters.memory import FakeClock
from chat4all.adapters.memory.event_log import MemoryEventLog
from chat4all.errors import Unavailable
from chat4all.events import Event, event_id
from chat4all.events.reading import READ_BEHIND_MS, EventReading
from chat4all.ports.events import Page
from tests.builders import CURSORS, NOW, SERVICE

pytestmark = pytest.mark.req("RF-009")


@dataclass
class SlowTable:
    """Each put takes its time; then its item shows."""

    clock: FakeClock
    delays: list[int] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)
    answers: list[Callable[[dict[str, Any]], Any]] = field(default_factory=list)

    def put_new(self, item: dict[str, Any]) -> dict[str, Any] | None:
        self.clock.time += self.delays.pop(0) if self.delays else 0
        self.items.append(item)
        return self.answers.pop(0)(item) if self.answers else None

    @property
    def pages(self) -> list[tuple[str, list[Event]]]:
        return [(i["sk"], json.loads(zlib.decompress(i["events"]))) for i in self.items]


def a_log(**more: Any) -> tuple[DynamoEventLog, SlowTable]:
    clock = FakeClock(NOW)
    table = SlowTable(clock, **more)
    return DynamoEventLog(table, clock), table  # type: ignore[arg-type]


def an_event(number: int, size: int = 0) -> Event:
    data = {"number": number, "text": "x" * size}
    return {
        "id": event_id(NOW, str(number)),
        "type": "message.sent",
        "timestamp": "t",
        "data": data,
    }


def times(table: SlowTable) -> list[int]:
    return [int(item["sk"][:13]) - NOW for item in table.items]


def test_a_page_that_took_three_seconds_is_written() -> None:
    log, table = a_log(delays=[SLOWEST_MS])

    log.append([an_event(1)])

    assert times(table) == [0]


def test_a_page_that_took_longer_is_not_counted_and_gets_a_new_place() -> None:
    log, table = a_log(delays=[SLOWEST_MS + 1])

    with pytest.raises(Unavailable):
        log.append([an_event(1)])
    log.append([an_event(1)])

    assert times(table) == [0, SLOWEST_MS + 1]


def test_each_page_takes_its_place_right_before_it_is_written() -> None:
    log, table = a_log(delays=[2000, 2000, 2000])

    log.append([an_event(n, 200_000) for n in range(3)])

    assert times(table) == [0, 2000, 4000]


def test_pages_of_one_writer_keep_their_order_within_a_millisecond() -> None:
    log, table = a_log()

    log.append([an_event(n, 200_000) for n in range(4)])
    log.append([an_event(4)])

    assert times(table) == [0, 1, 2, 3, 4]
    assert [item["count"] for item in table.items] == [1] * 5


def test_a_page_that_is_there_already_is_our_own_when_it_says_the_same() -> None:
    log, table = a_log(answers=[dict, lambda item: {**item, "events": b"another's"}])

    log.append([an_event(1)])
    with pytest.raises(Unavailable):
        log.append([an_event(2)])

    assert len(table.items) == 2


def test_a_page_expires_after_31_days() -> None:
    log, table = a_log()

    log.append([an_event(1)])

    [item] = table.items
    assert item["expires_at"] == NOW // 1000 + 31 * 86_400
    assert item["pk"].startswith("EVENTS#2025-10-09#")


def astral(number: int, characters: int = 4096) -> str:
    """Text that zlib can do little with: four bytes a character, each at random."""
    chance = Random(number)
    return "".join(chr(chance.randrange(0x20000, 0xE0000)) for _ in range(characters))


def test_a_page_is_within_an_items_limit_even_if_it_cannot_be_compressed() -> None:
    log, table = a_log()
    events = [an_event(n) | {"data": {"text": astral(n)}} for n in range(100)]

    log.append(events)

    assert max(len(item["events"]) for item in table.items) < MAX_PAGE_BYTES + 1000 < 400 * 1024
    assert len(table.items) < 8, "nor are pages smaller than they need to be"
    assert [event for _, page in table.pages for event in page] == events


def test_an_event_that_is_no_json_leaves_no_page_behind() -> None:
    log, table = a_log()

    with pytest.raises(ValueError):
        log.append([an_event(1, 200_000), an_event(2, 200_000), {"id": "3", "data": math.nan}])

    assert table.items == []


MARGIN = READ_BEHIND_MS - SLOWEST_MS
"""What is left for clocks that differ: a writer's may be so much behind a reader's."""
skews = st.integers(min_value=-MARGIN // 2, max_value=MARGIN // 2)
writes = st.tuples(st.integers(0, 30_000), skews, st.integers(0, 10_000))
reads = st.tuples(st.integers(0, 50_000), skews, st.integers(1, 7))


@given(st.lists(writes, max_size=20), st.lists(reads, max_size=20))
def test_who_follows_the_log_gets_all_that_counts_as_written(
    written: list[tuple[int, int, int]], polls: list[tuple[int, int, int]]
) -> None:
    """Writers begin at any time, their clocks differ, and each write shows after any delay."""
    shows: list[tuple[int, tuple[str, list[Event]]]] = []
    counted = set()
    for number, (begun, skew, delay) in enumerate(written):
        log, table = a_log(delays=[delay])
        table.clock.time = NOW + begun + skew
        try:
            log.append([an_event(number)])
            counted.add(number)
        except Unavailable:
            pass  # the batch comes again
        shows.append((NOW + begun + delay, table.pages[0]))

    seen: list[int] = []
    clock = FakeClock()
    there = MemoryEventLog(clock)
    cursor = None
    for at, skew, limit in [*sorted(polls), *[(100_000, 0, 100)] * 2]:
        there.kept = [Page(*page) for shown_at, page in shows if shown_at <= NOW + at]
        clock.time = NOW + at + skew
        page = EventReading(there, clock, CURSORS).page(SERVICE, after=cursor, limit=limit)
        cursor = page.cursor
        seen += [event["data"]["number"] for event in page.events]

    assert counted <= set(seen)
    assert len(seen) == len(set(seen))
