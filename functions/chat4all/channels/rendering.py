"""How a message reads on a channel that shows only text from one sender: us."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chat4all.delivery import Delivery
from chat4all.message import FileContent, TemplatePayload, TextPayload, UnsupportedPayload
from chat4all.ports import Attachment, Media, Part


def rendered_text(delivery: Delivery) -> str:
    """The text; in a group, with the name of whoever spoke before it. A file's caption may be
    empty: then it is the name alone, or nothing."""
    payload = delivery.payload
    match payload:
        case TextPayload():
            text = payload.text
        case FileContent():
            text = payload.caption or ""
        case UnsupportedPayload():
            text = f"[{payload.kind}]"
        case TemplatePayload():
            text = payload.name
    if not delivery.sender_name:
        return text
    return f"{delivery.sender_name}: {text}" if text else delivery.sender_name


def parts_of(
    delivery: Delivery,
    attachment: Attachment | None,
    split: Callable[[str], Sequence[str]],
    longest_caption: int = 0,
) -> list[Part]:
    """The parts to send. A file's words go with it where they fit, else before it.

    `split` cuts a text to the channel's limit, `longest_caption` is in characters.
    """
    text = rendered_text(delivery)
    if attachment is None:
        return list(split(text))
    if len(text) <= longest_caption or not text:
        return [Media(attachment, text or None)]
    return [*split(text), Media(attachment)]
