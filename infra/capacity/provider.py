"""A channel's provider and the connector before it, with the product's own rules for waiting."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from math import exp
from random import Random

from chat4all.breaker import OPEN_MS, THRESHOLD
from chat4all.delivering import FIRST_WAIT, LONGEST_LOOK, LONGEST_WAIT, MAX_ATTEMPTS
from chat4all.sending import MAX_AGE_MS
from infra.capacity import prices
from infra.capacity.simulation import Clock, Message, Served

SPREAD = 0.5
"""Of the logarithm of a provider's answer times: a tenth takes twice as long as the middle."""
FEWEST_AT_ONCE = 80.0
"""Messages that a number takes at once, however thin a slice of a cell is looked at."""
REFUSAL_SECONDS = 1.0
"""Until a provider that is down has answered with an error."""


class Provider:
    """Takes so many messages a second, or none at all while it is down."""

    def __init__(self, random: Random, rate: float, down: tuple[float, float] = (0, 0)) -> None:
        self._random, self._rate, self._down = random, rate, down
        self._most = max(rate, FEWEST_AT_ONCE)
        self._left, self._at = self._most, 0.0
        self._middle = prices.PROVIDER_MS / 1000 / exp(SPREAD**2 / 2)

    def is_down(self, now: float) -> bool:
        return self._down[0] <= now < self._down[1]

    def takes(self, now: float) -> bool:
        """Whether its rate allows one more; a second's worth may come at once."""
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def seconds(self) -> float:
        return self._middle * self._random.lognormvariate(0, SPREAD)


class Connector:
    """What `deliver_message` does with a batch: waves, retries, the breaker, and when it ends."""

    def __init__(self, clock: Clock, random: Random, provider: Provider) -> None:
        self._clock, self._random, self._provider = clock, random, provider
        self._failures, self._open_until = 0, 0.0
        self.failed = Counter[str]()
        """How many became FAILED, by what their last attempt met."""
        self.throttled = 0

    def serve(self, batch: Sequence[Message]) -> Served:
        now = self._clock.now
        seconds = prices.FIXED_MS["deliver_message"] / 1000
        if now < self._open_until:
            age = now - min(message.born for message in batch)
            look = max(1.0, self._open_until - now, min(age / 4, LONGEST_LOOK))
            return seconds, [(message, look) for message in batch]
        people: dict[Hashable, list[Message]] = defaultdict(list)
        for message in batch:
            people[message.group].append(message)
        again: list[tuple[Message, float]] = []
        while people:
            longest = 0.0
            for person in list(people):
                took, wait = self._sent(people[person][0])
                longest = max(longest, took)
                if wait is not None:
                    again += [(message, wait) for message in people.pop(person)]
                    continue
                people[person].pop(0)
                if not people[person]:
                    del people[person]
            seconds += longest
        return seconds, again

    def _sent(self, message: Message) -> tuple[float, float | None]:
        """Seconds that it takes, and those to wait before it is tried again; None for an end."""
        now = self._clock.now
        if now - message.born > MAX_AGE_MS / 1000:
            self._fail(message, "too old")
            return 0.0, None
        if self._provider.is_down(now):
            self._clock.at(now + REFUSAL_SECONDS, self._note_failure)
            return REFUSAL_SECONDS, self._backoff(message, "down")
        if not self._provider.takes(now):
            self.throttled += 1
            return self._provider.seconds(), self._backoff(message, "throttled")
        self._failures = 0
        return self._provider.seconds(), None

    def _note_failure(self) -> None:
        self._failures += 1
        if self._failures >= THRESHOLD:
            self._open_until = self._clock.now + OPEN_MS / 1000

    def _fail(self, message: Message, why: str) -> None:
        message.failed = True
        self.failed[why] += 1

    def _backoff(self, message: Message, why: str) -> float | None:
        message.attempts += 1
        alone = why == "down" and self._failures + 1 < THRESHOLD  # no outage: the breaker is shut
        if message.attempts >= MAX_ATTEMPTS and alone:
            self._fail(message, why)
            return None
        wait = min(FIRST_WAIT * 2.0 ** (message.attempts - 1), LONGEST_WAIT)
        return float(wait * (0.5 + self._random.random() / 2))
