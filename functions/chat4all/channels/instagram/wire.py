"""Instagram Messaging bodies: what we send, what webhooks bring, what error codes mean.

Source: developers.facebook.com/docs/instagram-platform (messaging, webhooks, error codes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from chat4all.channels.graph import Beside, Graph, Group, ProviderId, as_dict, as_list, read
from chat4all.delivery import InboundUpdate, MediaPayload, StatusUpdate
from chat4all.ids import ProviderAddress
from chat4all.message import MAX_CAPTION, MAX_TEXT, TextPayload, UnsupportedPayload
from chat4all.ports import Media
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


_MIB = 1024 * 1024
_LIMITS: dict[str, tuple[int, frozenset[str]]] = {
    "image": (8 * _MIB, frozenset({"image/jpeg", "image/png", "image/gif"})),
    "audio": (25 * _MIB, frozenset({"audio/aac", "audio/mp4", "audio/mpeg", "audio/wav"})),
    "video": (25 * _MIB, frozenset({"video/mp4", "video/webm", "video/ogg", "video/quicktime"})),
    "file": (25 * _MIB, frozenset({"application/pdf"})),
}
"""Per kind of media: bytes and types. Source: instagram-platform/instagram-api-with-instagram-
login/messaging-api."""
_TYPES = {"image": "image/jpeg", "audio": "audio/mp4", "video": "video/mp4"}
"""What a kind is taken for until its bytes are there: a webhook names no type."""


def media_kind(content_type: str, size: int) -> str | None:
    """What Instagram carries such a file as; None if it does not."""
    for kind, (limit, types) in _LIMITS.items():
        if content_type in types and size <= limit:
            return kind
    return None


def media_body(to: str, media: Media) -> dict[str, Any]:
    attachment = media.attachment
    kind = media_kind(attachment.content_type, attachment.size) or "file"
    content = {"type": kind, "payload": {"url": attachment.url}}
    return {"recipient": {"id": to}, "message": {"attachment": content}}


class _Payload(Graph):
    url: str = Field(min_length=1, max_length=4096)


class _Attachment(Graph):
    type: str = Field(max_length=32)
    payload: _Payload


class _Party(Graph):
    id: ProviderAddress


class _ReplyTo(Graph):
    """Of a reply to a message. One to a story has none."""

    mid: ProviderId


class _Message(Graph):
    mid: ProviderId
    text: Beside[str] = None
    attachments: Any = None
    reply_to: Beside[_ReplyTo] = None
    is_echo: Beside[bool] = None
    is_deleted: Beside[bool] = None


class _Read(Graph):
    mid: ProviderId


class _Messaging(Graph):
    sender: _Party
    recipient: _Party
    timestamp: int = Field(ge=0, lt=10**14)
    message: Beside[_Message] = None
    read: Beside[_Read] = None


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
                yield from _inbound(item, item.message)


def _inbound(item: _Messaging, message: _Message) -> Iterator[InboundUpdate]:
    """One update for each thing that a person sent at once; the words go with the first."""
    for number, payload in enumerate(_payloads(message)):
        yield InboundUpdate(
            channel=CHANNEL,
            provider_id=f"{message.mid}#{number}" if number else message.mid,
            account=item.recipient.id,
            address=item.sender.id,
            reply_to=message.reply_to.mid if message.reply_to else None,
            payload=payload,
            at=item.timestamp,
        )


def _payloads(message: _Message) -> list[TextPayload | MediaPayload | UnsupportedPayload]:
    attachments = as_list(message.attachments)
    files = [f for f in read(_Attachment, attachments) if f.type in _LIMITS]
    if files:
        return [
            MediaPayload(
                reference=file.payload.url,
                content_type=_TYPES.get(file.type, "application/octet-stream"),
                caption=None if number else (message.text or "")[:MAX_CAPTION] or None,
            )
            for number, file in enumerate(files)
        ]
    if message.text:
        return [TextPayload(type="text", text=message.text[:MAX_TEXT])]
    first = as_dict(attachments[0]) if attachments else {}
    return [UnsupportedPayload(type="unsupported", kind=str(first.get("type", "message"))[:32])]
