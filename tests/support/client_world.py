"""Clients in memory, and an admin who looks after them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chat4all.access.audit import Audit, AuditRecord
from chat4all.access.client import NewClient
from chat4all.access.clients import Clients, Credentials
from chat4all.access.tokens import SCOPES
from chat4all.adapters.memory import FakeClock, MemoryAuditStore, MemoryClientStore
from chat4all.caller import Caller, CallerKind
from chat4all.errors import Unauthenticated, Unavailable


@dataclass
class ClientWorld:
    """An admin, `root`, and what they may call."""

    store: MemoryClientStore = field(default_factory=MemoryClientStore)
    trail: MemoryAuditStore = field(default_factory=MemoryAuditStore)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.clients = Clients(self.store, Audit(self.trail, self.clock), self.clock)
        self.root = self.caller(self.clients.register(name="root"))
        self.trail.records.clear()

    def caller(self, made: Credentials) -> Caller:
        scopes = frozenset(self.store.get(made.client_id).scopes)  # type: ignore[union-attr]
        return Caller(made.client_id, CallerKind.SERVICE, scopes, address="192.0.2.1")

    def another(self, *scopes: str) -> Credentials:
        made = self.clients.register(name="another", scopes=scopes or SCOPES)
        self.trail.records.clear()
        return made

    def knows(self, client_id: str, secret: str) -> bool:
        try:
            self.clients.authenticate(client_id, secret)
        except Unauthenticated as error:
            assert error.code == "invalid_client"
            return False
        return True

    @property
    def written(self) -> list[tuple[str, str, str]]:
        return [(r.action, r.actor, r.target) for r in self.trail.records]


def a_new_client(**fields: Any) -> NewClient:
    return NewClient.model_validate({"name": "shop", "scopes": ["users"], **fields})


class NoTrail(MemoryAuditStore):
    def add(self, record: AuditRecord) -> None:
        raise Unavailable("table")
