"""How a message reads on a channel that shows only text from one sender: us."""

from __future__ import annotations

from chat4all.delivery import Delivery
from chat4all.message import TemplatePayload, TextPayload, UnsupportedPayload


def rendered_text(delivery: Delivery) -> str:
    """The text; in a group, with the name of whoever spoke before it."""
    payload = delivery.payload
    match payload:
        case TextPayload():
            text = payload.text
        case UnsupportedPayload():
            text = f"[{payload.kind}]"
        case TemplatePayload():
            text = payload.name
    return f"{delivery.sender_name}: {text}" if delivery.sender_name else text
