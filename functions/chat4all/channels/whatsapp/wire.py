"""WhatsApp Cloud API bodies: what we send, what webhooks bring, what error codes mean.

Source: developers.facebook.com/docs/whatsapp/cloud-api (messages, webhooks, error codes).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from chat4all.channels.graph import (
    Beside,
    Graph,
    Group,
    ProviderId,
    WholeSeconds,
    as_dict,
    as_list,
    error_for,
    read,
)
from chat4all.delivery import InboundUpdate, MediaPayload, StatusUpdate
from chat4all.errors import Undeliverable
from chat4all.ids import ProviderAddress
from chat4all.message import MAX_CAPTION, MAX_TEXT, TemplatePayload, TextPayload, UnsupportedPayload
from chat4all.receipts import Failure, Mark

CHANNEL = "whatsapp"
MAX_FILENAME = 1024

_GROUPS: dict[Group, tuple[int, ...]] = {
    Group.AUTH: (0, 3, 10, 190, 131005, *range(200, 300)),
    Group.ACCOUNT: (33, 368, 131031, 130497, 131042),
    Group.THROTTLE: (4, 80007, 130429, 131048, 131056),
    Group.TRANSIENT: (1, 2, 131000, 131016, 131057),
    Group.RECIPIENT: (131026, 131021, 131030, 131050, 131049, 130472),
    Group.CONTENT: (
        *(131047,),  # outside the 24-hour window: a template is needed
        *(100, 131008, 131009, 131051, 131052, 131053),
        *(132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016),
    ),
}
_BY_CODE = {code: group for group, codes in _GROUPS.items() for code in codes}


def group_of(code: int, subcode: int | None = None) -> Group | None:
    return _BY_CODE.get(code)


def text_body(to: str, text: str, opaque: str) -> dict[str, Any]:
    return {
        "messaging_product": CHANNEL,
        "recipient_type": "individual",
        "to": to,
        "type": "text",
        "text": {"body": text, "preview_url": False},
        **ours(opaque),
    }


def template_body(to: str, template: TemplatePayload, opaque: str) -> dict[str, Any]:
    parameters = [{"type": "text", "text": value} for value in template.parameters]
    components = [{"type": "body", "parameters": parameters}] if parameters else []
    return {
        "messaging_product": CHANNEL,
        "recipient_type": "individual",
        "to": to,
        "type": "template",
        "template": {
            "name": template.name,
            "language": {"code": template.language},
            "components": components,
        },
        **ours(opaque),
    }


def ours(opaque: str) -> dict[str, str]:
    return {"biz_opaque_callback_data": opaque} if opaque else {}


class _Metadata(Graph):
    account: ProviderAddress = Field("-", alias="phone_number_id")


class _Text(Graph):
    body: str = Field(min_length=1)


class _Media(Graph):
    """`sha256` is base64 in a webhook, and hex where the media is looked up."""

    id: str = Field(min_length=1, max_length=512)
    mime_type: Beside[Annotated[str, Field(max_length=255)]] = None
    sha256: Beside[str] = None
    caption: Beside[str] = None
    filename: Beside[str] = None


class _Context(Graph):
    """Of a reply. What was passed on has one without an id."""

    id: ProviderId


class _Message(Graph):
    sender: ProviderAddress = Field(alias="from")
    id: ProviderId
    timestamp: WholeSeconds
    type: Beside[str] = None
    text: Beside[_Text] = None
    context: Beside[_Context] = None
    image: Any = None
    video: Any = None
    audio: Any = None
    document: Any = None
    sticker: Any = None

    @property
    def media(self) -> _Media | None:
        """None also for one that we cannot read: then the message is one of a kind unknown."""
        kinds = (self.image, self.video, self.audio, self.document, self.sticker)
        return next(iter(read(_Media, filter(None, kinds))), None)


class _Error(Graph):
    code: int
    title: Beside[str] = None
    message: Beside[str] = None
    error_data: Any = None


class _Status(Graph):
    id: ProviderId
    status: Literal["sent", "delivered", "read", "failed"]
    timestamp: WholeSeconds
    biz_opaque_callback_data: Beside[ProviderId] = None
    errors: Any = None


def updates(body: Mapping[str, Any]) -> Iterator[StatusUpdate | InboundUpdate]:
    """Every update of a webhook body that we understand, in its order."""
    for entry in as_list(body.get("entry")):
        for change in as_list(as_dict(entry).get("changes")):
            value = as_dict(as_dict(change).get("value"))
            account = next(iter(read(_Metadata, [value.get("metadata")])), _Metadata()).account
            names = _names(value)
            for message in read(_Message, as_list(value.get("messages"))):
                yield _inbound(message, account, names.get(message.sender))
            for status in read(_Status, as_list(value.get("statuses"))):
                yield _status(status)


def _names(value: Mapping[str, Any]) -> dict[str, str]:
    contacts = [as_dict(contact) for contact in as_list(value.get("contacts"))]
    return {
        str(contact.get("wa_id")): str(as_dict(contact.get("profile")).get("name") or "")[:128]
        for contact in contacts
    }


def _inbound(message: _Message, account: str, name: str | None) -> InboundUpdate:
    payload: TextPayload | MediaPayload | UnsupportedPayload
    media = message.media
    if message.type == "text" and message.text is not None:
        payload = TextPayload(type="text", text=message.text.body[:MAX_TEXT])
    elif media is not None:
        payload = MediaPayload(
            reference=media.id,
            content_type=media.mime_type or "application/octet-stream",
            filename=(media.filename or "")[:MAX_FILENAME] or None,
            caption=(media.caption or "")[:MAX_CAPTION] or None,
            sha256=_hex(media.sha256),
        )
    else:
        payload = UnsupportedPayload(type="unsupported", kind=(message.type or "unknown")[:32])
    return InboundUpdate(
        channel=CHANNEL,
        provider_id=message.id,
        account=account,
        address=message.sender,
        name=(name or "").strip() or None,
        reply_to=message.context.id if message.context else None,
        payload=payload,
        at=message.timestamp,
    )


def _hex(sha256: str | None) -> str | None:
    """A digest in base64, as hex; None for what is none."""
    try:
        digest = base64.b64decode(sha256 or "", validate=True)
    except ValueError:
        return None
    return digest.hex() if len(digest) == 32 else None


def _status(status: _Status) -> StatusUpdate:
    return StatusUpdate(
        channel=CHANNEL,
        provider_id=status.id,
        mark=Mark(status.status),
        at=status.timestamp,
        opaque=status.biz_opaque_callback_data,
        failure=_failure(status) if status.status == "failed" else None,
    )


def _failure(status: _Status) -> Failure:
    errors = read(_Error, as_list(status.errors))
    if not errors:
        return Failure(code="failed", reason="The provider gave no reason.")
    error = errors[0]
    details = as_dict(error.error_data).get("details")
    reason = str(details or error.message or error.title or "")[:300]
    meaning = error_for(group_of(error.code) or Group.CONTENT, str(error.code), reason)
    return Failure(
        code=str(error.code),
        reason=reason,
        retriable=not isinstance(meaning, Undeliverable),
        next_choice=isinstance(meaning, Undeliverable) and meaning.recipient,
    )
