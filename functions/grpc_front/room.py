"""How much of a process its calls may take: places, and bytes of answers.

place     every call and stream, from its first byte to its answer     1,500
calls     of one service; of one user, or of an address without a token  400; 50
bytes     of answers that a caller has not taken                       16 MB

gRPC keeps an answer for as long as its client does not take it, and lets no server of Python end
such a call. So an answer that a caller leaves lying counts as theirs until the connection is over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from chat4all.caller import Caller
from chat4all.errors import TooMany, Unavailable

IN_ALL = 1_500
OF_A_SERVICE, OF_A_USER = 400, 50
OF_STRANGERS = 500
"""Calls without a token, of all addresses together; an address counts as a caller."""
BYTES_OF_A_CALLER = 16 * 1024 * 1024
BYTES_IN_ALL = 256 * 1024 * 1024

Whose = tuple[str, str]
STRANGER = "stranger"


class TooManyCalls(TooMany):
    def __init__(self, most: str) -> None:
        detail = f"Take the answers of those that run: {most} at once."
        super().__init__("too_many_calls", detail, retry_after=1)


class Room:
    """Of one server, in one event loop."""

    def __init__(self) -> None:
        self.places = 0
        self.calls: Counter[Whose] = Counter()
        self.bytes: Counter[Whose] = Counter()
        self.strangers = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Around each call. Raises Unavailable: another instance may have room."""
        if self.places >= IN_ALL:
            raise Unavailable("there are as many calls as there may be")
        self.places += 1
        try:
            yield
        finally:
            self.places -= 1

    def take(self, by: Caller | str) -> Share:
        """A call of this caller, or of a stranger from this address. Raises TooManyCalls."""
        stranger = isinstance(by, str)
        whose = (STRANGER, by) if isinstance(by, str) else (str(by.kind), by.subject)
        most = OF_A_USER if isinstance(by, str) or not by.is_service else OF_A_SERVICE
        if self.calls[whose] >= most or (stranger and self.strangers >= OF_STRANGERS):
            raise TooManyCalls(f"{most} calls")
        if self.bytes[whose] >= BYTES_OF_A_CALLER:
            raise TooManyCalls(f"{BYTES_OF_A_CALLER >> 20} MB")
        self.calls[whose] += 1
        self.strangers += stranger
        return Share(self, whose)


class Share:
    """What one call takes of the room."""

    def __init__(self, room: Room, whose: Whose) -> None:
        self._room, self._whose, self._size = room, whose, 0

    def hold(self, answer: bytes, done: bool) -> None:
        """Count an answer. One to what is `done` already is not refused: it is small.

        Raises:
            TooManyCalls: the caller leaves too much lying.
            Unavailable: all callers together do.
        """
        room, size = self._room, len(answer)
        if not done and room.bytes[self._whose] + size > BYTES_OF_A_CALLER:
            raise TooManyCalls(f"{BYTES_OF_A_CALLER >> 20} MB")
        if not done and room.bytes.total() + size > BYTES_IN_ALL:
            raise Unavailable("there are as many answers as there may be")
        room.bytes[self._whose] += size
        self._size += size

    def give_back(self) -> None:
        """Once."""
        room = self._room
        room.bytes[self._whose] -= self._size
        room.calls[self._whose] -= 1
        room.strangers -= self._whose[0] == STRANGER
        if not room.calls[self._whose]:
            del room.calls[self._whose], room.bytes[self._whose]
