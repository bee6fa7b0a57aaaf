"""What is kept of messages, conversations, users and clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chat4all.conversation import Conversation, Head, Member
from chat4all.message import Message
from chat4all.receipts import Mark, Receipt, Receipts, Reference
from chat4all.user import Identity, User


@dataclass(frozen=True)
class RoutingView:
    """What the router reads, strongly consistent, in one go."""

    messages: Mapping[str, Message]
    receipts: Mapping[str, Receipts]
    conversations: Mapping[str, Conversation]
    heads: Mapping[str, Head]
    users: Mapping[str, User]


class MessageStore(Protocol):
    def add(self, messages: Sequence[Message]) -> list[Message | None]:
        """Store each message unless its id is taken; None for stored, else the one that is there.

        Ids must differ from each other.
        """
        ...

    def get(self, message_ids: Sequence[str], *, fresh: bool = False) -> dict[str, Message]:
        """With an `ErasedPayload` where a body is gone, by its conversation's retention or by
        `erase`: a message itself stays."""
        ...

    def receipts(self, message_ids: Sequence[str], *, fresh: bool = False) -> dict[str, Receipts]:
        """The places of those that are sequenced. `fresh` reads what was written last."""
        ...

    def routing_view(
        self,
        message_ids: Sequence[str],
        conversation_ids: Sequence[str],
        user_ids: Sequence[str] = (),
    ) -> RoutingView: ...

    def sequence(self, heads: Mapping[str, tuple[int, Head]], placed: Sequence[Receipts]) -> None:
        """Give messages their places, all or none: each head from the seq that was read on.

        Raises:
            Raced: a head has moved, or a message has a place already; nothing was written.
        """
        ...

    def history(
        self, conversation_id: str, *, after: int, before: int, limit: int, newest_first: bool
    ) -> list[tuple[int, str]]:
        """(seq, message id) with after < seq < before. Eventually consistent: may lack some."""
        ...

    def record(
        self, receipts: Sequence[Receipt], references: Sequence[Reference] = ()
    ) -> Sequence[Receipt]:
        """Set each receipt's time unless it is set; store each reference unless it is there.
        The receipts that were news, in any order.

        Receipts of messages that have no place are dropped.
        """
        ...

    def record_part(self, message_id: str, index: int, parts: int, reference: Reference) -> None:
        """A provider has taken this many parts of a split text."""
        ...

    def count_attempt(self, message_id: str, index: int, reason: str) -> int:
        """One more attempt at a delivery failed for now; how many did so far."""
        ...

    def references(self, channel: str, provider_ids: Sequence[str]) -> dict[str, Reference]: ...

    def erase(self, message_ids: Sequence[str]) -> None:
        """Take away what was said, for good, because who said it is erased. What is told of the
        messages, their places and receipts, stays. Saying it again changes nothing."""
        ...

    def forget_addresses(self, message_ids: Sequence[str], user_id: str) -> None:
        """Take a person's addresses out of the plans of these messages, and what providers said
        of deliveries to them, but for its code. Saying it again changes nothing.

        Raises:
            Raced: another person's were taken out at the same time; say it again.
        """
        ...


class ConversationStore(Protocol):
    def create(self, conversation: Conversation) -> Conversation:
        """Store it with its members; the one that is there when the id is taken."""
        ...

    def keep_for(self, conversation_id: str, days: int) -> Conversation:
        """Keep what is said in it from now on for so many days; how it is then.

        Raises:
            Raced: there is no such conversation.
        """
        ...

    def get(self, conversation_ids: Sequence[str]) -> dict[str, Conversation]:
        """Strongly consistent: who is a member decides who may see and say what."""
        ...

    def heads(self, conversation_ids: Sequence[str], *, fresh: bool = False) -> dict[str, Head]:
        """`fresh` reads what was written last."""
        ...

    def last_activity(self, conversation_ids: Sequence[str]) -> dict[str, int]:
        """When each was last active: what a listing sorts by."""
        ...

    def join(self, conversation_id: str, user_id: str, at: int) -> None:
        """Add a member to a group that has room.

        Raises:
            Raced: it is full, empty, gone, no group, or the user is a member already.
        """
        ...

    def leave(self, conversation_id: str, user_id: str, at: int) -> None:
        """Take a member out, and remember that they were in it.

        Raises:
            Raced: the user is no member.
        """
        ...

    def ever_in(self, user_id: str) -> list[str]:
        """Ids of the conversations that a user is in or has left, sorted. Eventually consistent."""
        ...

    def forget_left(self, conversation_id: str, user_id: str) -> None:
        """No longer remember that a user left it."""
        ...

    def members(self, conversation_id: str) -> dict[str, Member]: ...

    def members_of(self, conversations: Sequence[Conversation]) -> dict[str, dict[str, Member]]:
        """The members of several, by conversation and user, in few calls."""
        ...

    def memberships(self, user_id: str, conversation_ids: Sequence[str]) -> dict[str, Member]: ...

    def recent(
        self, user_id: str, *, from_hour: str | None, at_least: int
    ) -> tuple[dict[str, str], str | None]:
        """A user's conversations (id → hour of last activity), newest hours first, whole hours:
        from `from_hour` on, at least so many if there are; and the hour to go on from."""
        ...

    def active_since(self, user_id: str, hour: str) -> list[str]:
        """Ids of a user's conversations whose last activity was in this hour or later."""
        ...

    def touch(self, conversation_id: str, members: Sequence[str], hour: str) -> None:
        """Note the hour of the last activity, by which `recent` orders."""
        ...

    def advance(self, member: Member, mark: Mark, to_seq: int, at: int) -> bool:
        """Raise a watermark and keep when; False if it stood there already. READ raises both."""
        ...

    def advanced_at(self, conversation_id: str, user_id: str, mark: Mark, seq: int) -> int | None:
        """When a watermark first reached a seq."""
        ...

    def delivered_by(self, conversation_id: str, user_id: str, at: int) -> int:
        """How far a member's `delivered_seq` stood at a time."""
        ...


class UserStore(Protocol):
    def put(self, user: User, *, replace: bool = True) -> User:
        """Create or replace; identities move with it, all or nothing. Keeps `created_at`. Without
        `replace`, the user who has the id already stays and is answered, as they are.

        Raises:
            IdentityTaken: one belongs to another user.
            UserErased: the id was an erased person's.
        """
        ...

    def get(self, user_ids: Sequence[str]) -> dict[str, User]:
        """Strongly consistent."""
        ...

    def is_there(self, user_id: str) -> bool:
        """Strongly consistent, by one read of one item."""
        ...

    def owners(self, identities: Sequence[Identity]) -> dict[tuple[str, str, str], str]:
        """Identity key → user id, for those that belong to somebody."""
        ...

    def spoke_in(self, user_id: str, identity: Identity, conversation_id: str) -> None:
        """Note the conversation that an identity last spoke in. Raises Raced when there is no
        such user (any more)."""
        ...

    def erase(self, user_id: str, at: int) -> bool:
        """Remove a user with all identities; whether there was one. That the id was somebody's
        stays, and when it ended: nobody is given it again."""
        ...
