"""Connected clients, and sockets that keep what was posted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from threading import RLock
from typing import Any

from chat4all.errors import ConnectionGone, Raced, Unavailable
from chat4all.realtime.connection import LONGEST_MS, Connection, Opened, Presence


class MemoryConnectionStore:
    def __init__(self) -> None:
        self._lock = RLock()
        self._connections: dict[str, Connection] = {}
        self._presences: dict[str, Presence] = {}
        self._active_until = 0

    def add(self, connection: Connection, gone: Sequence[str] = ()) -> None:
        with self._lock:
            if self._active_until <= connection.connected_at + LONGEST_MS:
                self._active_until = connection.connected_at + LONGEST_MS + 3_600_000
            self._connections[connection.connection_id] = connection
            self._note(connection, gone)

    def _note(self, connection: Connection, gone: Sequence[str] = ()) -> None:
        there = self._presences.get(connection.user_id, Presence())
        opened = Opened(connection.connected_at, connection.token_expires_at)
        kept = {i: o for i, o in there.connections.items() if i not in gone}
        self._presences[connection.user_id] = Presence(
            {**kept, connection.connection_id: opened}, there.last_seen
        )

    def get(self, connection_id: str) -> Connection | None:
        return self._connections.get(connection_id)

    def many(self, connection_ids: Sequence[str]) -> dict[str, Connection]:
        return {i: self._connections[i] for i in connection_ids if i in self._connections}

    def seen(self, connection_id: str, at: int) -> None:
        with self._lock:
            if connection_id in self._connections:
                there = self._connections[connection_id]
                self._connections[connection_id] = there.model_copy(update={"seen_at": at})

    def renew(self, connection: Connection) -> None:
        with self._lock:
            there = self._connections.get(connection.connection_id)
            if there is None:
                raise Raced(connection.connection_id)
            self._connections[connection.connection_id] = there.model_copy(
                update={
                    "token_expires_at": connection.token_expires_at,
                    "scopes": connection.scopes,
                    "requests_per_minute": connection.requests_per_minute,
                }
            )
            self._note(connection)

    def remove(self, user_id: str, connection_id: str, at: int) -> None:
        with self._lock:
            self._connections.pop(connection_id, None)
            there = self._presences.get(user_id, Presence())
            if connection_id in there.connections:
                left = {i: o for i, o in there.connections.items() if i != connection_id}
                self._presences[user_id] = Presence(left, at)

    def forget(self, user_id: str) -> None:
        self._presences.pop(user_id, None)

    def of_users(self, user_ids: Sequence[str]) -> dict[str, Presence]:
        return {i: self._presences[i] for i in user_ids if i in self._presences}

    def anyone(self, now: int) -> bool:
        return self._active_until > now


class MemorySockets:
    """Whoever is in `gone` is not there; posts to whoever is in `down` fail."""

    def __init__(self) -> None:
        self._lock = RLock()
        self.posted: dict[str, list[dict[str, Any]]] = {}
        self.closed: list[str] = []
        self.gone: set[str] = set()
        self.down: set[str] = set()

    def post(self, connection_id: str, data: bytes) -> None:
        with self._lock:
            if connection_id in self.gone or connection_id in self.closed:
                raise ConnectionGone(connection_id)
            if connection_id in self.down:
                raise Unavailable(f"sockets: {connection_id}")
            self.posted.setdefault(connection_id, []).append(json.loads(data))

    def close(self, connection_id: str) -> None:
        with self._lock:
            self.closed.append(connection_id)
