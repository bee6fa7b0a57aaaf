"""Files on WhatsApp: what it carries, how it is sent, where a person's are fetched.

Source: developers.facebook.com/docs/whatsapp/cloud-api/reference/media.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

from chat4all.channels.graph import Graph, read
from chat4all.channels.whatsapp.wire import CHANNEL, ours
from chat4all.errors import TryLater
from chat4all.file import shortened
from chat4all.ports import Media

_MIB = 1024 * 1024
_LIMITS: dict[str, tuple[int, frozenset[str]]] = {
    "image": (5 * _MIB, frozenset({"image/jpeg", "image/png"})),
    "audio": (
        16 * _MIB,
        frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}),
    ),
    "video": (16 * _MIB, frozenset({"video/mp4", "video/3gpp"})),
    "document": (
        100 * _MIB,
        frozenset({"text/plain", "application/pdf"})
        | {f"application/{old}" for old in ("msword", "vnd.ms-excel", "vnd.ms-powerpoint")}
        | {
            f"application/vnd.openxmlformats-officedocument.{new}"
            for new in (
                "wordprocessingml.document",
                "spreadsheetml.sheet",
                "presentationml.presentation",
            )
        },
    ),
}
"""Per kind of media: bytes and types."""
MAX_NAME = 240
WITH_CAPTION = frozenset({"image", "video", "document"})


def media_kind(content_type: str, size: int) -> str | None:
    """What WhatsApp carries such a file as; None if it does not."""
    for kind, (limit, types) in _LIMITS.items():
        if content_type in types and size <= limit:
            return kind
    return None


def media_body(to: str, media: Media, opaque: str) -> dict[str, Any]:
    attachment = media.attachment
    kind = media_kind(attachment.content_type, attachment.size) or "document"
    content = {"link": attachment.url}
    if media.caption:
        content["caption"] = media.caption
    if kind == "document":
        content["filename"] = shortened(attachment.filename, MAX_NAME)
    return {
        "messaging_product": CHANNEL,
        "recipient_type": "individual",
        "to": to,
        "type": kind,
        kind: content,
        **ours(opaque),
    }


def _digest(sha256: object) -> str | None:
    """In hex and lower case; None for what is no SHA-256: then it cannot be compared."""
    found = str(sha256).lower()
    return found if re.fullmatch(r"[0-9a-f]{64}", found) else None


class MediaAddress(Graph):
    """Where the bytes of a person's media are, for five minutes. `sha256` is hex here."""

    url: str
    sha256: Annotated[str | None, BeforeValidator(_digest)] = None


def media_address(body: Mapping[str, Any]) -> MediaAddress:
    found = read(MediaAddress, [body])
    if not found:
        raise TryLater("bad_answer", "A media answer without a url.")
    return found[0]
