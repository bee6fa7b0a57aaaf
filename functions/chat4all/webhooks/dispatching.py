"""Post events to subscribers, and decide what comes after each attempt."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from chat4all import facts
from chat4all.errors import Chat4AllError, Invalid, Raced
from chat4all.events.messages import as_of
from chat4all.ports import Clock
from chat4all.ports.webhooks import (
    AttemptStore,
    Delayed,
    EndpointStore,
    Offered,
    Posted,
    Poster,
    Resolver,
    Scheduler,
)
from chat4all.tracing import HEADER
from chat4all.webhooks.addresses import destination
from chat4all.webhooks.endpoint import Attempt, AttemptJob, Endpoint
from chat4all.webhooks.measuring import attempted
from chat4all.webhooks.schedule import Schedule
from chat4all.webhooks.signing import as_json, signed_headers
from chat4all.webhooks.verdicts import GONE, RESTING, verdict
from chat4all.webhooks.waiting import Wait, Waiting

TIMEOUT = 15.0
"""Seconds for one attempt, from looking the name up to the answer."""
AT_ONCE = 10
TRIES = 3


class Received(NamedTuple):
    """A job with the handle and the id that the queue gave its message."""

    job: AttemptJob
    receipt_handle: str
    item_id: str


class Dispatched(NamedTuple):
    """What came of each attempt, and the items that must come again."""

    attempts: list[Attempt]
    failed: list[str]
    reasons: list[str]


class Dispatching:
    def __init__(
        self,
        endpoints: EndpointStore,
        attempts: AttemptStore,
        poster: Poster,
        resolver: Resolver,
        delayed: Delayed,
        scheduler: Scheduler,
        offered: Offered,
        clock: Clock,
        *,
        schedule: Schedule,
        local: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._endpoints = endpoints
        self._attempts = attempts
        self._poster = poster
        self._resolver = resolver
        self._waiting = Waiting(delayed, scheduler, clock)
        self._offered = offered
        self._clock = clock
        self._schedule = schedule
        self._local = local
        self._monotonic = monotonic

    def dispatch(self, batch: Sequence[Received]) -> Dispatched:
        """Attempt all jobs of a batch side by side, at least once each.

        A crash between a post and its record repeats the post, with the same `webhook-id`. An
        endpoint that is through before the others of its batch is taken off the queue at once,
        so that a slow one does not hold its next events back.
        """
        groups: dict[str, list[Received]] = {}
        for received in batch:
            groups.setdefault(received.job.webhook_id, []).append(received)
        if not groups:
            return Dispatched([], [], [])
        alone = len(groups) == 1
        with (
            ThreadPoolExecutor(AT_ONCE) as posting,
            ThreadPoolExecutor(len(groups)) as endpoints,
        ):
            parts = [
                endpoints.submit(self._group, webhook_id, group, posting, alone)
                for webhook_id, group in groups.items()
            ]
            done = [part.result() for part in parts]
        return Dispatched(
            [attempt for part in done for attempt in part.attempts],
            [item for part in done for item in part.failed],
            [reason for part in done for reason in part.reasons],
        )

    def _group(
        self, webhook_id: str, group: list[Received], posting: ThreadPoolExecutor, alone: bool
    ) -> Dispatched:
        try:
            endpoint = self._endpoints.get(webhook_id)
            if endpoint is None:
                return Dispatched([], [], [])
            rows = posting.map(lambda received: self._attempt(endpoint, received.job), group)
            made = list(zip(group, rows, strict=True))
            lost = self._waiting.begin(_waits(made))
            kept = [(received, row) for received, row in made if received.item_id not in lost]
            self._attempts.add([row for _, row in kept])
            attempted(row for _, row in kept)
            for received, row in kept:
                facts.attempted(received.job, row)
            self._judge(endpoint, [row for received, row in made if not received.job.is_test])
        except Chat4AllError as error:
            return Dispatched([], [received.item_id for received in group], [str(error)])
        if not alone:
            self._offered.remove([received.receipt_handle for received, _ in kept])
        return Dispatched([row for _, row in kept], list(lost), sorted(set(lost.values())))

    def _attempt(self, endpoint: Endpoint, job: AttemptJob) -> Attempt:
        at, began = self._clock.now(), self._monotonic()
        if not (endpoint.is_posted_to or job.is_test):
            return _row(job, at, 0, Posted(error=endpoint.status.lower()), None)
        if endpoint.resting_until is not None and endpoint.rests(at) and not job.is_test:
            after = self._schedule.after_rest(
                job.attempt, job.rested, at, job.first_at, endpoint.resting_until
            )
            if after is not None:  # else it is made now, or never
                return _row(job, at, 0, Posted(error=RESTING), after)
        posted = self._post(endpoint, job, at, began)
        took = round((self._monotonic() - began) * 1000)
        next_at = None
        if posted.error is not None and posted.status_code != GONE and not job.is_test:
            next_at = self._schedule.next_at(
                job.attempt, self._clock.now(), job.first_at, posted.retry_after
            )
        return _row(job, at, took, posted, next_at)

    def _post(self, endpoint: Endpoint, job: AttemptJob, at: int, began: float) -> Posted:
        try:
            to = destination(endpoint.url, self._resolver.resolve, local=self._local)
        except Invalid as refused:
            return Posted(error=str(refused.extra["reason"]))
        body = as_json(as_of(job.event, at))
        secrets = endpoint.signing(at)
        headers = signed_headers(secrets, str(job.event["id"]), at // 1000, body)
        headers[HEADER] = facts.posting(job).header
        left = TIMEOUT - (self._monotonic() - began)
        return self._poster.post(to, headers, body, left)

    def _judge(self, endpoint: Endpoint, made: Sequence[Attempt]) -> None:
        """Note since when an endpoint fails, and disable one that is gone or has failed for five
        days. Written only when it changes."""
        for _ in range(TRIES):
            changes = verdict(endpoint, made, self._clock.now())
            if not changes:
                return
            try:
                self._endpoints.update(endpoint, **changes)
                return
            except Raced:  # its owner changed it: of another URL these attempts say nothing
                there = self._endpoints.get(endpoint.webhook_id)
                if there is None or there.url != endpoint.url:
                    return
                endpoint = there


def _waits(made: Sequence[tuple[Received, Attempt]]) -> dict[str, Wait]:
    """What comes after these attempts, by the items that they came with."""
    found: dict[str, Wait] = {}
    for (job, _, item_id), row in made:
        if row.next_attempt_at is None:
            continue
        counted = "rested" if row.error == RESTING else "attempt"
        following = {
            counted: getattr(job, counted) + 1,
            "due": None,
            "event": as_of(job.event, row.next_attempt_at),  # nor does it wait with its body
        }
        found[item_id] = Wait(job.model_copy(update=following), row.next_attempt_at)
    return found


def _row(job: AttemptJob, at: int, took: int, posted: Posted, next_at: int | None) -> Attempt:
    return Attempt(
        webhook_id=job.webhook_id,
        event_id=str(job.event["id"]),
        event_type=str(job.event["type"]),
        attempt=job.attempt,
        at=at,
        duration_ms=took,
        status_code=posted.status_code,
        error=posted.error,
        next_attempt_at=next_at,
        replay=job.replay,
    )
