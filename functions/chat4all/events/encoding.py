"""Events as JSON, whatever is stored: one that nobody can tell must not hold the others up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chat4all.sendable import sendable

MAX_EVENT_BYTES = 24_000
"""None that we make of what the API lets in has as many (docs/events.md says 20 KB); ten of them
and their attributes stay under the 256 KB that a call to the topic may have."""
UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,  # of a time that is in no calendar; those of the network are `Unavailable`
    RecursionError,
    TypeError,
    ValueError,
)
"""What reading or encoding something broken raises."""
_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def encoded(event: Mapping[str, Any]) -> bytes:
    """The JSON that goes out. Half a surrogate pair, which JSON can hold and UTF-8 cannot, becomes
    a question mark, so nothing that is text makes it raise.

    Raises one of `UNREADABLE` for what is no JSON, such as NaN.
    """
    return sendable(_json(event)).encode("utf-8", "replace")


def can_be_told(event: Mapping[str, Any]) -> bool:
    """Whether it is JSON, and no larger than an event may be."""
    try:
        return len(encoded(event)) <= MAX_EVENT_BYTES
    except UNREADABLE:
        return False
