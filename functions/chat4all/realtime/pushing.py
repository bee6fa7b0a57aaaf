"""Events → the sockets of those whom they concern."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from chat4all.errors import ConnectionGone, Unauthenticated, Unavailable
from chat4all.events import TRANSIENT, Event, time_of
from chat4all.ports import Clock, ConversationStore
from chat4all.ports.realtime import ConnectionStore, Sockets
from chat4all.realtime.answers import refusal, wire
from chat4all.realtime.audience import Audience
from chat4all.realtime.connection import Opened, Presence

AT_ONCE = 16
"""Posts side by side."""
TOO_OLD_MS = 600_000
"""What waited longer is not pushed: whoever was connected has asked for it by then."""
TOO_OLD_TRANSIENT_MS = 30_000
"""And of what is true for a moment only."""
HANDSHAKE_MS = 10_000
"""So long a connection may be known here before its handshake has ended: it is gone until then."""
HANDSHAKE_WAITS = (0.05, 0.1, 0.2, 0.4)
"""Seconds between looks whether it has."""


@dataclass(frozen=True)
class Pushed:
    failed: set[str]
    """Records whose events did not reach everybody: offer them again."""
    posts: int = 0
    gone: int = 0
    old: int = 0


@dataclass(frozen=True)
class _Target:
    user_id: str
    connection_id: str
    opened: Opened


class Pushing:
    def __init__(
        self,
        connections: ConnectionStore,
        conversations: ConversationStore,
        sockets: Sockets,
        clock: Clock,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connections = connections
        self._conversations = conversations
        self._sockets = sockets
        self._clock = clock
        self._sleep = sleep

    def push(self, events: Mapping[str, Event]) -> Pushed:
        """Post each event to every connection of its audience, in their order for each.

        Events are named by their records. What is offered again is posted again to all, under the
        same id.

        Raises:
            Unavailable: nothing was posted.
        """
        now = self._clock.now()
        unreadable: set[str] = set()
        fresh: dict[str, Event] = {}
        for record, event in events.items():
            try:
                limit = TOO_OLD_TRANSIENT_MS if event["type"] in TRANSIENT else TOO_OLD_MS
                if now - time_of(event["id"]) <= limit:  # a receipt's timestamp may be older
                    fresh[record] = event
            except (LookupError, TypeError, ValueError):
                unreadable.add(record)
        users = self._audiences(fresh, unreadable)
        everybody = sorted(frozenset().union(*users.values()))
        present = self._connections.of_users(everybody) if everybody else {}
        jobs = _by_connection(users, present)
        frames = {record: wire(fresh[record]) for record in users}
        with ThreadPoolExecutor(max(1, min(AT_ONCE, len(jobs)))) as pool:
            done = list(
                pool.map(lambda job: self._post_all(job[0], job[1], frames, now), jobs.items())
            )
        return Pushed(
            failed=unreadable.union(*(failed for failed, _ in done)),
            posts=sum(map(len, jobs.values())),
            gone=sum(gone for _, gone in done),
            old=len(events) - len(fresh) - len(unreadable),
        )

    def _audiences(
        self, events: Mapping[str, Event], unreadable: set[str]
    ) -> dict[str, frozenset[str]]:
        audience = Audience(self._conversations, events.values())
        found: dict[str, frozenset[str]] = {}
        for record, event in events.items():
            try:
                found[record] = audience.of(event)
            except (LookupError, TypeError):
                unreadable.add(record)
        return found

    def _post_all(
        self, target: _Target, records: Sequence[str], frames: Mapping[str, bytes], now: int
    ) -> tuple[Sequence[str], bool]:
        """Records that failed from the first one on, and whether nobody is there any more."""
        for position, record in enumerate(records):
            try:
                if target.opened.token_expires_at <= now:
                    self._end(target, now)
                    return [], True
                self._post(target, frames[record], now)
            except ConnectionGone:
                if now - target.opened.connected_at < HANDSHAKE_MS:
                    return records[position:], False  # it may be about to come
                return self._forget(target, now, records[position:])
            except Unavailable:
                return records[position:], False
        return [], False

    def _post(self, target: _Target, frame: bytes, now: int) -> None:
        waits = HANDSHAKE_WAITS if now - target.opened.connected_at < HANDSHAKE_MS else ()
        for wait in waits:
            try:
                return self._sockets.post(target.connection_id, frame)
            except ConnectionGone:
                self._sleep(wait)
        return self._sockets.post(target.connection_id, frame)

    def _forget(
        self, target: _Target, now: int, records: Sequence[str]
    ) -> tuple[Sequence[str], bool]:
        try:
            self._connections.remove(target.user_id, target.connection_id, now)
        except Unavailable:
            return records, False
        return [], True

    def _end(self, target: _Target, now: int) -> None:
        """Nobody is pushed to beyond the life of their token."""
        expired = Unauthenticated("invalid_token", "The token has expired.")
        try:
            self._sockets.post(target.connection_id, wire(refusal(None, expired)))
            self._sockets.close(target.connection_id)
        except ConnectionGone:
            pass  # it ended by itself
        self._connections.remove(target.user_id, target.connection_id, now)


def _by_connection(
    users: Mapping[str, frozenset[str]], present: Mapping[str, Presence]
) -> dict[_Target, list[str]]:
    """Each connection's records, in the order of the batch."""
    jobs: dict[_Target, list[str]] = defaultdict(list)
    for record, audience in users.items():
        for user_id in sorted(audience & present.keys()):
            for connection_id, opened in present[user_id].connections.items():
                jobs[_Target(user_id, connection_id, opened)].append(record)
    return jobs
