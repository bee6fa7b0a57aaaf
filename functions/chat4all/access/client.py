"""Clients: programs that may call the API, how they prove who they are, and what they may."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

USER_RATE = 60
"""Requests that change something, a minute, of a token for a user; unless the client says more."""
MAX_SECRETS = 2
DAY_S = 86_400

Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
ScopeName = Annotated[str, StringConstraints(min_length=1, max_length=64)]
ScopeNames = Annotated[tuple[ScopeName, ...], Field(min_length=1, max_length=16)]
Rate = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
_OWN = "Of its own tokens: requests a minute that change something. null: no limit of its own."
_USERS = "The same, of each token that it mints for a user."


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class ClientSecret:
    """Kept as a SHA-256: it is 256 random bits, which no dictionary holds, so a slow hash would
    protect nothing."""

    sha256: str
    expires_at: int | None = None
    """Milliseconds; None for the one that holds. A rotated one works beside it until then."""


_NOBODYS = ClientSecret(sha256(""), 0)


@dataclass(frozen=True)
class Client:
    client_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: int
    secrets: tuple[ClientSecret, ...] = field(default=(), repr=False)
    requests_per_minute: int | None = None
    user_requests_per_minute: int = USER_RATE
    revoked_at: int | None = None
    era: int = 0
    """Counts the times that its secret was replaced at once, without grace. What was given out in
    an earlier one may be a thief's: refresh tokens end, and access tokens do nothing that stays."""
    version: int = 1
    """Counts its changes: of two that are made from the same one, the second is refused."""

    @property
    def is_active(self) -> bool:
        return self.revoked_at is None

    def accepts(self, secret: str, now: int) -> bool:
        """Whether it is a secret that holds at this time (ms). The same work whatever is wrong."""
        given, found = sha256(secret), False
        for known in (*self.secrets, *[_NOBODYS] * MAX_SECRETS)[:MAX_SECRETS]:
            holds = known.expires_at is None or now < known.expires_at
            found |= hmac.compare_digest(known.sha256, given) and holds
        return found


NOBODY = Client("", "", (), 0)
"""Accepts no secret."""


class NewClient(BaseModel):
    """The body of `POST /v1/clients`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    name: Name
    scopes: ScopeNames
    requests_per_minute: Rate | None = Field(None, description=_OWN)
    user_requests_per_minute: Rate = Field(USER_RATE, description=_USERS)


class ClientPatch(BaseModel):
    """The body of `PATCH /v1/clients/{id}`: what is left out stays as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    name: Name | None = None
    scopes: ScopeNames | None = None
    requests_per_minute: Rate | None = Field(None, description=_OWN)
    user_requests_per_minute: Rate | None = Field(None, description=_USERS)
