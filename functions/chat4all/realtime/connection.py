"""A client's WebSocket, and who is there because of it. Times are milliseconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from chat4all.caller import Caller, CallerKind

MAX_CONNECTIONS = 20
"""Of one user: devices and tabs."""
LONGEST_MS = 7_200_000
"""The gateway ends every connection after two hours."""
IDLE_MS = 600_000
"""And one on which nothing was said for ten minutes."""
ONLINE_MS = 180_000
"""Whoever said nothing for three minutes counts as gone: clients ping once a minute."""
SEEN_EVERY_MS = 60_000
"""A sign of life is written down once a minute at most."""


class Connection(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    connection_id: str
    user_id: str
    scopes: tuple[str, ...]
    connected_at: int
    seen_at: int
    token_expires_at: int
    requests_per_minute: int | None = None

    def caller(self) -> Caller:
        """Who acts by it: the user of its token, with what that token says."""
        scopes = frozenset(self.scopes)
        return Caller(self.user_id, CallerKind.USER, scopes, self.requests_per_minute)


class Opened(NamedTuple):
    """What a user's presence says of one connection: enough to push, without another read."""

    connected_at: int
    token_expires_at: int


@dataclass(frozen=True)
class Presence:
    """Where a user can be reached: connections by id, some of which may be dead by now."""

    connections: dict[str, Opened] = field(default_factory=dict)
    last_seen: int | None = None
    """When the last connection ended of which that is known."""
