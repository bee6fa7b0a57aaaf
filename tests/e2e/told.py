"""Events that came, whichever way, picked by what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def matching(
    events: Sequence[dict[str, Any]], types: Sequence[str], data: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Those of these types (of any, if none is named) and with these data."""
    return [
        event
        for event in events
        if (not types or event["type"] in types)
        and all(event["data"].get(name) == value for name, value in data.items())
    ]
