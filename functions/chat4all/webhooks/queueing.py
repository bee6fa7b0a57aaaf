"""Find out who wants an event, and queue an attempt for each of them.

What comes from the queue `webhooks`: events of the topic, attempts whose wait is over, and
replays, which read the log a page at a time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from chat4all import facts
from chat4all.delivery import Outgoing
from chat4all.errors import Chat4AllError
from chat4all.events import Event
from chat4all.events.reading import READ_BEHIND_MS
from chat4all.ports import Clock, Queue
from chat4all.ports.events import EventLog, Position
from chat4all.ports.webhooks import Delayed, EndpointStore, Later
from chat4all.webhooks.endpoint import ATTEMPTS, AttemptJob, Endpoint, ReplayJob
from chat4all.webhooks.waiting import Wait

REPLAY_AT_ONCE = 100


class Incoming(NamedTuple):
    item_id: str
    body: str
    trace: str | None = None
    """The `traceparent` that came beside an event."""


class Queued(NamedTuple):
    """How many attempts were queued, and the items that must come again."""

    attempts: int
    failed: list[str]
    reasons: list[str]


class _Envelope(BaseModel):
    """As much of an event as is looked at; the whole of it goes out as it came."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)
    id: str
    type: str
    data: dict[str, object]


class Queueing:
    def __init__(
        self,
        endpoints: EndpointStore,
        log: EventLog,
        queue: Queue,
        delayed: Delayed,
        clock: Clock,
    ) -> None:
        self._endpoints = endpoints
        self._log = log
        self._queue = queue
        self._delayed = delayed
        self._clock = clock

    def queue(self, batch: Sequence[Incoming]) -> Queued:
        """Queue what a batch means. An item that fails leaves the others alone."""
        failed: dict[str, str] = {}
        events: dict[str, Event] = {}
        due: dict[str, AttemptJob] = {}
        early: dict[str, Wait] = {}
        replays: dict[str, ReplayJob] = {}
        now = self._clock.now()
        traces = {item.item_id: item.trace for item in batch}
        for item_id, body, _ in batch:
            try:
                match _read(body):
                    case AttemptJob(due=int(until)) as job if until > now:
                        early[item_id] = Wait(job, until)
                    case AttemptJob() as job:
                        due[item_id] = job
                    case ReplayJob() as replay:
                        replays[item_id] = replay
                    case event:
                        events[item_id] = event
            except (ValueError, RecursionError) as error:
                failed[item_id] = f"unreadable: {type(error).__name__}"
        count = 0
        parts: list[tuple[Iterable[str], Callable[[], int]]] = [
            ([*events, *due], lambda: self._send([*self._wanted(events, traces), *due.values()])),
            (early, lambda: self._put_off(early.values(), now)),
            *(([item_id], partial(self._replay, job)) for item_id, job in replays.items()),
        ]
        for items, work in parts:
            try:
                count += work()
            except Chat4AllError as error:
                failed |= dict.fromkeys(items, str(error))
        return Queued(count, list(failed), sorted(set(failed.values())))

    def _wanted(
        self, events: Mapping[str, Event], traces: Mapping[str, str | None]
    ) -> list[AttemptJob]:
        """The first attempts of events, matched with the endpoints that there are now."""
        if not events:
            return []
        active = [e for e in self._endpoints.list() if e.is_posted_to]
        now = self._clock.now()
        return [
            _first(e, event, now, trace=traces[item_id])
            for item_id, event in events.items()
            for e in active
            if e.wants(event)
        ]

    def _send(self, jobs: Sequence[AttemptJob]) -> int:
        began = time.time()
        out: list[Outgoing] = [job.outgoing() for job in jobs]
        if out:
            self._queue.send(ATTEMPTS, out)
        for job in jobs:
            facts.attempt_queued(job, began)
        return len(out)

    def _put_off(self, early: Collection[Wait], now: int) -> int:
        if early:
            self._delayed.send([wait.hop(now) for wait in early])
        return 0

    def _replay(self, job: ReplayJob) -> int:
        """One page of the log, and a job for the rest. The end of the range may be younger than
        what the log has for certain: a later job takes it then."""
        endpoint = self._endpoints.get(job.webhook_id)
        if endpoint is None or not endpoint.is_posted_to:
            return 0
        now = self._clock.now()
        settled = now - READ_BEHIND_MS
        page = self._log.read(
            Position(*job.after) if job.after else None,
            until=min(job.until, settled),
            limit=REPLAY_AT_ONCE,
            wanted=endpoint.wants,
        )
        sent = self._send([_first(endpoint, event, now, job.replay) for event in page.events])
        if page.more or job.until > settled:
            rest = job.model_copy(update={"after": tuple(page.position)})
            wait = 0 if page.more else min(900, -(-(job.until - settled) // 1000))
            self._delayed.send([Later(rest.model_dump_json(), wait)])
        return sent


def _first(
    endpoint: Endpoint,
    event: Event,
    now: int,
    replay: str | None = None,
    trace: str | None = None,
) -> AttemptJob:
    return AttemptJob(
        webhook_id=endpoint.webhook_id, event=event, first_at=now, replay=replay, trace=trace
    )


def _read(body: str) -> AttemptJob | ReplayJob | Event:
    """Raises ValueError for what is none of the three."""
    found = json.loads(body)
    kind = found.get("kind") if isinstance(found, dict) else None
    if kind == "attempt":
        return AttemptJob.model_validate(found)
    if kind == "replay":
        return ReplayJob.model_validate(found)
    try:
        _Envelope.model_validate(found)
    except ValidationError as error:
        raise ValueError("no event") from error
    event: Event = found
    return event
