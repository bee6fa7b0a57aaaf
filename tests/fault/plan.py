"""Which scenarios are run, and how long is waited for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.fault.field import QUEUES, Field
from tests.fault.scenarios import Scenario, inside, kills, providers

MESSAGES = 10_000
SHORT_MESSAGES = 600
LONG = (
    *kills.WORKERS,
    *kills.OTHERS,
    *providers.ALL,
    inside.THROTTLED,
    inside.CLOCKS,
    inside.POISON,
    inside.DEAD_LETTERS,
    kills.RESTART,
)
SHORT = (kills.IN_TURN, *kills.OTHERS[:2], providers.ALL[2], inside.THROTTLED, inside.CLOCKS)
HIDDEN, HIDDEN_FROM_CONNECTORS = 20, 50
"""Seconds after which, in the short version, comes back what a killed worker had; as deployed it
is one to six minutes. A connector may take 30 s, and nobody else may send meanwhile."""


def chosen(short: bool, only: Sequence[str] | None) -> list[Scenario]:
    """By parts of their names, in any case."""
    every = SHORT if short else LONG
    words = [word.lower() for word in only or [""]]
    return [one for one in every if any(word in one.name.lower() for word in words)]


def place(name: str) -> int:
    names = [one.name for one in (*LONG, *SHORT)]
    return names.index(name)


def patience(short: bool) -> float:
    """Seconds: the longest time that work stays hidden, and a retry or two."""
    return 120.0 if short else 600.0


@contextmanager
def hidden(field: Field, short: bool) -> Iterator[None]:
    """What was received comes back soon, in the short version."""
    if not short:
        yield
        return
    channels = [queue for queue in QUEUES if queue.startswith("channel-")]
    others = [queue for queue in QUEUES if queue not in channels]
    with (
        field.impatient(*channels, hidden=HIDDEN_FROM_CONNECTORS),
        field.impatient(*others, hidden=HIDDEN),
    ):
        yield
