"""Refresh tokens in memory: a user's app, and the shop that mints tokens for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from chat4all.access.audit import Audit
from chat4all.access.client import Client
from chat4all.access.refresh_tokens import Grant, RefreshTokens
from chat4all.access.tokens import SCOPES, Tokens
from chat4all.adapters.local_key import LocalSigner
from chat4all.adapters.memory import (
    FakeClock,
    MemoryAuditStore,
    MemoryClientStore,
    MemoryRefreshStore,
    MemoryStore,
    MemoryUserStore,
)
from chat4all.caller import Caller, CallerKind
from chat4all.errors import Rejected, Unavailable
from chat4all.user import User
from tests.builders import NOW

SIGNER = LocalSigner()
DAY_S = 86_400
SHOP = Caller("c4a_1", CallerKind.SERVICE, frozenset(SCOPES))


class BusySigner:
    """The same key for all worlds: making one takes its time."""

    down = False

    def sign(self, message: bytes) -> bytes:
        if self.down:
            raise Unavailable("token key")
        return SIGNER.sign(message)

    def public_key(self) -> bytes:
        return SIGNER.public_key()


@dataclass
class RefreshWorld:
    """Bo's app, and the shop that mints tokens for it."""

    clock: FakeClock = field(default_factory=FakeClock)
    families: MemoryRefreshStore = field(default_factory=MemoryRefreshStore)
    trail: MemoryAuditStore = field(default_factory=MemoryAuditStore)
    clients: MemoryClientStore = field(default_factory=MemoryClientStore)
    store: MemoryStore = field(default_factory=MemoryStore)
    signer: BusySigner = field(default_factory=BusySigner)

    def __post_init__(self) -> None:
        self.store.users["bo"] = User(user_id="bo", created_at=NOW)
        self.clients.add(Client("c4a_1", "shop", SCOPES, NOW))
        users = MemoryUserStore(self.store)
        tokens = Tokens((self.signer,), users, self.clients, self.clock, "test")
        audit = Audit(self.trail, self.clock)
        self.refreshing = RefreshTokens(
            self.families, tokens, users, self.clients, audit, self.clock
        )

    def first(self, lifetime: int = 900, caller: Caller = SHOP) -> str:
        """Minted, and that taken off the trail."""
        minted = text(self.refreshing.mint(caller, "bo", lifetime, refresh=True))
        self.trail.records.pop()
        return minted

    def use(self, token: str) -> str:
        return text(self.refreshing.refresh(token, "192.0.2.1"))

    def is_good(self, token: str) -> bool:
        try:
            self.use(token)
        except Rejected as error:
            assert error.code == "invalid_grant"
            return False
        return True

    def change_client(self, **changes: object) -> None:
        there = self.clients.get("c4a_1")
        assert there is not None
        self.clients.replace(replace(there, version=there.version + 1, **changes))  # type: ignore[arg-type]


def text(grant: Grant) -> str:
    assert grant.refresh_token is not None
    return grant.refresh_token
