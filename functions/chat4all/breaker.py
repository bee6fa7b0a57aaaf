"""A circuit breaker per channel: when nobody's messages pass, stop trying for a while.

closed ──5 failures in a row, or one that says so──▶ open for 30 s ──▶ one batch tries:
  ▲                                                    ▲                 passes │ fails
  └────────────────────────────────────────────────────┼──────────────────────◀┘   │
                                                       └───────────────────────────◀┘
"""

from __future__ import annotations

from chat4all.metrics import Metric, observe
from chat4all.ports import BreakerState, BreakerStore, Clock

THRESHOLD = 5
OPEN_MS = 30_000
BELIEVED_MS = 2 * OPEN_MS
"""Open for longer than that it is by a wrong clock only, which may hold up nobody for minutes."""
KEPT_MS = 1_000
"""The state is read from the table at most so often."""


class Breaker:
    def __init__(self, channel: str, store: BreakerStore, clock: Clock) -> None:
        self._channel = channel
        self._store = store
        self._clock = clock
        self._state = BreakerState()
        self._read_at = -KEPT_MS - 1

    def closed_in(self) -> float | None:
        """None when closed; else the seconds until a batch may try again."""
        now = self._clock.now()
        if not 0 <= now - self._read_at <= KEPT_MS:
            self._state = self._store.get(self._channel)
            self._read_at = now
        self._tell(now)
        left = self._state.open_until - now
        return left / 1000 if 0 < left <= BELIEVED_MS else None

    @property
    def is_open(self) -> bool:
        """As far as this worker knows: after a failure, what that one made of it."""
        return self._state.open_until > self._clock.now()

    def failed(self, *, at_once: bool = False) -> None:
        """Count a failure of the channel itself; open at the fifth in a row, or `at_once`."""
        now = self._clock.now()
        opens = at_once or self._state.failures + 1 >= THRESHOLD
        self._state = self._store.fail(self._channel, open_until=now + OPEN_MS if opens else None)
        self._read_at = now
        self._tell(now)

    def succeeded(self) -> None:
        """Close it again; costs a write only if there was a failure."""
        if self._state.failures or self._state.open_until:
            self._store.reset(self._channel)
            self._state = BreakerState()
            self._tell(self._clock.now())

    def _tell(self, now: int) -> None:
        observe(Metric.BREAKER, int(self._state.open_until > now), channel=self._channel)
