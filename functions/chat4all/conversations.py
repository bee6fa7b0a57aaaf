"""Open conversations, list them, join and leave, say what was read."""

from __future__ import annotations

from dataclasses import dataclass

from chat4all.caller import Caller
from chat4all.conversation import (
    MIN_GROUP,
    Conversation,
    ConversationType,
    Head,
    Member,
    NewConversation,
    private_id,
)
from chat4all.errors import Conflict, Forbidden, Invalid, NotFound, Raced
from chat4all.ids import derived_id, new_id
from chat4all.message import Message
from chat4all.ports import Clock, ConversationStore, MessageStore, UserStore
from chat4all.receipts import Mark

MAX_LOOKED_AT = 200
"""Conversations in which somebody is looked for."""


@dataclass(frozen=True)
class ConversationView:
    conversation: Conversation
    head: Head
    members: dict[str, Member]


@dataclass(frozen=True)
class ListEntry:
    conversation: Conversation
    head: Head
    member: Member
    last_message: Message | None


@dataclass(frozen=True)
class Position:
    """Where a listing goes on: after this conversation, from this hour."""

    hour: str
    last_activity: int
    conversation_id: str


class Conversations:
    def __init__(
        self,
        conversations: ConversationStore,
        messages: MessageStore,
        users: UserStore,
        clock: Clock,
    ) -> None:
        self._conversations = conversations
        self._messages = messages
        self._users = users
        self._clock = clock

    def open(
        self, caller: Caller, new: NewConversation, idempotency_key: str | None = None
    ) -> tuple[Conversation, bool]:
        """The conversation, and whether it is new: a pair gets the one that it has, and keeps
        what is said from then on for as long as a service says here.

        Raises:
            Invalid: the members are too few, too many, unknown or the same.
            Forbidden: a user may only open conversations that they are in, and does not decide
                how long what others say is kept.
            NotFound: a repeat by somebody who has left the group since.
        """
        members = frozenset(new.members)
        if len(members) != len(new.members):
            raise Invalid("repeated_member", "A member is named twice.")
        if new.type is ConversationType.PRIVATE and len(members) != 2:
            raise Invalid("private_needs_two", "A private conversation has exactly 2 members.")
        if new.type is ConversationType.GROUP and len(members) < MIN_GROUP:
            raise Invalid("group_too_small", f"A group has at least {MIN_GROUP} members.")
        if not caller.is_service and caller.subject not in members:
            raise Forbidden("not_a_member", "You can only open conversations that you are in.")
        if new.retention_days is not None:
            caller.must_be_service()
        unknown = sorted(members - self._users.get(sorted(members)).keys())
        if unknown:
            raise Invalid("unknown_member", f"No such user: {', '.join(unknown)}.")
        if new.type is ConversationType.PRIVATE:
            conversation_id = private_id(*members)
        elif idempotency_key is not None:
            conversation_id = derived_id("group", caller.subject, idempotency_key, *sorted(members))
        else:
            conversation_id = new_id()
        there = self._conversations.get([conversation_id]).get(conversation_id)
        if there is not None:
            return self._kept(caller.may_see(there), new.retention_days), False
        conversation = Conversation(
            conversation_id=conversation_id,
            type=new.type,
            members=members,
            metadata=new.metadata,
            created_by=caller.subject,
            created_at=self._clock.now(),
            retention_days=new.retention_days,
        )
        stored = self._conversations.create(conversation)
        if stored == conversation:
            return stored, True
        return self._kept(caller.may_see(stored), new.retention_days), False

    def _kept(self, there: Conversation, days: int | None) -> Conversation:
        """Whoever opened a pair's first does not decide for ever how long it is kept. A group
        is found again by a repeat only, which changes nothing."""
        if there.type is ConversationType.GROUP or days is None or days == there.retention_days:
            return there
        return self._conversations.keep_for(there.conversation_id, days)

    def show(self, caller: Caller, conversation_id: str) -> ConversationView:
        conversation = self.find(caller, conversation_id)
        head = self._conversations.heads([conversation_id]).get(
            conversation_id, Head(conversation_id=conversation_id)
        )
        return ConversationView(conversation, head, self._conversations.members(conversation_id))

    def find(self, caller: Caller, conversation_id: str) -> Conversation:
        """Raises NotFound, also for what is none of the caller's business."""
        found = self._conversations.get([conversation_id])
        return caller.may_see(found.get(conversation_id))

    def recent(
        self, user_id: str, *, limit: int, after: Position | None
    ) -> tuple[list[ListEntry], Position | None]:
        """A user's conversations, the latest activity first; and where to go on.

        The index orders by the hour; the order within the hours of a page
        comes from the conversations' heads, so that it is exact.
        """
        mark = (after.hour, after.last_activity, after.conversation_id) if after else None
        wanted = limit + 1
        while True:
            hours, following = self._conversations.recent(
                user_id, from_hour=after.hour if after else None, at_least=wanted
            )
            active = self._conversations.last_activity(list(hours))
            order = sorted(
                (
                    key
                    for i, at in active.items()
                    if (key := (hours[i], at, i)) and (not mark or key < mark)
                ),
                reverse=True,
            )
            if len(order) > limit or following is None:
                break
            wanted *= 2
        page = order[:limit]
        entries = self._entries(user_id, [i for _, _, i in page])
        return entries, Position(*page[-1]) if len(order) > limit else None

    def _entries(self, user_id: str, ids: list[str]) -> list[ListEntry]:
        heads = self._conversations.heads(ids)
        conversations = self._conversations.get(ids) if ids else {}
        members = self._conversations.memberships(user_id, ids)
        last = [h.last_message_id for h in heads.values() if h.last_message_id]
        messages = self._messages.get(last)
        return [
            ListEntry(
                conversations[i], heads[i], members[i], messages.get(heads[i].last_message_id or "")
            )
            for i in ids
            if i in conversations and i in members
        ]

    def join(self, caller: Caller, conversation_id: str, user_id: str) -> None:
        """Add a member to a group. Whoever joins sees the whole history."""
        conversation = self.find(caller, conversation_id)
        if conversation.type is not ConversationType.GROUP:
            raise Conflict("conversation_is_private", "A private conversation stays a pair.")
        if user_id not in self._users.get([user_id]):
            raise Invalid("unknown_member", f"No such user: {user_id}.")
        if user_id in conversation.members:
            return
        try:
            self._conversations.join(conversation_id, user_id, self._clock.now())
        except Raced as error:
            now = self.find(caller, conversation_id)
            if user_id not in now.members:
                raise Conflict("conversation_full", "The group has no room.") from error

    def leave(self, caller: Caller, conversation_id: str, user_id: str) -> None:
        """Remove a member from a group: themselves, or anybody for a service."""
        conversation = self.find(caller, conversation_id)
        if not caller.is_service and caller.subject != user_id:
            raise Forbidden("not_yourself", "A member can only take themselves out.")
        if conversation.type is not ConversationType.GROUP:
            raise Conflict("conversation_is_private", "A private conversation stays a pair.")
        try:
            self._conversations.leave(conversation_id, user_id, self._clock.now())
        except Raced as error:
            raise NotFound("member_not_found", "There is no such member.") from error

    def read(
        self, caller: Caller, conversation_id: str, user_id: str | None, up_to_seq: int
    ) -> Member:
        """A member has read everything up to a seq; saying it twice changes nothing.

        Raises:
            Invalid: the conversation has not come so far.
        """
        return self._advance(Mark.READ, caller, conversation_id, user_id, up_to_seq)

    def delivered(
        self, caller: Caller, conversation_id: str, user_id: str | None, up_to_seq: int
    ) -> Member:
        """As `read`: a member's app has everything up to a seq."""
        return self._advance(Mark.DELIVERED, caller, conversation_id, user_id, up_to_seq)

    def _advance(
        self, mark: Mark, caller: Caller, conversation_id: str, user_id: str | None, up_to_seq: int
    ) -> Member:
        self.find(caller, conversation_id)
        whose = caller.acting_as(user_id, "user_id")
        member = self._conversations.memberships(whose, [conversation_id]).get(conversation_id)
        if member is None:
            raise NotFound("member_not_found", "There is no such member.")
        stands = member.read_seq if mark is Mark.READ else member.delivered_seq
        if up_to_seq <= stands:
            return member
        head = self._conversations.heads([conversation_id])[conversation_id]
        if up_to_seq > head.last_seq:
            head = self._conversations.heads([conversation_id], fresh=True)[conversation_id]
        if up_to_seq > head.last_seq:
            raise Invalid("seq_not_reached", f"The last seq is {head.last_seq}.")
        self._conversations.advance(member, mark, up_to_seq, self._clock.now())
        raised = {"delivered_seq": max(member.delivered_seq, up_to_seq)}
        if mark is Mark.READ:
            raised["read_seq"] = up_to_seq
        return member.model_copy(update=raised)

    def shared(self, one: str, other: str) -> bool:
        """Whether two users share a conversation: a private one, or one of the first user's
        latest ones."""
        if one == other or self._conversations.get([private_id(one, other)]):
            return True
        recent, _ = self._conversations.recent(one, from_hour=None, at_least=MAX_LOOKED_AT)
        return bool(self._conversations.memberships(other, list(recent)))
