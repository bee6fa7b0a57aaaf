"""Keys that the stack makes for itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class KeyStore(Protocol):
    def agreed(self, name: str, make: Callable[[], bytes]) -> bytes:
        """The key of this name. If there is none, one is made; whoever asks at the same time gets
        the same one."""
        ...
