"""How many streams there may be at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from chat4all.caller import Caller
from chat4all.errors import Unavailable
from chat4all.streaming.errors import SlowReader, TooManyStreams

OF_A_CALLER = 20
IN_ALL = 1000
LEFT_S = 600.0
"""So long a stream that nobody read keeps its place: gRPC keeps its last response for as long as
the connection is there, and a caller could leave one after the other."""


class Places:
    """Of this process: a caller may have as many at each instance. Used in one event loop."""

    def __init__(self) -> None:
        self._taken: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def one(self, caller: Caller) -> Iterator[None]:
        """Raises:
        TooManyStreams: the caller has twenty.
        Unavailable: this process has a thousand; another may have room.
        """
        whose = (str(caller.kind), caller.subject)
        if self._taken[whose] >= OF_A_CALLER:
            raise TooManyStreams(OF_A_CALLER)
        if self._taken.total() >= IN_ALL:
            raise Unavailable("there are as many streams as there may be")
        self._taken[whose] += 1
        left = 0.0
        try:
            yield
        except SlowReader:
            left = LEFT_S
            raise
        finally:
            if left:
                asyncio.get_running_loop().call_later(left, self._give_back, whose)
            else:
                self._give_back(whose)

    def _give_back(self, whose: tuple[str, str]) -> None:
        self._taken[whose] -= 1
        self._taken += Counter()  # forgets those that have none
