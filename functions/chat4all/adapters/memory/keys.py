"""Keys that the stack makes for itself."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock


class MemoryKeyStore:
    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}
        self._lock = Lock()

    def agreed(self, name: str, make: Callable[[], bytes]) -> bytes:
        with self._lock:
            if name not in self._keys:
                self._keys[name] = make()
            return self._keys[name]
