"""What a channel keeps: its breaker's state and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chat4all.errors import Unavailable
from chat4all.ports import BreakerState


class MemoryBreakerStore:
    def __init__(self) -> None:
        self._states: dict[str, BreakerState] = {}

    def get(self, channel: str) -> BreakerState:
        return self._states.get(channel, BreakerState())

    def fail(self, channel: str, *, open_until: int | None) -> BreakerState:
        before = self.get(channel)
        state = BreakerState(before.failures + 1, open_until or before.open_until)
        self._states[channel] = state
        return state

    def reset(self, channel: str) -> None:
        self._states[channel] = BreakerState()


class MemoryChannelSettings:
    def __init__(self, settings: Mapping[str, Mapping[str, Any]]) -> None:
        self._settings = settings

    def get(self, channel: str) -> Mapping[str, Any]:
        if channel not in self._settings:
            raise Unavailable(f"settings of channel {channel}")
        return self._settings[channel]
