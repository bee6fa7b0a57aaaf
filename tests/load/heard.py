"""What was told of each message, by recipient: the side of the load that is not answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from enum import IntEnum


class Mark(IntEnum):
    """How far a message has come with one recipient. A later mark implies the earlier ones."""

    DELIVERED = 1
    READ = 2
    FAILED = 3
    """Implies nothing, and is overtaken by any later report."""


class Heard:
    """Times are when we heard it, in seconds since 1970; of repeats the first one counts."""

    def __init__(self) -> None:
        self._times: dict[str, dict[tuple[str, Mark], float]] = defaultdict(dict)
        self._places: dict[str, dict[int, str]] = defaultdict(dict)
        self._marked: dict[tuple[str, str, Mark], int] = {}
        self._waiting: dict[str, list[tuple[range, str, Mark, float]]] = defaultdict(list)
        self.told: dict[str, float] = {}
        """When a subscriber's webhook had it first."""

    def note(self, message_id: str, user_id: str, mark: Mark, at: float) -> None:
        self._times[message_id].setdefault((user_id, mark), at)

    def placed(self, conversation_id: str, seq: int, message_id: str) -> None:
        """Its place, for watermarks. It may come after them."""
        self._places[conversation_id][seq] = message_id
        for seqs, user_id, mark, at in self._waiting.get(conversation_id, ()):
            if seq in seqs:
                self.note(message_id, user_id, mark, at)

    def watermark(
        self, conversation_id: str, user_id: str, up_to: int, mark: Mark, at: float
    ) -> None:
        """Everything up to a seq has come so far with a member of the app."""
        key = (conversation_id, user_id, mark)
        seqs = range(self._marked.get(key, 0) + 1, up_to + 1)
        self._marked[key] = max(up_to, self._marked.get(key, 0))
        places = self._places[conversation_id]
        for seq in seqs:
            if seq in places:
                self.note(places[seq], user_id, mark, at)
        if any(seq not in places for seq in seqs):
            self._waiting[conversation_id].append((seqs, user_id, mark, at))

    def reached(self, message_id: str, mark: Mark, recipients: int) -> float | None:
        """When the last of so many recipients had come so far; None: they have not."""
        first: dict[str, float] = {}
        for user_id, at in self._so_far(message_id, mark):
            first[user_id] = min(at, first.get(user_id, at))
        return sorted(first.values())[recipients - 1] if len(first) >= recipients else None

    def failed(self, message_id: str) -> float | None:
        """When the first recipient was given up, if one was and has not been reached since."""
        reached = {user_id for user_id, _ in self._so_far(message_id, Mark.DELIVERED)}
        return min(
            (
                at
                for (user_id, mark), at in self._times.get(message_id, {}).items()
                if mark is Mark.FAILED and user_id not in reached
            ),
            default=None,
        )

    def over(self, message_id: str, recipients: int) -> bool:
        """Nothing more is to come: each recipient has read it, or was given up."""
        done = {
            user_id
            for user_id, mark in self._times.get(message_id, {})
            if mark in (Mark.READ, Mark.FAILED)
        }
        return len(done) >= recipients

    def _so_far(self, message_id: str, mark: Mark) -> Iterator[tuple[str, float]]:
        for (user_id, known), at in list(self._times.get(message_id, {}).items()):
            if mark <= known < Mark.FAILED:
                yield user_id, at
