"""What the use cases need from the world. Each port has a real adapter and a fake in
`adapters.memory`; one contract suite (tests/contract) holds them to the same behaviour.

Every method may raise `Unavailable`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from chat4all.conversation import Conversation, Head, Member
from chat4all.delivery import Delivery, InboundUpdate, Outgoing, StatusUpdate
from chat4all.message import Message
from chat4all.receipts import Mark, Receipt, Receipts, Reference
from chat4all.user import Identity, User


class Clock(Protocol):
    def now(self) -> int:
        """Milliseconds since 1970."""
        ...


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

    def get(self, message_ids: Sequence[str], *, fresh: bool = False) -> dict[str, Message]: ...

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

    def record(self, receipts: Sequence[Receipt], references: Sequence[Reference] = ()) -> None:
        """Set each receipt's time unless it is set; store each reference unless it is there.

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


class ConversationStore(Protocol):
    def create(self, conversation: Conversation) -> Conversation:
        """Store it with its members; the one that is there when the id is taken."""
        ...

    def get(self, conversation_ids: Sequence[str]) -> dict[str, Conversation]:
        """Strongly consistent: who is a member decides who may see and say what."""
        ...

    def heads(self, conversation_ids: Sequence[str]) -> dict[str, Head]: ...

    def last_activity(self, conversation_ids: Sequence[str]) -> dict[str, int]:
        """When each was last active: what a listing sorts by."""
        ...

    def join(self, conversation_id: str, user_id: str, at: int) -> None:
        """Add a member to a group that has room.

        Raises:
            Raced: it is full, empty, gone, no group, or the user is a member already.
        """
        ...

    def leave(self, conversation_id: str, user_id: str) -> None:
        """Raises Raced when the user is no member."""
        ...

    def members(self, conversation_id: str) -> dict[str, Member]: ...

    def memberships(self, user_id: str, conversation_ids: Sequence[str]) -> dict[str, Member]: ...

    def recent(
        self, user_id: str, *, from_hour: str | None, at_least: int
    ) -> tuple[dict[str, str], str | None]:
        """A user's conversations (id → hour of last activity), newest hours first, whole hours:
        from `from_hour` on, at least so many if there are; and the hour to go on from."""
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


class UserStore(Protocol):
    def put(self, user: User) -> User:
        """Create or replace; identities move with it, all or nothing. Keeps `created_at`.

        Raises:
            IdentityTaken: one belongs to another user.
        """
        ...

    def get(self, user_ids: Sequence[str]) -> dict[str, User]:
        """Strongly consistent."""
        ...

    def owners(self, identities: Sequence[Identity]) -> dict[tuple[str, str, str], str]:
        """Identity key → user id, for those that belong to somebody."""
        ...

    def spoke_in(self, user_id: str, identity: Identity, conversation_id: str) -> None:
        """Note the conversation that an identity last spoke in."""
        ...


@dataclass(frozen=True)
class Client:
    """A program that may call the API. Its secret is kept as a SHA-256: it is 256 random bits,
    which no dictionary holds, so a slow hash would protect nothing."""

    client_id: str
    secret_sha256: str
    name: str
    scopes: tuple[str, ...]
    created_at: int


class ClientStore(Protocol):
    def add(self, client: Client) -> None: ...

    def get(self, client_id: str) -> Client | None: ...


class BreakerState(NamedTuple):
    """`open_until` in ms; failures since the last success."""

    failures: int = 0
    open_until: int = 0


class BreakerStore(Protocol):
    def get(self, channel: str) -> BreakerState: ...

    def fail(self, channel: str, *, open_until: int | None) -> BreakerState:
        """Count a failure; open the breaker if told until when."""
        ...

    def reset(self, channel: str) -> None: ...


class Queue(Protocol):
    def send(self, queue: str, messages: Sequence[Outgoing]) -> None:
        """Durably enqueue all, in order.

        Raises:
            Unavailable: some may not have been taken; sending all again is safe for five minutes.
        """
        ...

    def hide(self, queue: str, receipt_handles: Sequence[str], seconds: int) -> None:
        """Offer these again after so long. Best effort: else the visibility time-out does it."""
        ...


class Publisher(Protocol):
    def publish(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Hand events to the topic. Raises Unavailable if any was refused."""
        ...


class Signer(Protocol):
    """An RSA key that never leaves its store."""

    def sign(self, message: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256."""
        ...

    def public_key(self) -> bytes:
        """DER, SubjectPublicKeyInfo."""
        ...


class ChannelSettings(Protocol):
    def get(self, channel: str) -> Mapping[str, Any]:
        """A channel's base URL and credentials. Raises Unavailable when it is not configured."""
        ...


class Capabilities(NamedTuple):
    """What a channel can do. A connector declares it; the core decides nothing by name."""

    reports_delivered: bool
    reports_read: bool
    payloads: frozenset[str]


class Connector(Protocol):
    """One channel. The four things a channel must be able to do, and nothing of ours besides."""

    capabilities: Capabilities

    def split(self, delivery: Delivery) -> list[str]:
        """The texts to send, in order: one, or more when it is over the channel's limit."""
        ...

    def send(self, delivery: Delivery, text: str, *, final: bool) -> str:
        """Hand one part to the provider; its id for it.

        Raises:
            TryLater: it was not taken, or we cannot know.
            Undeliverable: it never will be.
        """
        ...

    def handshake(self, query: Mapping[str, str]) -> str:
        """The answer to a provider that verifies our webhook URL. Raises Forbidden."""
        ...

    def parse(
        self, body: bytes, headers: Mapping[str, str]
    ) -> Sequence[StatusUpdate | InboundUpdate]:
        """What a callback says, once its signature is verified on the raw bytes.

        `headers` have lower-case names. Raises Forbidden for a bad signature, Invalid for a
        body that is none of the channel's.
        """
        ...
