"""The channels: one folder each, found by listing this one. Nothing else names them.

A folder has `connector.py` with a class `Channel` (see `ports.Connector`), `wire.py`, which
reads the provider's bodies, and `settings.py`. docs/new-channel.md shows how to add one.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from chat4all.errors import NotFound
from chat4all.ports import Connector

ReadSettings = Callable[[], Mapping[str, Any]]


@cache
def channel_names() -> frozenset[str]:
    here = Path(__file__).parent
    return frozenset(found.parent.name for found in here.glob("*/connector.py"))


def connector_class(channel: str) -> Callable[[ReadSettings], Connector]:
    """The class that speaks to a channel. Raises NotFound for a name that is none."""
    if channel not in channel_names():
        raise NotFound("channel_not_found", "There is no such channel.")
    module = importlib.import_module(f"chat4all.channels.{channel}.connector")
    return cast(Callable[[ReadSettings], Connector], module.Channel)
