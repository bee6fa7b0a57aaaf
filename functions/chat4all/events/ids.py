"""Ids of events: they sort by time, and a repeat of a change has the same one."""

from __future__ import annotations

import hashlib
from uuid import UUID


def event_id(at_ms: int, *parts: str) -> str:
    """A UUID of version 8 (RFC 9562): 48 bits of milliseconds, then the SHA-256 of the parts.

    `at_ms` must be the same whenever the change is seen, and no later than that.
    """
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    time = at_ms & 0xFFFF_FFFF_FFFF
    versioned = 0x8000 | int.from_bytes(digest[:2], "big") & 0x0FFF
    variant = 1 << 63 | int.from_bytes(digest[2:10], "big") & (1 << 62) - 1
    text = f"{time:012x}{versioned:04x}{variant:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def time_of(event_id: str) -> int:
    """Milliseconds since 1970. Raises ValueError for what is no event's id."""
    found = UUID(event_id)
    if found.version != 8:
        raise ValueError("no event's id")
    return found.int >> 80
