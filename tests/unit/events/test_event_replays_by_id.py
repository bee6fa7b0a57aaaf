"""Replays by id, on a log with traffic: what is there is found, and what was only not looked for
long enough is never said to be missing."""

import pytest

from chat4all.access.audit import Audit
from chat4all.adapters.memory import FakeClock, MemoryAuditStore, MemoryQueue
from chat4all.adapters.memory.event_log import MemoryEventLog
from chat4all.adapters.memory.webhooks import (
    MemoryAttemptStore,
    MemoryDelayed,
    MemoryEndpointStore,
)
from chat4all.errors import Invalid, NotFound
from chat4all.events import Event, event_id
from chat4all.ports.events import Page
from chat4all.webhooks.attempting import Attempting
from chat4all.webhooks.endpoint import Endpoint
from tests.builders import NOW, SERVICE, an_id

pytestmark = pytest.mark.req("RF-009")
LAG_MS = 1_500
"""The stream's times are cut to the second, and it takes a while."""


class Busy:
    """A log into which a page is written so often, for so long."""

    def __init__(self, *, every_ms: int, seconds: int) -> None:
        self.clock = FakeClock(NOW)
        log = MemoryEventLog(self.clock)
        self.events = [an_event(NOW + ms) for ms in range(0, seconds * 1000, every_ms)]
        for number, event in enumerate(self.events):
            at = NOW + number * every_ms + LAG_MS
            log.kept.append(Page(f"{at:013d}#{number:08x}", [event]))
        self.clock.advance(seconds + 60)
        endpoints = MemoryEndpointStore()
        endpoints.add(
            Endpoint(webhook_id=an_id(6), url="https://a.example", types=("*",), created_at=NOW)
        )
        self.attempting = Attempting(
            endpoints,
            MemoryAttemptStore(),
            log,
            MemoryDelayed(),
            MemoryQueue(),
            self.clock,
            Audit(MemoryAuditStore(), self.clock),
        )

    def replay(self, event_ids: list[str]) -> int | None:
        return self.attempting.replay_events(SERVICE, an_id(6), event_ids).queued


def an_event(at: int) -> Event:
    return {
        "id": event_id(at // 1000 * 1000, str(at)),
        "type": "message.sent",
        "timestamp": "t",
        "data": {},
    }


def test_a_hundred_events_of_ten_hours_are_found_at_a_page_a_second() -> None:
    busy = Busy(every_ms=1000, seconds=36_000)

    assert busy.replay([event["id"] for event in busy.events[200::360]]) == 100


def test_an_event_is_found_at_twenty_pages_a_second() -> None:
    busy = Busy(every_ms=50, seconds=180)

    assert busy.replay([busy.events[3000]["id"]]) == 1


def test_what_is_not_there_is_not_there() -> None:
    busy = Busy(every_ms=1000, seconds=60)

    with pytest.raises(NotFound) as refused:
        busy.replay([busy.events[3]["id"], event_id(NOW, "none")])

    assert refused.value.extra["event_ids"] == [event_id(NOW, "none")]


def test_what_was_not_looked_for_to_the_end_is_not_said_to_be_missing() -> None:
    busy = Busy(every_ms=50, seconds=180)

    with pytest.raises(Invalid) as refused:
        busy.replay([event_id(NOW, "perhaps later")])

    assert refused.value.code == "event_not_near"
