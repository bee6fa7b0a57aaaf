"""What every event has around its data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chat4all.events.ids import event_id
from chat4all.events.types import Event
from chat4all.timestamps import iso

Image = Mapping[str, Any]
"""An item before or after a change."""
MAX_WORDS = 1000
"""Characters of a reason or a detail: they come from providers."""


def made(kind: str, at: int, change: tuple[str, ...], data: dict[str, Any]) -> Event:
    """An event whose id derives from its type, its time (ms) and the parts of its change."""
    return {"id": event_id(at, kind, *change), "type": kind, "timestamp": iso(at), "data": data}
