"""A FIFO queue and the function that works it off, event by event.

What it has of SQS and Lambda: groups, of which one batch at a time is in flight; batches that take
as many of a group as there are, then of the next; a queue that looks no further than its first
120,000 messages; executions that are started so many a second. Nothing is drawn but from the
`Random` that it is given, so that a run can be repeated.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from itertools import count

WINDOW = 120_000
"""Messages from the queue's head on in which SQS looks for groups that are not in flight."""
BATCH = 10


class Message:
    __slots__ = ("attempts", "born", "entered", "failed", "group", "kind", "left", "receives")

    def __init__(self, born: float, group: Hashable, kind: str = "") -> None:
        """Times are seconds since the run began."""
        self.born, self.group, self.kind = born, group, kind
        self.entered = born
        self.left = False
        """Whether it is out of the queue that it entered last."""
        self.failed = False
        self.attempts = self.receives = 0


class Clock:
    """What happens when."""

    def __init__(self) -> None:
        self.now = 0.0
        self._coming: list[tuple[float, int, Callable[..., None], tuple[object, ...]]] = []
        self._turns = count()

    def at(self, when: float, what: Callable[..., None], *about: object) -> None:
        heapq.heappush(self._coming, (when, next(self._turns), what, about))

    def run(self, until: float) -> None:
        coming = self._coming
        while coming and coming[0][0] <= until:
            self.now, _, what, about = heapq.heappop(coming)
            what(*about)
        self.now = until


Served = tuple[float, list[tuple[Message, float]]]
"""Seconds that a batch takes, and whom it leaves in the queue: hidden for so many seconds."""


class Account:
    """Executions that functions share; who has to wait for one is served in turn."""

    def __init__(self, executions: int) -> None:
        self.free = executions
        self._waiting: dict[Station, None] = {}

    def taken_by(self, station: Station) -> bool:
        """Whether there was one; who is refused is called when one is free."""
        if self.free > 0:
            self.free -= 1
            return True
        self._waiting[station] = None
        return False

    def given_back(self) -> None:
        self.free += 1
        if self._waiting:
            station = next(iter(self._waiting))
            del self._waiting[station]
            station.start()


class Station:
    """One queue with its function."""

    def __init__(
        self,
        clock: Clock,
        serve: Callable[[Sequence[Message]], Served],
        done: Callable[[Message], None],
        *,
        most: int,
        start: int | None = None,
        faster: float = 100.0,
        batch: int = BATCH,
        window: int = WINDOW,
        account: Account | None = None,
    ) -> None:
        """`most` executions at once; `start` of them are there from the beginning (all, if left
        out), and `faster` a second come while messages wait for one. Those of an `account` are
        shared with its other stations."""
        self._clock, self._serve, self._done = clock, serve, done
        self._most, self._faster, self._batch, self._window = most, faster, batch, window
        self._account = account or Account(most)
        self._level = float(most if start is None else start)
        self._growing = False
        self._groups: dict[Hashable, deque[Message]] = {}
        self._ready: deque[Hashable] = deque()
        self._held: set[Hashable] = set()
        self._beyond: deque[Message] = deque()
        self._in_order: deque[Message] = deque()
        self._inside = 0
        self.running = 0
        self.depth = 0
        self.most_receives = 0

    def offer(self, message: Message) -> None:
        """A message enters the queue."""
        message.entered, message.left, message.receives = self._clock.now, False, 0
        self.depth += 1
        self._in_order.append(message)
        if self._inside < self._window:
            self._admit(message)
            self.start()
        else:
            self._beyond.append(message)

    def oldest(self) -> float:
        """Seconds that the message at the queue's head has waited; 0 for an empty queue."""
        while self._in_order and self._in_order[0].left:
            self._in_order.popleft()
        return self._clock.now - self._in_order[0].entered if self._in_order else 0.0

    def _admit(self, message: Message) -> None:
        self._inside += 1
        waiting = self._groups.setdefault(message.group, deque())
        waiting.append(message)
        if len(waiting) == 1 and message.group not in self._held:
            self._ready.append(message.group)

    def start(self) -> None:
        """Begin what can be begun."""
        while self._ready and self.running < int(self._level):
            if not self._account.taken_by(self):
                return  # more of an own level would not help
            batch = self._next_batch()
            self.running += 1
            seconds, again = self._serve(batch)
            self._clock.at(self._clock.now + seconds, self._end, batch, again)
        if self._ready and self._level < self._most and not self._growing:
            self._growing = True
            self._clock.at(self._clock.now + 1, self._grow)

    def _grow(self) -> None:
        self._growing = False
        if self._ready:
            self._level = min(self._most, self._level + self._faster)
            self.start()

    def _next_batch(self) -> list[Message]:
        batch: list[Message] = []
        while self._ready and len(batch) < self._batch:
            group = self._ready.popleft()
            self._held.add(group)
            waiting = self._groups[group]
            for _ in range(min(len(waiting), self._batch - len(batch))):
                batch.append(waiting.popleft())
        for message in batch:
            message.receives += 1
            self.most_receives = max(self.most_receives, message.receives)
        return batch

    def _end(self, batch: list[Message], again: list[tuple[Message, float]]) -> None:
        self.running -= 1
        back = {id(message) for message, _ in again}
        hidden: dict[Hashable, float] = {}
        for message, seconds in again:
            hidden[message.group] = max(seconds, hidden.get(message.group, 0.0))
        for message, _ in reversed(again):
            self._groups[message.group].appendleft(message)
        for message in batch:
            if id(message) not in back:
                message.left = True
                self.depth -= 1
                self._inside -= 1
                self._done(message)
        while self._beyond and self._inside < self._window:
            self._admit(self._beyond.popleft())
        for group in dict.fromkeys(message.group for message in batch):
            if group in hidden:
                self._clock.at(self._clock.now + hidden[group], self._release, group)
            else:
                self._free(group)
        self._account.given_back()
        self.start()

    def _release(self, group: Hashable) -> None:
        self._free(group)
        self.start()

    def _free(self, group: Hashable) -> None:
        self._held.discard(group)
        if self._groups[group]:
            self._ready.append(group)
        else:
            del self._groups[group]
