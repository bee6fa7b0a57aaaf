"""Endpoints, attempts, and the ways to and from subscribers."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from chat4all.errors import Raced, Unavailable
from chat4all.ids import new_id
from chat4all.ports.webhooks import (
    AttemptKey,
    EventFilter,
    Later,
    Posted,
    SubscriptionState,
)
from chat4all.webhooks.addresses import Destination
from chat4all.webhooks.endpoint import Attempt, Endpoint


class MemoryEndpointStore:
    def __init__(self) -> None:
        self._found: dict[str, Endpoint] = {}
        self._lock = threading.Lock()
        self.down = False
        self.reads = 0

    def add(self, endpoint: Endpoint) -> None:
        with self._lock:
            if endpoint.webhook_id in self._found:
                raise Raced(endpoint.webhook_id)
            self._found[endpoint.webhook_id] = endpoint

    def get(self, webhook_id: str) -> Endpoint | None:
        self._read()
        return self._found.get(webhook_id)

    def list(self) -> list[Endpoint]:
        self._read()
        return sorted(self._found.values(), key=lambda e: (e.created_at, e.webhook_id))

    def update(self, endpoint: Endpoint, **changes: Any) -> Endpoint:
        with self._lock:
            there = self._found.get(endpoint.webhook_id)
            if there is None or there.version != endpoint.version:
                raise Raced(endpoint.webhook_id)
            changed = endpoint.model_copy(update={**changes, "version": endpoint.version + 1})
            self._found[endpoint.webhook_id] = changed
            return changed

    def delete(self, webhook_id: str) -> None:
        self._found.pop(webhook_id, None)

    def any_active(self) -> bool:
        return any(endpoint.is_posted_to for endpoint in self.list())

    def _read(self) -> None:
        self.reads += 1
        if self.down:
            raise Unavailable("table")


class MemoryAttemptStore:
    def __init__(self) -> None:
        self.rows: list[Attempt] = []
        self.down = False
        self.writes = 0

    def add(self, attempts: Sequence[Attempt]) -> None:
        if self.down:
            raise Unavailable("table")
        self.writes += 1
        self.rows += [a for a in attempts if _key(a) not in map(_key, self.rows)]

    def page(
        self, webhook_id: str, before: AttemptKey | None, limit: int
    ) -> tuple[list[Attempt], AttemptKey | None]:
        mine = [a for a in self.rows if a.webhook_id == webhook_id]
        earlier = [a for a in mine if before is None or _place(a) < before]
        found = sorted(earlier, key=_place, reverse=True)
        more = len(found) > limit
        return found[:limit], _place(found[limit - 1]) if more else None


def _place(attempt: Attempt) -> AttemptKey:
    return AttemptKey(attempt.at, attempt.event_id, attempt.attempt)


def _key(attempt: Attempt) -> tuple[str, AttemptKey]:
    return attempt.webhook_id, _place(attempt)


class MemoryDelayed:
    """What waits, with its seconds: `take` hands it out at once."""

    def __init__(self) -> None:
        self.waiting: list[Later] = []
        self.down = False

    def send(self, messages: Sequence[Later]) -> None:
        if self.down:
            raise Unavailable("webhooks queue")
        self.waiting += messages

    def take(self) -> list[str]:
        bodies = [message.body for message in self.waiting]
        self.waiting.clear()
        return bodies


class MemoryScheduler:
    def __init__(self) -> None:
        self.schedules: dict[str, tuple[int, str]] = {}
        self.room: int | None = None
        """How many there may be."""
        self.asked = 0

    def at(self, name: str, when: int, body: str) -> None:
        self.asked += 1
        if self.room is not None and len(self.schedules) >= self.room:
            raise Unavailable("scheduler")
        self.schedules.setdefault(name, (when, body))

    def due(self, now: int) -> list[str]:
        """The bodies whose time has come (ms), in its order; they are gone then."""
        names = [n for n, (when, _) in self.schedules.items() if when <= now]
        return [self.schedules.pop(n)[1] for n in sorted(names, key=self.schedules.__getitem__)]


class MemoryOffered:
    def __init__(self) -> None:
        self.removed: list[str] = []

    def remove(self, receipt_handles: Sequence[str]) -> None:
        self.removed += receipt_handles


class MemorySubscriptions:
    def __init__(self) -> None:
        self.found: dict[str, tuple[str, EventFilter]] = {}
        self.confirmed: set[str] = set()
        self.shares_pending = False
        """As AWS does: one that is not confirmed is in no listing, and is handed out again."""

    def subscribe(self, url: str, wanted: EventFilter) -> str:
        for arn, there in self.found.items():
            if self.shares_pending and there == (url, wanted) and arn not in self.confirmed:
                return arn
            if there[0] == url:
                raise Raced("the URL has a subscription")
        arn = f"arn:aws:sns:us-east-1:000000000000:events:{new_id()}"
        self.found[arn] = (url, wanted)
        return arn

    def change(self, arn: str, wanted: EventFilter) -> None:
        if arn in self.found:
            self.found[arn] = (self.found[arn][0], wanted)

    def state(self, arn: str) -> SubscriptionState:
        if arn not in self.found:
            return SubscriptionState.GONE
        confirmed = arn in self.confirmed
        return SubscriptionState.CONFIRMED if confirmed else SubscriptionState.PENDING

    def unsubscribe(self, arn: str) -> None:
        self.found.pop(arn, None)


class MemoryResolver:
    """Names that it was told, and a public address for all others."""

    def __init__(self, names: Mapping[str, Sequence[str]] | None = None) -> None:
        self.names = dict(names or {})
        self.asked: list[str] = []

    def resolve(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return list(self.names.get(host, ["93.184.215.14"]))


class MemoryPoster:
    """Keeps what was posted; answers 200, or by host what it was told, in turn."""

    def __init__(self) -> None:
        self.posted: list[tuple[Destination, dict[str, str], bytes]] = []
        self.answers: dict[str, deque[Posted]] = {}
        self._lock = threading.Lock()

    def answers_with(self, host: str, *answers: Posted) -> None:
        """The last one for good."""
        self.answers[host] = deque(answers)

    def post(
        self, to: Destination, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> Posted:
        with self._lock:
            self.posted.append((to, dict(headers), body))
            waiting = self.answers.get(to.host)
            if not waiting:
                return Posted(200)
            return waiting.popleft() if len(waiting) > 1 else waiting[0]
