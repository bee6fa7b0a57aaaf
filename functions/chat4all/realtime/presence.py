"""Who is there."""

from __future__ import annotations

from dataclasses import dataclass

from chat4all.caller import Caller
from chat4all.conversations import Conversations
from chat4all.errors import NotFound
from chat4all.ports import Clock, UserStore
from chat4all.ports.realtime import ConnectionStore
from chat4all.realtime import connection


@dataclass(frozen=True)
class PresenceView:
    user_id: str
    online: bool
    last_seen_at: int | None
    """ms; None for somebody who was never seen."""


class Presence:
    def __init__(
        self,
        connections: ConnectionStore,
        conversations: Conversations,
        users: UserStore,
        clock: Clock,
    ) -> None:
        self._connections = connections
        self._conversations = conversations
        self._users = users
        self._clock = clock

    def show(self, caller: Caller, user_id: str) -> PresenceView:
        """For services, for oneself, and for whoever shares a conversation.

        Online means that some connection gave a sign of life within three minutes.

        Raises:
            NotFound: no such user, or none of the caller's business.
        """
        if user_id not in self._users.get([user_id]) or not (
            caller.is_service or self._conversations.shared(caller.subject, user_id)
        ):
            raise NotFound("user_not_found", "There is no such user.")
        present = self._connections.of_users([user_id]).get(user_id, connection.Presence())
        alive = self._connections.many(list(present.connections))
        seen = [c.seen_at for c in alive.values()]
        if present.last_seen is not None:
            seen.append(present.last_seen)
        since = self._clock.now() - connection.ONLINE_MS
        online = any(c.seen_at >= since for c in alive.values())
        return PresenceView(user_id, online, max(seen, default=None))
