"""Messages and their deliveries."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from chat4all.api.views.base import View
from chat4all.api.views.problem import Problem
from chat4all.history import MessageView
from chat4all.message import Payload
from chat4all.receipts import Failure, Mark, Receipts, Status, counts, message_status
from chat4all.timestamps import iso


class AcceptedOut(View):
    status: Literal["accepted"] = "accepted"
    message_id: str


class DeliveryOut(View):
    """One address of one recipient. READ implies DELIVERED: then both have a time."""

    user_id: str
    channel: str
    address: str | None
    status: Status
    sent_at: str | None
    delivered_at: str | None
    read_at: str | None
    failed_at: str | None
    failure: Failure | None


class RecipientOut(View):
    user_id: str
    status: Status


class MessageOut(View):
    message_id: str
    conversation_id: str
    seq: int | None = Field(description="Its place in the conversation, once it has one.")
    sender: str = Field(alias="from")
    to: list[str] | None
    channels: list[str] | None
    payload: Payload
    metadata: dict[str, Any]
    origin: str | None = Field(description="The channel it came in by; null for the API.")
    status: Status
    counts: dict[str, int] = Field(description="How many recipients stand where.")
    recipients: list[RecipientOut]
    accepted_at: str
    sequenced_at: str | None

    @classmethod
    def of(cls, view: MessageView) -> MessageOut:
        return cls(**_message_fields(view))


class MessageDetail(MessageOut):
    deliveries: list[DeliveryOut]


def _message_fields(view: MessageView) -> dict[str, Any]:
    message, receipts = view.message, view.receipts
    recipients = receipts.recipient_statuses(view.members) if receipts else {}
    return {
        "message_id": message.message_id,
        "conversation_id": message.conversation_id,
        "seq": receipts.seq if receipts else None,
        "sender": message.sender,
        "to": list(message.to) if message.to else None,
        "channels": list(message.channels) if message.channels else None,
        "payload": message.payload,
        "metadata": message.metadata,
        "origin": message.origin,
        "status": message_status(recipients),
        "counts": counts(recipients),
        "recipients": [RecipientOut(user_id=u, status=s) for u, s in recipients.items()],
        "accepted_at": iso(message.accepted_at),
        "sequenced_at": iso(receipts.sequenced_at) if receipts else None,
    }


def message_detail(view: MessageView, app_times: dict[tuple[str, Mark], int]) -> MessageDetail:
    """`app_times`: when a recipient had it, or read it, in the app."""
    deliveries: list[DeliveryOut] = []
    if view.receipts is not None:
        started = [i for i in range(len(view.receipts.plan)) if view.receipts.started(i)]
        deliveries = [_delivery(view, view.receipts, i, app_times) for i in started]
    return MessageDetail(**_message_fields(view), deliveries=deliveries)


def _delivery(
    view: MessageView, receipts: Receipts, index: int, app_times: dict[tuple[str, Mark], int]
) -> DeliveryOut:
    planned = receipts.plan[index]
    times = {mark: at for (i, mark), at in receipts.times.items() if i == index}
    status = receipts.delivery_status(index, view.members.get(planned.user_id))
    if receipts.in_app(index):
        times = {m: at for (user, m), at in app_times.items() if user == planned.user_id}
        times[Mark.SENT] = view.message.accepted_at
    if Mark.READ in times:
        times.setdefault(Mark.DELIVERED, times[Mark.READ])
    shown = {mark: iso(at) for mark, at in times.items()}
    return DeliveryOut(
        user_id=planned.user_id,
        channel=planned.channel,
        address=planned.address,
        status=status,
        sent_at=shown.get(Mark.SENT),
        delivered_at=shown.get(Mark.DELIVERED),
        read_at=shown.get(Mark.READ),
        failed_at=shown.get(Mark.FAILED),
        failure=receipts.failures.get(index),
    )


class MessagePage(View):
    items: list[MessageOut]
    next_cursor: str | None


class BatchOutcome(View):
    status: str = Field(description="accepted or rejected")
    message_id: str | None
    replayed: bool = False
    error: Problem | None = None


class BatchOut(View):
    items: list[BatchOutcome] = Field(description="In the order of the messages.")
