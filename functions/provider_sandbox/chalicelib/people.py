"""The people on the other side: what they received, and when they last wrote."""

import threading
import time
from collections import deque
from collections.abc import Iterable

from .journal import Journal
from .wire import Receipt, SentMessage

Person = tuple[str, str]  # channel, address


class People:
    """Everybody's inbox, in memory; safe to use from any thread.

    Only the last `keep` messages overall are kept: the oldest leave their inbox first. With a
    journal, what a former process had is there again.
    """

    def __init__(self, keep: int = 200_000, journal: Journal | None = None) -> None:
        self._keep = keep
        self._journal = journal
        self._lock = threading.Lock()
        self._inboxes: dict[Person, deque[SentMessage]] = {}
        self._arrivals: deque[Person] = deque()
        self._last_wrote: dict[Person, float] = {}

    def receive(self, message: SentMessage, again: bool = False) -> None:
        """`again`: the journal has it already."""
        person = (message.channel, message.address)
        with self._lock:
            if self._journal and not again:
                self._journal.received(message)
            self._inboxes.setdefault(person, deque()).append(message)
            self._arrivals.append(person)
            if len(self._arrivals) > self._keep:
                self._forget_oldest()

    def _forget_oldest(self) -> None:
        person = self._arrivals.popleft()
        inbox = self._inboxes[person]
        inbox.popleft()
        if not inbox:
            del self._inboxes[person]

    def inbox(self, person: Person) -> list[SentMessage]:
        with self._lock:
            return list(self._inboxes.get(person, ()))

    def wrote(self, person: Person, at: float) -> None:
        with self._lock:
            self._last_wrote[person] = at

    def wrote_within(self, person: Person, hours: float) -> bool:
        last = self._last_wrote.get(person)
        return last is not None and time.time() - last < hours * 3600

    def note_reported(self, receipts: Iterable[Receipt]) -> None:
        """Write the first time each status was taken by the callback's receiver."""
        now, taken = int(time.time() * 1000), list(receipts)
        with self._lock:
            if self._journal:
                self._journal.reported(taken)
            for receipt in taken:
                receipt.message.statuses.setdefault(receipt.status, now)

    def clear(self) -> None:
        with self._lock:
            self._inboxes.clear()
            self._arrivals.clear()
            self._last_wrote.clear()
            if self._journal:
                self._journal.clear()
