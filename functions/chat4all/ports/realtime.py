"""Connected clients, and the sockets by which they are reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chat4all.realtime.connection import Connection, Presence


class ConnectionStore(Protocol):
    """Who is connected. What this process has written, every process reads."""

    def add(self, connection: Connection, gone: Sequence[str] = ()) -> None:
        """Note a connection with its user, and that some of the user's others are gone.

        `anyone` is true before the connection is there, so that no event passes it by.
        """
        ...

    def get(self, connection_id: str) -> Connection | None: ...

    def many(self, connection_ids: Sequence[str]) -> dict[str, Connection]: ...

    def seen(self, connection_id: str, at: int) -> None:
        """Note a sign of life; nothing happens when the connection is gone."""
        ...

    def renew(self, connection: Connection) -> None:
        """It has a new token: other scopes, another end. Raises Raced when it is gone."""
        ...

    def remove(self, user_id: str, connection_id: str, at: int) -> None:
        """It is gone since then; saying so twice changes nothing."""
        ...

    def forget(self, user_id: str) -> None:
        """Nothing is known any more of when and where a user was connected; that of connections
        that are open must be removed before."""
        ...

    def of_users(self, user_ids: Sequence[str]) -> dict[str, Presence]:
        """Of those who were ever connected."""
        ...

    def anyone(self, now: int) -> bool:
        """Somebody may be connected. Stays true for two to three hours after the last came."""
        ...


class Sockets(Protocol):
    def post(self, connection_id: str, data: bytes) -> None:
        """Hand a client one frame.

        Raises:
            ConnectionGone: it is not there any more, or its handshake has not ended.
            Unavailable: it may have it or not.
        """
        ...

    def close(self, connection_id: str) -> None:
        """End a connection; one that has ended already stays so."""
        ...
