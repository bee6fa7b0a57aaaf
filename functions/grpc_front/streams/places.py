"""How many streams there may be at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from chat4all.caller import Caller
from chat4all.errors import Unavailable
from chat4all.streaming.errors import TooManyStreams

OF_A_CALLER = 20
IN_ALL = 1000


class Places:
    """Of this process: a caller may have as many at each instance."""

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
        try:
            yield
        finally:
            self._taken[whose] -= 1
            self._taken += Counter()  # forgets those that have none
