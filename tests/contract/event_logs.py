"""The log of events, built on each adapter, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest

from chat4all.adapters.dynamodb.event_log import DynamoEventLog
from chat4all.adapters.memory import FakeClock
from chat4all.adapters.memory.event_log import MemoryEventLog
from chat4all.events import Event, event_id
from chat4all.ports.events import NOTHING, EventLog, Position, Wanted
from tests.contract.worlds import aws_of

NOW = 1_760_000_000_000


class Logged(NamedTuple):
    adapter: str
    log: EventLog
    clock: FakeClock

    def append(self, *numbers: int, **data: Any) -> list[Event]:
        events = [an_event(n, self.clock.now(), **data) for n in numbers]
        self.log.append(events)
        return events

    def read(
        self,
        after: Position | None = None,
        limit: int = 100,
        wanted: Wanted | None = None,
        until: int | None = None,
        given: Mapping[str, int] = NOTHING,
    ) -> tuple[list[int], Position, bool]:
        """The numbers of the events that are read, where to go on, whether there is more."""
        until = self.clock.now() if until is None else until
        page = self.log.read(after, until=until, limit=limit, wanted=wanted, given=given)
        return [event["data"]["number"] for event in page.events], page.position, page.more


def an_event(number: int, at: int = NOW, **data: Any) -> Event:
    return {
        "id": event_id(at, "message.read", str(number)),
        "type": "message.read",
        "timestamp": "2025-10-09T08:53:20.000Z",
        "data": {"number": number, "text": "olá ✓"} | data,
    }


def event_logs(request: pytest.FixtureRequest) -> Iterator[Logged]:
    clock = FakeClock(NOW)
    if request.param == "memory":
        yield Logged("memory", MemoryEventLog(clock), clock)
        return
    for aws in aws_of(request):
        yield Logged(request.param, DynamoEventLog(aws.table(), clock), clock)
