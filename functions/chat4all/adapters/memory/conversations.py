"""Conversations, members and watermarks."""

from __future__ import annotations

from collections.abc import Sequence

from chat4all.adapters.memory.store import MemoryStore
from chat4all.conversation import (
    MAX_MEMBERS,
    Conversation,
    ConversationType,
    Head,
    Member,
    activity_hour,
)
from chat4all.errors import Raced
from chat4all.receipts import Mark


class MemoryConversationStore:
    def __init__(self, store: MemoryStore) -> None:
        self._s = store

    def create(self, conversation: Conversation) -> Conversation:
        with self._s.lock:
            there = self._s.conversations.get(conversation.conversation_id)
            if there is not None:
                return there
            self._s.conversations[conversation.conversation_id] = conversation
            self._s.heads[conversation.conversation_id] = Head(
                conversation_id=conversation.conversation_id,
                last_activity=conversation.created_at,
            )
            for user in conversation.members:
                self._add_member(conversation.conversation_id, user, conversation.created_at)
            return conversation

    def keep_for(self, conversation_id: str, days: int) -> Conversation:
        with self._s.lock:
            there = self._s.conversations.get(conversation_id)
            if there is None:
                raise Raced(conversation_id)
            kept = there.model_copy(update={"retention_days": days})
            self._s.conversations[conversation_id] = kept
            return kept

    def _add_member(self, conversation_id: str, user_id: str, at: int) -> None:
        self._s.members[conversation_id, user_id] = Member(
            conversation_id=conversation_id, user_id=user_id, joined_at=at
        )
        self._s.hours[conversation_id, user_id] = activity_hour(at)

    def get(self, conversation_ids: Sequence[str]) -> dict[str, Conversation]:
        known = self._s.conversations
        return {i: known[i] for i in conversation_ids if i in known}

    def heads(self, conversation_ids: Sequence[str], *, fresh: bool = False) -> dict[str, Head]:
        return {i: self._s.heads[i] for i in conversation_ids if i in self._s.heads}

    def last_activity(self, conversation_ids: Sequence[str]) -> dict[str, int]:
        return {i: head.last_activity for i, head in self.heads(conversation_ids).items()}

    def join(self, conversation_id: str, user_id: str, at: int) -> None:
        with self._s.lock:
            there = self._s.conversations.get(conversation_id)
            if (
                there is None
                or there.type is not ConversationType.GROUP
                or not there.members
                or len(there.members) >= MAX_MEMBERS
                or user_id in there.members
            ):
                raise Raced(conversation_id)
            self._set_members(there, there.members | {user_id})
            self._add_member(conversation_id, user_id, at)

    def leave(self, conversation_id: str, user_id: str, at: int) -> None:
        with self._s.lock:
            there = self._s.conversations.get(conversation_id)
            if there is None or user_id not in there.members:
                raise Raced(conversation_id)
            self._set_members(there, there.members - {user_id})
            del self._s.members[conversation_id, user_id]
            del self._s.hours[conversation_id, user_id]
            self._s.left[conversation_id, user_id] = at

    def ever_in(self, user_id: str) -> list[str]:
        return sorted({c for c, u in (*self._s.members, *self._s.left) if u == user_id})

    def forget_left(self, conversation_id: str, user_id: str) -> None:
        self._s.left.pop((conversation_id, user_id), None)

    def _set_members(self, conversation: Conversation, members: frozenset[str]) -> None:
        self._s.conversations[conversation.conversation_id] = conversation.model_copy(
            update={"members": members}
        )

    def members(self, conversation_id: str) -> dict[str, Member]:
        return {u: m for (c, u), m in self._s.members.items() if c == conversation_id}

    def members_of(self, conversations: Sequence[Conversation]) -> dict[str, dict[str, Member]]:
        return {c.conversation_id: self.members(c.conversation_id) for c in conversations}

    def memberships(self, user_id: str, conversation_ids: Sequence[str]) -> dict[str, Member]:
        members = self._s.members
        return {c: members[c, user_id] for c in conversation_ids if (c, user_id) in members}

    def recent(
        self, user_id: str, *, from_hour: str | None, at_least: int
    ) -> tuple[dict[str, str], str | None]:
        mine = sorted(
            ((hour, c) for (c, u), hour in self._s.hours.items() if u == user_id), reverse=True
        )
        found: dict[str, str] = {}
        for hour, conversation_id in mine:
            if from_hour is not None and hour > from_hour:
                continue
            if len(found) >= at_least and hour not in found.values():
                return found, hour
            found[conversation_id] = hour
        return found, None

    def active_since(self, user_id: str, hour: str) -> list[str]:
        return [c for (c, u), at in self._s.hours.items() if u == user_id and at >= hour]

    def touch(self, conversation_id: str, members: Sequence[str], hour: str) -> None:
        for user in members:
            if (conversation_id, user) in self._s.hours:
                self._s.hours[conversation_id, user] = hour

    def advance(self, member: Member, mark: Mark, to_seq: int, at: int) -> bool:
        with self._s.lock:
            key = (member.conversation_id, member.user_id)
            there = self._s.members.get(key)
            stands = -1 if there is None else getattr(there, f"{mark}_seq")
            if there is None or stands >= to_seq:
                return False
            update = {f"{mark}_seq": to_seq, f"{mark}_at": at}
            if mark is Mark.READ:
                update["delivered_seq"] = max(there.delivered_seq, to_seq)
            self._s.members[key] = there.model_copy(update=update)
            self._s.advances.setdefault((*key, mark), []).append((to_seq, at))
            return True

    def advanced_at(self, conversation_id: str, user_id: str, mark: Mark, seq: int) -> int | None:
        advances = self._s.advances.get((conversation_id, user_id, mark), [])
        return next((at for to_seq, at in sorted(advances) if to_seq >= seq), None)

    def delivered_by(self, conversation_id: str, user_id: str, at: int) -> int:
        stood = [
            seq
            for mark in (Mark.DELIVERED, Mark.READ)
            for seq, when in self._s.advances.get((conversation_id, user_id, mark), [])
            if when <= at
        ]
        return max(stood, default=0)
