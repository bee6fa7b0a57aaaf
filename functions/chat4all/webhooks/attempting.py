"""Try an endpoint out, look at what came of its attempts, and post events again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chat4all.access.audit import Audit
from chat4all.caller import Caller
from chat4all.errors import Conflict, Invalid, NotFound
from chat4all.ids import new_id
from chat4all.ports import Clock, Queue
from chat4all.ports.events import EventLog
from chat4all.ports.webhooks import AttemptKey, AttemptStore, Delayed, EndpointStore, Later
from chat4all.timestamps import iso
from chat4all.webhooks.endpoint import (
    ATTEMPTS,
    Attempt,
    AttemptJob,
    Endpoint,
    EndpointStatus,
    ReplayJob,
    trial,
)
from chat4all.webhooks.managing import posted_to


class Replay(NamedTuple):
    """`queued` is None where a range is read from the log later on."""

    replay_id: str
    queued: int | None


class Attempting:
    """For services alone, and for endpoints that we post to: those of SNS are refused with
    `delivered_by_sns`."""

    def __init__(
        self,
        endpoints: EndpointStore,
        attempts: AttemptStore,
        log: EventLog,
        delayed: Delayed,
        queue: Queue,
        clock: Clock,
        audit: Audit,
    ) -> None:
        self._endpoints = endpoints
        self._attempts = attempts
        self._log = log
        self._delayed = delayed
        self._queue = queue
        self._clock = clock
        self._audit = audit

    def test(self, caller: Caller, webhook_id: str) -> str:
        """Post one `endpoint.test`, once, whatever the endpoint's status; its event's id."""
        posted_to(self._endpoints, caller, webhook_id)
        self._audit.record(caller, "webhook.tested", webhook_id)
        now = self._clock.now()
        event = trial(new_id(), iso(now), webhook_id)
        job = AttemptJob(webhook_id=webhook_id, event=event, first_at=now)
        self._queue.send(ATTEMPTS, [job.outgoing()])
        return str(event["id"])

    def attempts(
        self, caller: Caller, webhook_id: str, before: AttemptKey | None, limit: int
    ) -> tuple[Sequence[Attempt], AttemptKey | None]:
        """The newest first, and where to go on."""
        posted_to(self._endpoints, caller, webhook_id)
        return self._attempts.page(webhook_id, before, limit)

    def replay_events(self, caller: Caller, webhook_id: str, event_ids: Sequence[str]) -> Replay:
        """Post these events again, whatever the endpoint's filter says.

        Raises:
            NotFound: some of them are not in the log; none is queued then.
        """
        endpoint = self._replayed_to(caller, webhook_id)
        wanted = list(dict.fromkeys(event_ids))
        found = self._log.find(wanted)
        missing = [event_id for event_id in wanted if event_id not in found]
        if missing:
            detail = f"{len(missing)} of them are not in the event log."
            raise NotFound("event_not_found", detail, event_ids=missing)
        now, replay = self._clock.now(), new_id()
        jobs = [
            AttemptJob(
                webhook_id=endpoint.webhook_id, event=found[event_id], first_at=now, replay=replay
            )
            for event_id in wanted
        ]
        told = {"replay_id": replay, "events": len(jobs)}
        self._audit.record(caller, "webhook.replayed", webhook_id, **told)
        self._queue.send(ATTEMPTS, [job.outgoing() for job in jobs])
        return Replay(replay, len(jobs))

    def replay_range(
        self, caller: Caller, webhook_id: str, since: int, until: int | None
    ) -> Replay:
        """Post again what was logged in a range (ms) and passes the endpoint's filter; until now
        if no end is given."""
        self._replayed_to(caller, webhook_id)
        now = self._clock.now()
        end = min(now, now if until is None else until)
        if since >= end:
            raise Invalid("bad_range", "`since` must be before `until`, and in the past.")
        job = ReplayJob(
            webhook_id=webhook_id, replay=new_id(), after=self._log.at(since), until=end
        )
        told = {"replay_id": job.replay, "since": iso(since), "until": iso(end)}
        self._audit.record(caller, "webhook.replayed", webhook_id, **told)
        self._delayed.send([Later(job.model_dump_json(), 0)])
        return Replay(job.replay, None)

    def _replayed_to(self, caller: Caller, webhook_id: str) -> Endpoint:
        endpoint = posted_to(self._endpoints, caller, webhook_id)
        if endpoint.status is not EndpointStatus.ACTIVE:
            detail = f"It is {endpoint.status}: make it ACTIVE first."
            raise Conflict("webhook_not_active", detail)
        return endpoint
