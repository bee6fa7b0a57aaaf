"""The facts of a message's life, one log line each, and each a span of its trace.

Times are seconds since 1970, as `time.time` has them: how long a hop took is the machine's
affair, and none of the rules'.
"""

from __future__ import annotations

import time
from typing import Any

from chat4all import tracing
from chat4all.delivery import Delivery, InboundUpdate, StatusUpdate, ToRoute, parse_opaque
from chat4all.events.types import Event
from chat4all.file_jobs import FetchMedia, FinishUpload
from chat4all.ids import derived_id, new_id
from chat4all.message import Message
from chat4all.observability import logger, tell
from chat4all.receipts import Receipt, Receipts
from chat4all.tracing import of_event, trace_of
from chat4all.webhooks.endpoint import Attempt, AttemptJob


def accepted(message: Message, began: float, *, replayed: bool) -> None:
    trace = trace_of(message.message_id, message.trace)
    again = (new_id(),) if replayed else ()
    by_channel = message.origin is not None
    span = tracing.accepted(trace, message.message_id, *again, by_channel=by_channel)
    ids = _ids(message.message_id, message.conversation_id)
    if message.origin is None:
        tell("message accepted", span, began, **ids, replayed=replayed)
    else:
        tell("message received", span, began, **ids, channel=message.origin)


def routed(place: Receipts, began: float) -> None:
    span = tracing.routed(trace_of(place.message_id, place.trace), place.message_id)
    ids = _ids(place.message_id, place.conversation_id)
    tell("message routed", span, began, **ids, seq=place.seq, deliveries=len(place.plan))


def not_routed(wanted: ToRoute, receives: int, began: float) -> None:
    trace = trace_of(wanted.message_id, wanted.trace)
    span = tracing.routed(trace, wanted.message_id, receives)
    ids = _ids(wanted.message_id, wanted.conversation_id)
    tell("message not routed", span, began, **ids, failed=True, receives=receives)


def delivered(
    delivery: Delivery,
    place: Receipts | None,
    began: float,
    took: float,
    *,
    outcome: str,
    code: str | None = None,
    receives: int = 1,
) -> None:
    """`outcome` is `sent`, `failed` or `later`; `code` says why it was not sent."""
    choice = place.plan[delivery.index].choice if place else 0
    again = (receives,) if outcome == "later" else ()
    trace = trace_of(delivery.message_id, delivery.trace)
    span = tracing.delivered(trace, delivery.message_id, delivery.index, choice, *again)
    tell(
        "message delivered" if outcome == "sent" else "message not delivered",
        span,
        began,
        took=took,
        **_ids(delivery.message_id, delivery.conversation_id),
        index=delivery.index,
        channel=delivery.channel,
        outcome=outcome,
        code=code,
        failed=outcome != "sent" or None,
        receives=receives if receives > 1 else None,
    )


def callback_queued(update: StatusUpdate | InboundUpdate, began: float) -> None:
    """What a person wrote begins a trace. A receipt belongs to its message's, which is not looked
    up before it is applied: until then it has the message's id, if its provider handed that
    back."""
    if isinstance(update, InboundUpdate):
        message_id = derived_id("message", update.channel, update.provider_id)
        span = tracing.received(trace_of(message_id), message_id)
        tell("callback queued", span, began, message_id=message_id, channel=update.channel)
        return
    ours = parse_opaque(update.opaque) if update.opaque else None
    logger().info(
        "callback queued",
        start_ms=round(began * 1000, 3),
        duration_ms=round((time.time() - began) * 1000, 3),
        message_id=ours[0] if ours else None,
        index=ours[1] if ours else None,
        channel=update.channel,
        mark=str(update.mark),
    )


def called_back(place: Receipts, receipt: Receipt, began: float) -> None:
    trace = trace_of(place.message_id, place.trace)
    span = tracing.called_back(trace, place.message_id, receipt.index, receipt.mark)
    tell(
        "status applied",
        span,
        began,
        **_ids(place.message_id, place.conversation_id),
        index=receipt.index,
        channel=place.plan[receipt.index].channel,
        mark=str(receipt.mark),
        code=receipt.failure.code if receipt.failure else None,
    )


def relaying(event: Event, kept: str | None, index: int | None) -> tracing.Span:
    """`kept` is the client's trace of the message that it is about, `index` the delivery."""
    return tracing.relayed(of_event(event, kept), event, index)


def relayed(event: Event, span: tracing.Span, began: float) -> None:
    tell("event relayed", span, began, **_of(event))


def attempt_queued(job: AttemptJob, began: float) -> None:
    span = tracing.queued(of_event(job.event, job.trace), str(job.event["id"]), *job.numbers)
    tell(
        "webhook queued",
        span,
        began,
        **_of(job.event),
        webhook_id=job.webhook_id,
        attempt=job.attempt,
        replay=job.replay,
    )


def attempted(job: AttemptJob, row: Attempt) -> None:
    span = posting(job)
    tell(
        "webhook attempted",
        span,
        row.at / 1000,
        took=row.duration_ms / 1000,
        **_of(job.event),
        webhook_id=job.webhook_id,
        attempt=row.attempt,
        status_code=row.status_code,
        error=row.error,
        failed=row.error is not None or None,
        next_attempt_at=row.next_attempt_at,
        replay=row.replay,
    )


def posting(job: AttemptJob) -> tracing.Span:
    """The span of one attempt: its subscriber hears of it."""
    return tracing.posted(of_event(job.event, job.trace), str(job.event["id"]), *job.numbers)


def pushed(event: Event, kept: str | None, began: float, *, receives: int, again: bool) -> None:
    """`again` for one that did not reach everybody, and comes again."""
    numbers = (receives,) if again else ()
    span = tracing.pushed(of_event(event, kept), str(event["id"]), *numbers)
    fact = "event not pushed" if again else "event pushed"
    tell(fact, span, began, **_of(event), failed=again or None)


def of_upload(fact: str, job: FinishUpload, began: float, **more: Any) -> None:
    """An upload that a client said is complete: of its trace, or one of the file's own."""
    trace = trace_of(job.file_id, job.trace)
    span = tracing.of_file(trace, trace.span_id, "finish", job.file_id)
    tell(fact, span, began, file_id=job.file_id, **more)


def of_media(fact: str, job: FetchMedia, began: float, **more: Any) -> None:
    """What a person sent: of the trace of the message that it came with."""
    trace = trace_of(job.message_id or job.file_id)
    parent = tracing.accepted(trace, job.message_id).span_id if job.message_id else None
    span = tracing.of_file(trace, parent, "fetch", job.file_id)
    tell(fact, span, began, file_id=job.file_id, message_id=job.message_id, **more)


def _ids(message_id: str, conversation_id: str) -> dict[str, Any]:
    return {"message_id": message_id, "conversation_id": conversation_id}


def _of(event: Event) -> dict[str, Any]:
    data = event["data"]
    ids = {name: data.get(name) for name in ("message_id", "conversation_id")}
    return {"event_id": event["id"], "event_type": event["type"], **ids}
