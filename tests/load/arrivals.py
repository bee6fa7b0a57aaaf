"""When messages arrive, and in which conversation: decided before anything is sent, by a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

SPREADS = ("even", "poisson")


def times(rate: float, seconds: float, spread: str = "poisson", seed: int = 0) -> Iterator[float]:
    """Seconds from the start, rising and below `seconds`; `rate` a second.

    `even` has equal gaps. `poisson` has independent ones, as clients have who do not know each
    other: some bunch together, and the number is `rate * seconds` only on average.
    """
    gaps = random.Random(seed)  # its own: whoever else draws changes nothing here
    at = 0.0 if spread == "even" else gaps.expovariate(rate)
    number = 0
    while at < seconds:
        yield at
        number += 1
        at = number / rate if spread == "even" else at + gaps.expovariate(rate)


def places(count: int, hot: float = 0.0, seed: int = 0) -> Iterator[int]:
    """Which of `count` conversations each message goes to, without end: the share `hot` of them to
    the first one, the others to the rest by turns. With 0 the first is one among the others."""
    draw = random.Random(f"places {seed}")
    first = 1 if hot and count > 1 else 0
    turn = 0
    while True:
        if draw.random() < hot:
            yield 0
        else:
            yield first + turn % (count - first)
            turn += 1
