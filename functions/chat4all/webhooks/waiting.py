"""Have an attempt come back when its wait is over: by the queue, or by a schedule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from chat4all.errors import Unavailable
from chat4all.ports import Clock
from chat4all.ports.webhooks import Delayed, Later, Scheduler
from chat4all.webhooks.endpoint import AttemptJob

LONGEST_DELAY = 900
"""Seconds that a message can wait in SQS."""


class Wait(NamedTuple):
    """`until` in ms."""

    job: AttemptJob
    until: int

    def seconds(self, now: int) -> int:
        return max(0, -(-(self.until - now) // 1000))

    def hop(self, now: int) -> Later:
        """On the queue for as long as it can be: whoever takes it off before its time is `due`
        sends it on the next hop."""
        seconds = self.seconds(now)
        if seconds <= LONGEST_DELAY:
            return Later(self.job.model_dump_json(), seconds)
        later = self.job.model_copy(update={"due": self.until})
        return Later(later.model_dump_json(), LONGEST_DELAY)


class Waiting:
    def __init__(self, delayed: Delayed, scheduler: Scheduler, clock: Clock) -> None:
        self._delayed = delayed
        self._scheduler = scheduler
        self._clock = clock

    def begin(self, waits: Mapping[str, Wait]) -> dict[str, str]:
        """Have jobs come on the queue `webhooks` in their time; by name, those for which nothing
        could be arranged, and why.

        A long wait is a schedule. When one cannot be made (there are too many, or they come too
        fast, or the service is down), it waits on the queue, in hops, and so do those after it:
        each failure may take seconds of an invocation that has few.
        """
        soon: dict[str, Later] = {}
        schedules = True
        for name, wait in waits.items():
            now = self._clock.now()
            if schedules and wait.seconds(now) > LONGEST_DELAY:
                schedules = self._scheduled(wait)
                if schedules:
                    continue
            soon[name] = wait.hop(now)
        if not soon:
            return {}
        try:
            self._delayed.send(list(soon.values()))
        except Unavailable as error:
            return dict.fromkeys(soon, str(error))
        return {}

    def _scheduled(self, wait: Wait) -> bool:
        try:
            self._scheduler.at(wait.job.key, wait.until, wait.job.model_dump_json())
        except Unavailable:
            return False
        return True
