"""One posting thread with its own timetable.

    put ──▶ timetable (receipts, by time due) ──▶ parcel (a batch) ──▶ post ──▶ done
                                                   ▲                    │
    put ──▶ parcel (what a person wrote, alone) ───┘◀── gap doubles ────┘ not 200

A message's receipts all pass one lane, so none overtakes another. While a parcel waits
for its next try, later callbacks about the same message or person wait behind it;
callbacks about others go on.
"""

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .settings import ChannelSettings
from .wire import Callback, PersonWrote, Receipt

_FIRST_GAP, _LONGEST_GAP = 0.5, 30.0


@dataclass(slots=True)
class Parcel:
    """The callbacks of one POST; retried as they are, byte for byte once encoded."""

    items: list[Callback]
    body: bytes = b""
    first_tried: float = 0.0
    gap: float = _FIRST_GAP
    followers: list[Callback] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """POSTs answered 200, POSTs that failed, callbacks given up for their age, and waiting."""

    posted: int = 0
    failed: int = 0
    given_up: int = 0
    pending: int = 0


class Lane:
    """Posts callbacks in order, in batches, until they are taken; a daemon thread.

    `post` encodes and sends a parcel and says whether it was taken.
    """

    def __init__(
        self, post: Callable[[Parcel], bool], settings: Callable[[], ChannelSettings]
    ) -> None:
        self._post = post
        self._settings = settings
        self._change = threading.Condition()
        self._order = itertools.count()
        self._begin_anew()
        self.tally = Tally()
        threading.Thread(target=self._run, daemon=True).start()

    def _begin_anew(self) -> None:
        self._timetable: list[tuple[float, int, Receipt]] = []
        self._parcels: list[tuple[float, int, Parcel]] = []
        self._held: dict[str, Parcel] = {}
        self._era = object()

    def put(self, timed: Iterable[tuple[float, Callback]]) -> None:
        """Take callbacks, each with the seconds from now until it is due."""
        now = time.monotonic()
        with self._change:
            before = self._wake_at()
            for delay, item in timed:
                self._schedule(now + delay, item)
                self.tally.pending += 1
            after = self._wake_at()
            if after is not None and (before is None or after < before):
                self._change.notify()

    def clear(self) -> None:
        """Forget everything that waits; a POST under way is not tried again."""
        with self._change:
            self._begin_anew()
            self.tally = Tally()

    def _schedule(self, due: float, item: Callback) -> None:
        if isinstance(item, PersonWrote):
            heapq.heappush(self._parcels, (due, next(self._order), Parcel([item])))
        else:
            heapq.heappush(self._timetable, (due, next(self._order), item))

    def _run(self) -> None:
        while True:
            with self._change:
                parcel = self._await_parcel()
                era = self._era
            taken = self._post(parcel)
            with self._change:
                if era is self._era:
                    self._settle(parcel, taken)

    def _await_parcel(self) -> Parcel:
        while True:
            parcel = self._next_parcel()
            if parcel is None:
                wake_at = self._wake_at()
                self._change.wait(None if wake_at is None else wake_at - time.monotonic())
            elif parcel.first_tried or self._without_waiters(parcel):
                return parcel

    def _batch_closes(self) -> float | None:
        if not self._timetable:
            return None
        return self._timetable[0][0] + self._settings().batch_window

    def _wake_at(self) -> float | None:
        times = [self._parcels[0][0] if self._parcels else None, self._batch_closes()]
        return min((one for one in times if one is not None), default=None)

    def _next_parcel(self) -> Parcel | None:
        """What is to be posted now, the longest due first; None when nothing is."""
        now, closes = time.monotonic(), self._batch_closes()
        if self._parcels and self._parcels[0][0] <= min(now, closes or now):
            return heapq.heappop(self._parcels)[2]
        if closes is not None and closes <= now:
            return Parcel(self._due_receipts(now))
        return None

    def _due_receipts(self, now: float) -> list[Callback]:
        most, due = self._settings().batch_size, list[Callback]()
        while self._timetable and self._timetable[0][0] <= now and len(due) < most:
            due.append(heapq.heappop(self._timetable)[2])
        return due

    def _without_waiters(self, parcel: Parcel) -> bool:
        """Move what must wait behind a parcel that is retried; whether anything is left."""
        free: list[Callback] = []
        for item in parcel.items:
            ahead = self._held.get(item.key)
            (free if ahead is None else ahead.followers).append(item)
        parcel.items = free
        return bool(free)

    def _settle(self, parcel: Parcel, taken: bool) -> None:
        now = time.monotonic()
        parcel.first_tried = parcel.first_tried or now
        if taken:
            self.tally.posted += 1
        else:
            self.tally.failed += 1
            if now - parcel.first_tried < self._settings().retry_for:
                self._held.update((item.key, parcel) for item in parcel.items)
                heapq.heappush(self._parcels, (now + parcel.gap, next(self._order), parcel))
                parcel.gap = min(parcel.gap * 2, _LONGEST_GAP)
                return
            self.tally.given_up += len(parcel.items)
        self.tally.pending -= len(parcel.items)
        for item in parcel.items:
            self._held.pop(item.key, None)
        for item in parcel.followers:
            self._schedule(0.0, item)  # before all else, so that nothing overtakes it
