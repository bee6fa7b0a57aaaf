"""Clients, refresh tokens, the keys of an outside issuer."""

from __future__ import annotations

import threading
from typing import Any

from chat4all.access.client import Client
from chat4all.access.refresh_family import Family
from chat4all.errors import Raced, Unavailable
from chat4all.ports.access import ClientPlace


class MemoryClientStore:
    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self._lock = threading.Lock()
        self.reads = 0

    def add(self, client: Client) -> None:
        with self._lock:
            if client.client_id in self._clients:
                raise Raced(client.client_id)
            self._clients[client.client_id] = client

    def get(self, client_id: str) -> Client | None:
        self.reads += 1
        return self._clients.get(client_id)

    def replace(self, client: Client) -> None:
        with self._lock:
            there = self._clients.get(client.client_id)
            if there is None or there.version != client.version - 1:
                raise Raced(client.client_id)
            self._clients[client.client_id] = client

    def page(self, after: ClientPlace | None, limit: int) -> list[Client]:
        placed = sorted(self._clients.values(), key=_place)
        return [c for c in placed if after is None or _place(c) > after][:limit]


def _place(client: Client) -> ClientPlace:
    return ClientPlace(client.created_at, client.client_id)


class MemoryRefreshStore:
    def __init__(self) -> None:
        self.families: dict[str, Family] = {}
        self._ended: dict[str, int] = {}
        self._lock = threading.Lock()
        self.reads = 0

    def add(self, family: Family) -> None:
        self.families[family.family_id] = family

    def get(self, family_id: str) -> Family | None:
        self.reads += 1
        return self.families.get(family_id)

    def replace(self, family: Family) -> None:
        with self._lock:
            there = self.families.get(family.family_id)
            if there is None or there.version != family.version - 1:
                raise Raced(family.family_id)
            self.families[family.family_id] = family

    def end(self, family_id: str) -> None:
        self.families.pop(family_id, None)

    def end_all(self, user_id: str, at: int) -> None:
        self._ended[user_id] = max(at, self.ended_at(user_id))

    def ended_at(self, user_id: str) -> int:
        return self._ended.get(user_id, 0)


class MemoryKeySource:
    def __init__(self, **keys: Any) -> None:
        self.keys = keys
        self.down = False

    def get(self, kid: str) -> Any:
        if self.down:
            raise Unavailable("outside issuer")
        return self.keys.get(kid)
