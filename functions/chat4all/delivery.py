"""What travels on the queues: between the front, the router, the connectors and the callbacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chat4all.ids import deduplication_id
from chat4all.message import Message, Payload, TextPayload, UnsupportedPayload
from chat4all.receipts import Failure, Mark, Planned, Receipts
from chat4all.tracing import accepted, after, routed

_frozen = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

INBOUND = "inbound"
CALLBACKS = "callbacks"


def channel_queue(channel: str) -> str:
    """The name of a channel's delivery queue, without the stage's prefix."""
    return f"channel-{channel}"


class Outgoing(BaseModel):
    """One message for a FIFO queue."""

    model_config = _frozen
    body: str
    group: str
    deduplication_id: str
    trace: str | None = None
    """The `traceparent` that X-Ray hears of: where a client gave one."""


MAX_HINTS = 10


class ToRoute(BaseModel):
    """On `inbound`: an accepted message that wants its place. Ids only: the table has the rest.

    `concerns` are the users whose addresses the router will want, as far as the
    front knew: they spare it a read. Who really gets it is decided at sequencing.
    """

    model_config = _frozen
    message_id: str
    conversation_id: str
    concerns: tuple[str, ...] = ()
    trace: str | None = None

    def outgoing(self) -> Outgoing:
        return Outgoing(
            body=self.model_dump_json(exclude_none=True),
            group=self.conversation_id,
            deduplication_id=self.message_id,
            trace=after(accepted, self.trace, self.message_id),
        )


class Delivery(BaseModel):
    """On a channel's queue: one message for one person at one address."""

    model_config = _frozen
    message_id: str
    index: int
    conversation_id: str
    seq: int
    user_id: str
    channel: str
    address: str
    account: str | None = None
    payload: Payload
    sender_name: str | None = None
    """Given in groups: the channel shows one sender, us, so the text says who spoke."""
    accepted_at: int
    origin: str | None = None
    trace: str | None = None

    @property
    def opaque(self) -> str:
        """What a provider hands back with its callbacks."""
        return f"{self.message_id}.{self.index}"

    def outgoing(self) -> Outgoing:
        return Outgoing(
            body=self.model_dump_json(exclude_none=True),
            group=f"{self.conversation_id}#{self.user_id}",
            deduplication_id=deduplication_id(
                self.message_id, self.user_id, self.channel, self.account or "-", self.address
            ),
            trace=after(routed, self.trace, self.message_id),
        )


def delivery_of(
    message: Message, receipts: Receipts, index: int, sender_name: str | None
) -> Delivery | None:
    """The queue message for one planned delivery; None if there is nowhere to send it."""
    planned: Planned = receipts.plan[index]
    if planned.address is None:
        return None
    return Delivery(
        message_id=message.message_id,
        index=index,
        conversation_id=message.conversation_id,
        seq=receipts.seq,
        user_id=planned.user_id,
        channel=planned.channel,
        address=planned.address,
        account=planned.account,
        payload=message.payload,
        sender_name=sender_name,
        accepted_at=message.accepted_at,
        origin=message.origin,
        trace=message.trace,
    )


def parse_opaque(opaque: str) -> tuple[str, int] | None:
    """The message and delivery that an opaque field names; None for one that is not ours."""
    message_id, _, index = opaque.rpartition(".")
    if not message_id or not index.isascii() or not index.isdigit() or len(index) > 4:
        return None
    return message_id, int(index)


class StatusUpdate(BaseModel):
    """On `callbacks`: a provider reports on something we sent."""

    model_config = _frozen
    kind: Literal["status"] = "status"
    channel: str
    provider_id: str
    mark: Mark
    at: int
    opaque: str | None = None
    failure: Failure | None = None

    @property
    def group(self) -> str:
        return deduplication_id(self.channel, self.provider_id)

    @property
    def change_id(self) -> str:
        """The same for the same report, however often it comes."""
        return deduplication_id(self.channel, self.provider_id, self.mark, str(self.at))

    def outgoing(self) -> Outgoing:
        return Outgoing(
            body=self.model_dump_json(exclude_none=True),
            group=self.group,
            deduplication_id=self.change_id,
        )


class MediaPayload(BaseModel):
    """A file that a person sent, as the provider announces it. The bytes are still there.

    `reference` is what the channel downloads it by: a provider's media id, or a URL.
    `sha256` is hex.
    """

    model_config = _frozen
    type: Literal["media"] = "media"
    reference: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    content_type: str
    filename: str | None = None
    caption: str | None = None
    sha256: str | None = None


class InboundUpdate(BaseModel):
    """On `callbacks`: a person wrote to one of our accounts."""

    model_config = _frozen
    kind: Literal["inbound"] = "inbound"
    channel: str
    provider_id: str
    account: str
    address: str
    name: str | None = None
    reply_to: str | None = None
    payload: Annotated[TextPayload | MediaPayload | UnsupportedPayload, Field(discriminator="type")]
    at: int

    def outgoing(self) -> Outgoing:
        return Outgoing(
            body=self.model_dump_json(exclude_none=True),
            group=deduplication_id(self.channel, self.account, self.address),
            deduplication_id=deduplication_id(self.channel, self.provider_id),
        )


class StatusBundle(BaseModel):
    """On `callbacks`: what one body of a provider reports on one and the same message of ours."""

    model_config = _frozen
    kind: Literal["statuses"] = "statuses"
    updates: tuple[StatusUpdate, ...]

    def outgoing(self) -> Outgoing:
        return Outgoing(
            body=self.model_dump_json(exclude_none=True),
            group=self.updates[0].group,
            deduplication_id=deduplication_id(*(update.change_id for update in self.updates)),
        )


Update = Annotated[StatusUpdate | StatusBundle | InboundUpdate, Field(discriminator="kind")]


MAX_BUNDLED = 100
"""Reports in one queue message: at two kilobytes each, their longest, they fit."""


def bundled(
    updates: Sequence[StatusUpdate | InboundUpdate],
) -> list[StatusUpdate | StatusBundle | InboundUpdate]:
    """One queue message for what a body says of one message: a loaded provider reports sent,
    delivered and read together, and they are one write then. The others go as they are."""
    statuses: dict[tuple[str, str], list[StatusUpdate]] = {}
    inbound: list[InboundUpdate] = []
    for update in updates:
        if isinstance(update, StatusUpdate):
            statuses.setdefault((update.channel, update.provider_id), []).append(update)
        else:
            inbound.append(update)
    return [
        *inbound,
        *(
            some[0] if len(some) == 1 else StatusBundle(updates=tuple(some))
            for same in statuses.values()
            for some in (same[i : i + MAX_BUNDLED] for i in range(0, len(same), MAX_BUNDLED))
        ),
    ]
