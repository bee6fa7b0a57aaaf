"""Webhooks on fakes: endpoints, a subscriber that answers as it is told, and a clock that turns."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from chat4all.access.audit import Audit
from chat4all.adapters.memory import FakeClock, MemoryAuditStore, MemoryQueue
from chat4all.adapters.memory.webhooks import (
    MemoryAttemptStore,
    MemoryDelayed,
    MemoryEndpointStore,
    MemoryOffered,
    MemoryPoster,
    MemoryResolver,
    MemoryScheduler,
    MemorySubscriptions,
)
from chat4all.errors import Rejected
from chat4all.events import Event
from chat4all.ports.events import LogPage, Position, Wanted
from chat4all.ports.webhooks import Posted
from chat4all.webhooks.attempting import Attempting
from chat4all.webhooks.dispatching import Dispatched, Dispatching, Received
from chat4all.webhooks.endpoint import ATTEMPTS, AttemptJob, Endpoint, EndpointPatch, NewEndpoint
from chat4all.webhooks.managing import Shown, Webhooks
from chat4all.webhooks.queueing import Incoming, Queued, Queueing
from chat4all.webhooks.schedule import Schedule
from tests.builders import SERVICE, an_id

CONVERSATION = an_id(900)
STARTED = FakeClock().now()
DOWN = Posted(500, "status")
REFUSED = Posted(error="connection_refused")


def an_event(number: int = 1, kind: str = "message.sent", **data: Any) -> Event:
    given = {"conversation_id": CONVERSATION, "message_id": an_id(number), "seq": number}
    return {
        "id": f"event-{number}",
        "type": kind,
        "timestamp": "2026-11-23T01:02:03.456Z",
        "data": {**given, **data},
    }


class ListedLog:
    """Events with the times at which they were logged."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, Event]] = []

    def add(self, at: int, *events: Event) -> None:
        self.rows += [(at, event) for event in events]

    def append(self, events: Sequence[Event]) -> None:
        self.add(STARTED, *events)

    def read(
        self, after: Position | None, *, until: int, limit: int, wanted: Wanted | None = None
    ) -> LogPage:
        first = self._index(after) if after else 0
        there = [i for i in range(first, len(self.rows)) if self.rows[i][0] <= until]
        taken = there[:limit]
        events = [self.rows[i][1] for i in taken]
        position = Position("#", taken[-1] + 1) if taken else (after or Position("#", 0))
        kept = [event for event in events if wanted is None or wanted(event)]
        return LogPage(kept, position, len(there) > len(taken))

    def _index(self, after: Position) -> int:
        if after.page == "#":
            return after.index
        return sum(at < int(after.page) for at, _ in self.rows)

    def find(self, event_ids: Sequence[str]) -> dict[str, Event]:
        return {event["id"]: event for _, event in self.rows if event["id"] in event_ids}

    def at(self, ms: int) -> Position:
        return Position(f"{ms:013d}", 0)


class World:
    """Everything of webhooks; `turn` does what the two functions do with what waits."""

    def __init__(self, *, local: bool = False, waits: Sequence[int] | None = None) -> None:
        self.clock = FakeClock()
        self.endpoints = MemoryEndpointStore()
        self.attempts = MemoryAttemptStore()
        self.log = ListedLog()
        self.queue = MemoryQueue()
        self.delayed = MemoryDelayed()
        self.scheduler = MemoryScheduler()
        self.offered = MemoryOffered()
        self.subscriptions = MemorySubscriptions()
        self.resolver = MemoryResolver()
        self.poster = MemoryPoster()
        self.audit = MemoryAuditStore()
        self.slow = 0.0
        """Seconds that go by between two looks at the stopwatch: an attempt takes one or two."""
        self._looks = itertools.count()
        schedule = Schedule(waits, lambda: 1.0) if waits else Schedule(jitter=lambda: 1.0)
        self.webhooks = Webhooks(
            self.endpoints,
            self.subscriptions,
            self.resolver,
            self.clock,
            Audit(self.audit, self.clock),
            local=local,
        )
        self.attempting = Attempting(
            self.endpoints,
            self.attempts,
            self.log,
            self.delayed,
            self.queue,
            self.clock,
            Audit(self.audit, self.clock),
        )
        self.queueing = Queueing(self.endpoints, self.log, self.queue, self.delayed, self.clock)
        self.dispatching = Dispatching(
            self.endpoints,
            self.attempts,
            self.poster,
            self.resolver,
            self.delayed,
            self.scheduler,
            self.offered,
            self.clock,
            schedule=schedule,
            local=local,
            monotonic=lambda: next(self._looks) * self.slow,
        )

    def created(self, host: str = "a.example", **fields: Any) -> Shown:
        new = {"url": f"https://{host}/hook", "types": ["*"], **fields}
        return self.webhooks.create(SERVICE, NewEndpoint.model_validate(new))

    def an_endpoint(self, host: str = "a.example", **fields: Any) -> str:
        return self.created(host, **fields).endpoint.webhook_id

    def endpoint(self, webhook_id: str) -> Endpoint:
        found = self.endpoints.get(webhook_id)
        assert found
        return found

    def happens(self, *events: Event) -> Queued:
        return self.queues([json.dumps(event) for event in events])

    def queues(self, bodies: Sequence[str]) -> Queued:
        """One invocation of `queue_attempts`."""
        return self.queueing.queue([Incoming(f"item-{n}", b) for n, b in enumerate(bodies, 1)])

    def queued(self) -> list[AttemptJob]:
        return [AttemptJob.model_validate_json(body) for body in self.queue.take(ATTEMPTS)]

    def dispatches(self, jobs: Sequence[AttemptJob] | None = None) -> Dispatched:
        """One invocation of `dispatch_webhook` with what is queued, or with these."""
        batch = [
            Received(job, f"handle-{n}", f"item-{n}")
            for n, job in enumerate(self.queued() if jobs is None else jobs, 1)
        ]
        return self.dispatching.dispatch(batch)

    def turns(self, seconds: float) -> Dispatched:
        """Time passes; what is due by then is queued and dispatched."""
        self.clock.advance(seconds)
        self.queues([*self.delayed.take(), *self.scheduler.due(self.clock.now())])
        return self.dispatches()

    def posted_to(self, host: str) -> list[dict[str, Any]]:
        """The events that were posted there, in the order of the posts."""
        return [json.loads(body) for to, _, body in self.poster.posted if to.host == host]


def outcomes(world: World) -> list[tuple[int, int | None, str | None]]:
    """Number, status and error of each attempt, in their order."""
    return [(row.attempt, row.status_code, row.error) for row in world.attempts.rows]


def patch(world: World, webhook_id: str, **fields: object) -> str:
    """The status that is shown then."""
    return world.webhooks.change(SERVICE, webhook_id, EndpointPatch.model_validate(fields)).status


def code(call: Callable[[], object], kind: type[Rejected]) -> str:
    with pytest.raises(kind) as caught:
        call()
    return caught.value.code
