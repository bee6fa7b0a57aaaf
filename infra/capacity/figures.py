"""What one message of a kind takes, as the meter of the cost test counts it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from infra.capacity import prices

BATCHINGS = ("1", "mixed", "10")
"""How full calls are. 1: each message alone on its whole way; the worst. 10: ten messages share
every call; the best. mixed: requests come one by one, as clients and providers send them, and the
queues of a busy system hand on ten."""

RELAYED = (4, 40)
"""How many of the table's changes the relay gets at once. 4: as the template has it. It takes what
came while it was busy with the batch before, so the batch follows from how many changes a shard
has, and with it the number of partitions follows from the batch (`plan.partitions_for`).
40: when it waits for more, by MaximumBatchingWindowInSeconds."""

MESSAGES_PER_TOKEN = 100
"""Assumed: how many messages a client sends or reads with one access token, in its 15 minutes."""
AUTHORIZED_PER_TOKEN = 3
"""The gateway keeps the authorizer's answer for 5 minutes: so often it asks about one token."""

AUTHORIZER = "authorize_request"
Amounts = dict[str, float]


@dataclass(frozen=True)
class Kind:
    """A message to so many people on one channel; `app` is ours, which needs no provider."""

    channel: str
    people: int = 1

    def __str__(self) -> str:
        return self.channel if self.people == 1 else f"{self.channel} to {self.people}"


@dataclass(frozen=True)
class Figures:
    """Per message. Keys are names of functions, and `queue action` for requests to queues."""

    api_requests: float = 0.0
    write_units: float = 0.0
    log_write_units: float = 0.0
    """Of the event log alone; all others are in `write_units`."""
    read_units: float = 0.0
    invocations: Amounts = field(default_factory=dict)
    milliseconds: Amounts = field(default_factory=dict)
    items: Amounts = field(default_factory=dict)
    """Messages, deliveries or updates that the functions handle: each writes a line in the log."""
    queue_requests: Amounts = field(default_factory=dict)
    events: float = 0.0
    publishes: float = 0.0
    """Calls of PublishBatch, each with up to ten of the events."""
    stored_kb: float = 0.0


def with_authorizer(figures: Figures) -> Figures:
    """The figures with the authorizer's invocations: no journey on moto has a gateway."""
    asked = AUTHORIZED_PER_TOKEN / MESSAGES_PER_TOKEN
    took = asked * prices.milliseconds(AUTHORIZER, 1)
    return replace(
        figures,
        invocations={**figures.invocations, AUTHORIZER: asked},
        milliseconds={**figures.milliseconds, AUTHORIZER: took},
        items={**figures.items, AUTHORIZER: asked},
    )


def weighted(shares: Iterable[tuple[float, Figures]]) -> Figures:
    """The figures of a message of the mix."""
    numbers = defaultdict[str, float](float)
    amounts = defaultdict[str, defaultdict[str, float]](lambda: defaultdict(float))
    for share, figures in shares:
        for name, value in vars(figures).items():
            if not isinstance(value, dict):
                numbers[name] += share * value
                continue
            for key, amount in value.items():
                amounts[name][key] += share * amount
    totals: dict[str, Any] = {**numbers, **{name: dict(total) for name, total in amounts.items()}}
    return Figures(**totals)
