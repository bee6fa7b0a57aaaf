"""What is kept of clients and of refresh tokens, and where an outside issuer's keys come from."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from chat4all.access.client import Client
from chat4all.access.refresh_family import Family


class ClientPlace(NamedTuple):
    """Where a client stands in the listing."""

    created_at: int
    client_id: str


class ClientStore(Protocol):
    def add(self, client: Client) -> None:
        """Raises Raced if the id is taken."""
        ...

    def get(self, client_id: str) -> Client | None:
        """Strongly consistent, also of one that was revoked."""
        ...

    def replace(self, client: Client) -> None:
        """Store what was made of the version before. Raises Raced if there is another by now."""
        ...

    def page(self, after: ClientPlace | None, limit: int) -> list[Client]:
        """The oldest first, revoked ones among them. A new one may be missing for a moment."""
        ...


class RefreshStore(Protocol):
    def add(self, family: Family) -> None: ...

    def get(self, family_id: str) -> Family | None:
        """Strongly consistent. One that is over may still be there for a while."""
        ...

    def replace(self, family: Family) -> None:
        """Store what was made of the version before. Raises Raced if there is another by now, or
        if the family was ended."""
        ...

    def end(self, family_id: str) -> None: ...

    def end_all(self, user_id: str, at: int) -> None:
        """All that began for this user until then (ms) are over, wherever they are."""
        ...

    def ended_at(self, user_id: str) -> int:
        """The latest time of `end_all`; 0 when there was none. Strongly consistent."""
        ...


class KeySource(Protocol):
    def get(self, kid: str) -> Any:
        """The issuer's key (a `jwt.PyJWK` for RS256 or ES256) of this name; None if it has none.

        Raises:
            Unavailable: the issuer's keys could not be fetched, and never were before.
        """
        ...
