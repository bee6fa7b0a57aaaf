"""How many requests of one caller pass in a minute, however many processes serve them.

A process leases some of the minute's requests from the table and spends them without asking again:
1 at first, then 2, 4, 8, 10, 10 …

    process A   |1|. .|. . . .|                    leased 7, at least 4 of them spent
    process B   |1|. .|                            leased 3, at least 2 of them spent
    table       leased = 10 of 60

A lease is at most one more than all that its process has spent, so whatever is leased is spent at
least by half: a caller who is refused has had at least half of the limit, and never more than all
of it (docs/decisions/0024-leases-that-double.md).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from chat4all.caller import Caller
from chat4all.errors import TooMany
from chat4all.ports import Clock
from chat4all.ports.limits import AllowanceStore

MINUTE_MS = 60_000
LARGEST_LEASE = 10
LIVE_PER_MINUTE = 120
"""Connects, renewals, resumes and typing of one user on all devices, whatever their token says of
changes: each may be told to many, or reads a lot. A line that breaks once a second stays under
it."""
CHANGES = "requests a minute that change something; a batch counts as many as it has messages."
LIVE = "times a minute a user connects, renews, resumes or types, on all devices together."
MAX_CALLERS = 4096
"""In one process. The one that was not heard of for longest is forgotten: it leases anew then."""


@dataclass(frozen=True)
class Allowance:
    """What a caller is told of their minute."""

    limit: int
    remaining: int
    """As this process knows: others may have leased since, or hold what they have not spent."""
    reset: int
    """Seconds until the minute is over, at least 1."""


class RateLimited(TooMany):
    """The caller's minute is used up."""

    def __init__(self, allowance: Allowance, what: str = CHANGES) -> None:
        super().__init__(
            "rate_limited", f"At most {allowance.limit} {what}", retry_after=allowance.reset
        )
        self.allowance = allowance


@dataclass
class _Purse:
    """What this process may still spend for one caller, and what it leases next."""

    left: int = 0
    next: int = 1
    leased: int = 0
    """By all processes, as the table said last; beyond the limit there is nothing to lease."""
    lock: Lock = field(default_factory=Lock)

    def remaining(self, limit: int) -> int:
        return self.left + max(0, limit - self.leased)


class Limits:
    def __init__(self, store: AllowanceStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._minute = 0
        self._purses: OrderedDict[tuple[str, int], _Purse] = OrderedDict()

    def take(self, caller: Caller, count: int = 1) -> Allowance | None:
        """Spend some of the caller's minute, all or none; None for who has no limit.

        Raises:
            RateLimited: there are not so many left; nothing is spent.
            Unavailable: the table did not answer.
        """
        limit = caller.requests_per_minute
        if limit is None:
            return None
        return self._spend(f"{caller.kind}#{caller.subject}", limit, count, CHANGES)

    def take_live(self, user_id: str, kind: str = "live") -> Allowance:
        """Spend one of what a user may do in a minute over sockets that changes nothing. Each
        `kind` has a minute of its own: who types too much still connects.

        Raises:
            RateLimited: there is none left.
            Unavailable: the table did not answer.
        """
        return self._spend(f"user-{kind}#{user_id}", LIVE_PER_MINUTE, 1, LIVE)

    def _spend(self, subject: str, limit: int, count: int, what: str) -> Allowance:
        minute, into = divmod(self._clock.now(), MINUTE_MS)
        reset = -(-(MINUTE_MS - into) // 1000)
        purse = self._purse(subject, limit, minute)
        with purse.lock:
            if purse.left < count <= purse.remaining(limit):  # not in vain, as far as is known
                self._lease(purse, subject, limit, minute, count - purse.left)
            if purse.left < count:
                raise RateLimited(Allowance(limit, purse.remaining(limit), reset), what)
            purse.left -= count
            return Allowance(limit, purse.remaining(limit), reset)

    def _purse(self, subject: str, limit: int, minute: int) -> _Purse:
        """By limit too: an older token may have another one."""
        with self._lock:
            if minute != self._minute:
                self._purses.clear()  # of every caller at once: minutes are the clock's
                self._minute = minute
            purse = self._purses.setdefault((subject, limit), _Purse())
            self._purses.move_to_end((subject, limit))
            if len(self._purses) > MAX_CALLERS:
                self._purses.popitem(last=False)
            return purse

    def _lease(self, purse: _Purse, subject: str, limit: int, minute: int, missing: int) -> None:
        wanted = max(purse.next, missing)
        purse.leased = self._store.lease(subject, minute, wanted)
        purse.left += max(0, min(wanted, limit - (purse.leased - wanted)))
        purse.next = min(purse.next * 2, LARGEST_LEASE)
