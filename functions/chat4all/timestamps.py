"""Times: milliseconds inside, RFC 3339 outside."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    def now(self) -> int:
        return time.time_ns() // 1_000_000


def iso(ms: int) -> str:
    """`2026-11-23T01:02:03.456Z`."""
    text = datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def ms_of(moment: datetime) -> int:
    """Of a time with a zone. Before 1970 there was nothing: 0."""
    return max(0, round(moment.timestamp() * 1000))
