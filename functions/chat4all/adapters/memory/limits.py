"""Leases of callers' minutes."""

from __future__ import annotations

from collections import Counter
from threading import Lock


class MemoryAllowanceStore:
    """`writes` counts what a table would be charged for."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._leased: Counter[tuple[str, int]] = Counter()
        self.writes = 0

    def lease(self, subject: str, minute: int, wanted: int) -> int:
        with self._lock:
            self.writes += 1
            self._leased[subject, minute] += wanted
            return self._leased[subject, minute]
