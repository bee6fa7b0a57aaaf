"""Instagram Messaging bodies: what we send, what webhooks bring, what error codes mean.

Source: developers.facebook.com/docs/instagram-platform (messaging, webhooks, error codes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from chat4all.channels.graph import Graph, Group, as_dict, as_list, read, usable_id
from chat4all.delivery import InboundUpdate, StatusUpdate
from chat4all.ids import Address
from chat4all.message import MAX_TEXT, TextPayload, UnsupportedPayload
from chat4all.receipts import Mark

CHANNEL = "instagram"

_BY_CODE: dict[tuple[int, int | None], Group] = {
    (10, 2534022): Group.CONTENT,  # outside the 24-hour window
    (100, 2018001): Group.RECIPIENT,
    (100, 2534014): Group.RECIPIENT,
    (551, None): Group.RECIPIENT,
    (190, None): Group.AUTH,
    (10, None): Group.AUTH,
    (4, None): Group.THROTTLE,
    (32, None): Group.THROTTLE,
    (613, None): Group.THROTTLE,
    (2, None): Group.TRANSIENT,
    (2, 1545133): Group.TRANSIENT,
    (1, None): Group.TRANSIENT,
    (100, None): Group.CONTENT,
}


def group_of(code: int, subcode: int | None = None) -> Group | None:
    return _BY_CODE.get((code, subcode)) or _BY_CODE.get((code, None))


def text_body(to: str, text: str) -> dict[str, Any]:
    return {"recipient": {"id": to}, "message": {"text": text}}


class _Party(Graph):
    id: Address


class _ReplyTo(Graph):
    mid: str


class _Message(Graph):
    mid: str = Field(min_length=1, max_length=512)
    text: str | None = None
    attachments: tuple[dict[str, Any], ...] = ()
    reply_to: _ReplyTo | None = None
    is_echo: bool = False
    is_deleted: bool = False


class _Read(Graph):
    mid: str = Field(min_length=1, max_length=512)


class _Messaging(Graph):
    sender: _Party
    recipient: _Party
    timestamp: int = Field(ge=0, lt=10**14)
    message: _Message | None = None
    read: _Read | None = None


def updates(body: Mapping[str, Any]) -> Iterator[StatusUpdate | InboundUpdate]:
    """Every update of a webhook body that we understand, in its order. Echoes are our own."""
    for entry in as_list(body.get("entry")):
        for item in read(_Messaging, as_list(as_dict(entry).get("messaging"))):
            if item.read is not None:
                yield StatusUpdate(
                    channel=CHANNEL,
                    provider_id=item.read.mid,
                    mark=Mark.READ,
                    at=item.timestamp,
                )
            elif item.message and not (item.message.is_echo or item.message.is_deleted):
                yield _inbound(item, item.message)


def _inbound(item: _Messaging, message: _Message) -> InboundUpdate:
    payload: TextPayload | UnsupportedPayload
    if message.text:
        payload = TextPayload(type="text", text=message.text[:MAX_TEXT])
    else:
        first = message.attachments[0] if message.attachments else {}
        kind = str(first.get("type", "message"))[:32]
        payload = UnsupportedPayload(type="unsupported", kind=kind)
    return InboundUpdate(
        channel=CHANNEL,
        provider_id=message.mid,
        account=item.recipient.id,
        address=item.sender.id,
        reply_to=usable_id(message.reply_to.mid) if message.reply_to else None,
        payload=payload,
        at=item.timestamp,
    )
