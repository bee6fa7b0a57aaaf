"""When a failed attempt is made again, and when an endpoint has failed for too long."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

WAITS = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
"""Seconds before each attempt: the schedule that Standard Webhooks suggests."""
FIVE_DAYS_MS = 5 * 86_400_000
LONGEST_RETRY_AFTER = 86_400
JITTER = 0.1


def jitter() -> float:
    """A factor about one, so that those who failed together do not come again together."""
    return random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 it is no secret


@dataclass(frozen=True)
class Schedule:
    """`waits[n]` are the seconds before attempt n + 1; there are as many attempts as waits."""

    waits: Sequence[int] = WAITS
    jitter: Callable[[], float] = jitter

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """`0,5,300`, as the environment has it; the usual one for an empty text."""
        return cls(tuple(int(wait) for wait in text.split(","))) if text else cls()

    def next_at(
        self, attempt: int, now: int, first_at: int, retry_after: float | None = None
    ) -> int | None:
        """When to try again (ms) after attempt number `attempt` failed; None to give up.

        Never before what `Retry-After` asked for, a day at the most; and never
        later than five days after the first attempt.
        """
        if attempt >= len(self.waits):
            return None
        wait = self.waits[attempt] * self.jitter()
        if retry_after is not None:
            wait = max(wait, min(retry_after, LONGEST_RETRY_AFTER))
        at = now + round(wait * 1000)
        return at if at <= first_at + FIVE_DAYS_MS else None

    def after_rest(
        self, attempt: int, rested: int, now: int, first_at: int, ends: int
    ) -> int | None:
        """When to make an attempt (ms) that was not made because its endpoint rests until `ends`.

        The wait grows with each rest as with each attempt of the usual schedule, so that a backlog
        is moved a few times and not every minute. None when that would be later than five days
        after the first attempt.
        """
        wait = WAITS[min(attempt + rested, len(WAITS) - 1)]
        at = max(ends, now + wait * 1000)
        spread = round((at - now) * abs(self.jitter() - 1))
        return at + spread if at + spread <= first_at + FIVE_DAYS_MS else None


def retry_after_seconds(header: str | None, now: float) -> float | None:
    """What a `Retry-After` means at this time (s): seconds or a date. None for anything else."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.fromtimestamp(now, UTC)).total_seconds())
