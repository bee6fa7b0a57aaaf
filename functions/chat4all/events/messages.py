"""Events of messages: accepted, received, and a receipt each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chat4all.events import types
from chat4all.events.encoding import encoded
from chat4all.events.envelope import MAX_WORDS, Image, made
from chat4all.events.types import Event
from chat4all.message import Message
from chat4all.receipts import Mark, Receipts
from chat4all.timestamps import iso

MAX_PAYLOAD_BYTES = 16 * 1024
"""A larger payload is left out, so that an event stays under 20 KB; the API still has it."""


def accepted_event(place: Receipts, message: Message | None, *, whole: bool = False) -> Event:
    """The `message.accepted` of a message that has its place: the same, id and all, as the stream
    gave. `message` is None when its content has expired."""
    return filled(_accepted(place, _message(place)), message, whole=whole)


def filled(event: Event, message: Message | None, *, whole: bool = False) -> Event:
    """`message.accepted` or `message.received` with the message's content, however large it is
    where the event is to be `whole`."""
    content: dict[str, Any] = {"payload": None, "accepted_at": None}
    if message is not None:
        payload = message.payload.model_dump(mode="json")
        small = whole or len(encoded(payload)) <= MAX_PAYLOAD_BYTES
        content["payload"] = payload if small else None
        content["accepted_at"] = iso(message.accepted_at)
        if not small:
            content["payload_omitted"] = True
        if message.metadata:
            content["metadata"] = message.metadata
        if message.body_until is not None:
            content["body_until"] = iso(message.body_until)
    known = {k: v for k, v in event["data"].items() if k != "payload_omitted"}
    return {**event, "data": {**known, **content}}


def without_body(event: Event) -> Event:
    data = {k: v for k, v in event["data"].items() if k != "metadata"}
    return {**event, "data": {**data, "payload": None, "payload_omitted": True}}


def as_of(event: Event, at: int) -> Event:
    """The event as it may be told at a time (ms): without a body whose hour has come. All our
    times are as long as each other, so their order is the text's."""
    data = event.get("data")
    until = data.get("body_until") if isinstance(data, dict) else None
    return without_body(event) if isinstance(until, str) and until <= iso(at) else event


def _message(place: Receipts) -> dict[str, Any]:
    return {
        "conversation_id": place.conversation_id,
        "message_id": place.message_id,
        "seq": place.seq,
        "from": place.sender,
    }


def _accepted(place: Receipts, message: dict[str, Any]) -> Event:
    data = {**message, "status": "SENT"}
    return made(types.MESSAGE_ACCEPTED, place.sequenced_at, (place.message_id,), data)


def of_receipts(old: Image | None, new: Receipts, at: int) -> Iterator[Event]:
    message = _message(new)
    if old is None:
        yield _accepted(new, message)
        if new.origin is not None:
            data = {**message, "status": "SENT", "channel": new.origin}
            yield made(types.MESSAGE_RECEIVED, new.sequenced_at, (new.message_id,), data)
    for (index, mark), marked_at in new.times.items():
        if old is None or f"{mark}#{index}" not in old:
            event = _of_mark(new, message, index, mark, at)
            yield {**event, "timestamp": iso(marked_at)}


def _of_mark(new: Receipts, message: Event, index: int, mark: Mark, at: int) -> Event:
    planned = new.plan[index]
    data = {
        **message,
        "user_id": planned.user_id,
        "channel": planned.channel,
        "status": mark.upper(),
    }
    if mark is Mark.FAILED and index in new.failures:
        failure = new.failures[index]
        data["failure"] = {"code": failure.code, "reason": failure.reason[:MAX_WORDS]}
    return made(f"message.{mark}", at, (new.message_id, str(index)), data)
