"""API clients, as admins see them."""

from __future__ import annotations

from pydantic import Field

from chat4all.access.client import Client
from chat4all.api.views.base import View
from chat4all.timestamps import iso


class ClientOut(View):
    client_id: str
    name: str
    scopes: list[str]
    requests_per_minute: int | None
    user_requests_per_minute: int
    created_at: str
    old_secret_ends_at: str | None = Field(
        description="After a rotation: until when the secret before this one works, or did."
    )
    revoked_at: str | None = Field(description="null while it may call the API.")

    @classmethod
    def of(cls, client: Client) -> ClientOut:
        return cls(**_fields(client))


class ClientWithSecret(ClientOut):
    client_secret: str = Field(description="Shown this once.")

    @classmethod
    def with_secret(cls, client: Client, secret: str) -> ClientWithSecret:
        return cls(**_fields(client), client_secret=secret)


def _fields(client: Client) -> dict[str, object]:
    revoked = client.revoked_at
    ends = max((s.expires_at for s in client.secrets if s.expires_at is not None), default=None)
    return {
        "client_id": client.client_id,
        "name": client.name,
        "scopes": list(client.scopes),
        "requests_per_minute": client.requests_per_minute,
        "user_requests_per_minute": client.user_requests_per_minute,
        "created_at": iso(client.created_at),
        "old_secret_ends_at": None if ends is None else iso(ends),
        "revoked_at": None if revoked is None else iso(revoked),
    }


class ClientPage(View):
    items: list[ClientOut] = Field(description="The oldest first, revoked ones among them.")
    next_cursor: str | None
