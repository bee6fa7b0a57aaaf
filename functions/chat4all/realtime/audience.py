"""Whom an event concerns of those who are connected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chat4all.conversation import Conversation
from chat4all.events import Event, types
from chat4all.ports import ConversationStore

PEERS_FROM = 50
"""Conversations of a user whose members are told when that user comes and goes: the latest."""

_OF_THE_SENDER = frozenset(
    {
        types.MESSAGE_SENT,
        types.MESSAGE_DELIVERED,
        types.MESSAGE_READ,
        types.MESSAGE_FAILED,
    }
)
_OF_THE_MEMBERS = frozenset(
    {
        types.MESSAGE_ACCEPTED,
        types.CONVERSATION_CREATED,
        types.CONVERSATION_UPDATED,
        types.CONVERSATION_READ,
        types.CONVERSATION_DELIVERED,
        types.MEMBER_JOINED,
        types.MEMBER_LEFT,
        types.TYPING,
    }
)


class Audience:
    """Built for a batch of events: what is read is read once for all of them."""

    def __init__(self, conversations: ConversationStore, events: Iterable[Event]) -> None:
        """Raises Unavailable."""
        self._store = conversations
        told = [e["data"].get("conversation_id") for e in events if e["type"] in _OF_THE_MEMBERS]
        wanted = {i for i in told if isinstance(i, str)}
        self._conversations: Mapping[str, Conversation] = (
            conversations.get(sorted(wanted)) if wanted else {}
        )
        self._peers: dict[str, frozenset[str]] = {}

    def of(self, event: Event) -> frozenset[str]:
        """User ids. `message.received` and what is about endpoints concerns nobody here: the one
        is pushed as `message.accepted`, the other is the services' affair."""
        kind, data = event["type"], event["data"]
        if kind in _OF_THE_MEMBERS:
            members = self._members(data["conversation_id"])
            if kind == types.TYPING:
                return members - {data["user_id"]}
            return members | {data["user_id"]} if kind == types.MEMBER_LEFT else members
        if kind in _OF_THE_SENDER:
            return frozenset({data["from"]})
        if kind == types.USER_UPDATED:
            return frozenset({data["user_id"]})
        if kind in (types.FILE_READY, types.FILE_REJECTED):
            return frozenset({data["owner"]} if data.get("owner") else ())
        if kind == types.PRESENCE:
            return self._peers_of(data["user_id"])
        return frozenset()

    def _members(self, conversation_id: str) -> frozenset[str]:
        there = self._conversations.get(conversation_id)
        return there.members if there else frozenset()

    def _peers_of(self, user_id: str) -> frozenset[str]:
        if user_id not in self._peers:
            recent, _ = self._store.recent(user_id, from_hour=None, at_least=PEERS_FROM)
            latest = self._store.get(list(recent)[:PEERS_FROM]) if recent else {}
            members = [c.members for c in latest.values() if user_id in c.members]
            self._peers[user_id] = frozenset().union(*members) - {user_id}
        return self._peers[user_id]
