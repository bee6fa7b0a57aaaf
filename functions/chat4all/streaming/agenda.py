"""What a stream has to look up, and when."""

from __future__ import annotations

from chat4all.ports import Clock

ROUND = "round"
"""Through all conversations. Other things on an agenda are single ones, by their ids."""
PAUSE_MS = 100
LONGEST_MS = 60_000


class Agenda:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: dict[str, int] = {}
        self._tries: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._due)

    def after(self, what: str, pause_ms: int) -> None:
        """No later than then; something that is due before stays so."""
        at = self._clock.now() + pause_ms
        self._due[what] = min(self._due.get(what, at), at)

    def again(self, what: str) -> int:
        """After a pause, each twice as long as the one before. How many there were by now."""
        tries = self._tries[what] = self._tries.get(what, 0) + 1
        pause = min(PAUSE_MS << min(tries - 1, 20), LONGEST_MS)
        self._due[what] = self._clock.now() + pause
        return tries

    def done(self, what: str) -> None:
        self._due.pop(what, None)
        self._tries.pop(what, None)

    def next(self) -> str | None:
        """What is due now, and has been for longest."""
        first = min(self._due, key=self._due.__getitem__, default=None)
        return first if first is not None and self._due[first] <= self._clock.now() else None

    def wait(self, what: str | None = None) -> float:
        """Seconds until that is due, or anything."""
        times = self._due.values() if what is None else [self._due[what]]
        return max(0, min(times) - self._clock.now()) / 1000 if times else float("inf")
