"""Clients come and go."""

from __future__ import annotations

from typing import Protocol

from chat4all.access.limits import Limits
from chat4all.access.refused_tokens import why
from chat4all.access.tokens import Verified
from chat4all.errors import TooMany, Unauthenticated
from chat4all.ports import Clock, UserStore
from chat4all.ports.realtime import ConnectionStore
from chat4all.realtime.access import CONNECTING
from chat4all.realtime.connection import IDLE_MS, LONGEST_MS, MAX_CONNECTIONS, Connection


class Verifier(Protocol):
    def verify(self, token: str) -> Verified:
        """Raises Unauthenticated."""
        ...


class Connecting:
    def __init__(
        self,
        connections: ConnectionStore,
        verifier: Verifier,
        users: UserStore,
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._connections = connections
        self._verifier = verifier
        self._users = users
        self._limits = limits
        self._clock = clock

    def connect(self, connection_id: str, token: str | None) -> Connection:
        """A user's client is there from now on: events are pushed to it.

        Raises:
            Unauthenticated: no token, no good one, or one of a user that there is not.
            Forbidden: a service's token: events of all users are for webhooks; or one without the
                scope to read what is pushed.
            TooMany: the user has twenty connections that are alive, or came too often in this
                minute.
        """
        verified = self._verified(token)
        self._limits.take_live(verified.caller.subject)
        now = self._clock.now()
        connection = Connection(
            connection_id=connection_id,
            user_id=verified.caller.subject,
            scopes=tuple(sorted(verified.caller.scopes)),
            connected_at=now,
            seen_at=now,
            token_expires_at=verified.expires_at * 1000,
            requests_per_minute=verified.caller.requests_per_minute,
        )
        self._connections.add(connection, self._gone(connection.user_id, now))
        return connection

    def _verified(self, token: str | None) -> Verified:
        if not token:
            raise Unauthenticated("invalid_token", "No token.")
        try:
            verified = self._verifier.verify(token)
        except Unauthenticated as error:
            raise Unauthenticated(error.code, why(error)) from error
        CONNECTING.admit(verified.caller)
        if not self._users.is_there(verified.caller.subject):
            raise Unauthenticated("invalid_token", "There is no such user.")
        return verified

    def _gone(self, user_id: str, now: int) -> list[str]:
        """The user's connections that have ended without a word; a look at each only when there
        are too many."""
        presence = self._connections.of_users([user_id]).get(user_id)
        if presence is None:
            return []
        opened = presence.connections
        gone = {i for i, other in opened.items() if other.connected_at < now - LONGEST_MS}
        if len(opened) - len(gone) >= MAX_CONNECTIONS:
            alive = self._connections.many(list(opened))
            gone |= {
                i for i in opened if i not in alive or alive[i].seen_at < now - IDLE_MS - 60_000
            }
        if len(opened) - len(gone) >= MAX_CONNECTIONS:
            raise TooMany(
                "too_many_connections", f"A user has at most {MAX_CONNECTIONS} connections."
            )
        return sorted(gone)

    def renew(self, connection: Connection, token: str) -> Connection:
        """Go on with a new token of the same user; from now on its scopes count.

        Raises:
            Unauthenticated: it is no good one, or somebody else's.
            Forbidden: nobody could connect with it. The old one counts until it ends.
        """
        verified = self._verified(token)
        if verified.caller.subject != connection.user_id:
            raise Unauthenticated("invalid_token", "The token is another user's.")
        renewed = connection.model_copy(
            update={
                "scopes": tuple(sorted(verified.caller.scopes)),
                "token_expires_at": verified.expires_at * 1000,
                "requests_per_minute": verified.caller.requests_per_minute,
            }
        )
        self._connections.renew(renewed)
        return renewed

    def disconnect(self, connection_id: str) -> Connection | None:
        """A client is gone; None if that was known."""
        connection = self._connections.get(connection_id)
        if connection is not None:
            self._connections.remove(connection.user_id, connection_id, self._clock.now())
        return connection
