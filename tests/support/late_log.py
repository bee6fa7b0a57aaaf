"""A log as it is in the world: pages show late, and later still to a reader who saves."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import NamedTuple

from chat4all.adapters.memory import FakeClock
from chat4all.adapters.memory.event_log import MemoryEventLog
from chat4all.events import Event
from chat4all.ports.events import Page


class Shown(NamedTuple):
    page: Page
    at: int
    """ms; from then on a fresh read has it."""
    stale: int
    """ms after it, when every read has it."""


class LateLog(MemoryEventLog):
    """`world` is the true time; the clocks of writers and readers may differ from it."""

    def __init__(self, world: FakeClock) -> None:
        super().__init__(world)
        self.shown: list[Shown] = []
        self._world = world

    def write(self, events: list[Event], skew: int = 0, takes: int = 0, stale: int = 0) -> Page:
        page = Page(f"{self._world.now() + skew:013d}#{len(self.shown):08x}", events)
        self.shown.append(Shown(page, self._world.now() + takes, stale))
        return page

    def pages(
        self, first: str, until: int, *, fresh: bool = True, but: Container[str] = ()
    ) -> Iterator[Page]:
        now = self._world.now()
        self.kept = [s.page for s in self.shown if s.at + (0 if fresh else s.stale) <= now]
        return super().pages(first, until, but=but)


class Skewed(FakeClock):
    """Somebody's own clock."""

    def __init__(self, world: FakeClock, skew: int) -> None:
        super().__init__()
        self._world = world
        self._skew = skew

    def now(self) -> int:
        return self._world.now() + self._skew
