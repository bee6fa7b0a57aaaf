"""From what was asked and what was heard to counts a second and percentiles."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.load.heard import Heard, Mark
from tests.load.records import Asked, Outcome

STAGES = (
    "sent", "stored", "provider", "called_back", "delivered", "read", "failed", "refused", "told"
)  # fmt: skip
SHARES = (0.5, 0.9, 0.99)


@dataclass(frozen=True)
class Passage:
    """A recipient's provider, by its own record; seconds since 1970."""

    received: float
    called_back: float | None
    """When we had taken its report that the message was read."""


@dataclass(frozen=True)
class Journey:
    """When a message came how far, in seconds since the run began; None: it did not."""

    message_id: str
    conversation_id: str
    due: float
    sent: float
    stored: float | None = None
    provider: float | None = None
    called_back: float | None = None
    delivered: float | None = None
    read: float | None = None
    failed: float | None = None
    refused: float | None = None
    told: float | None = None

    def took(self, stage: str) -> float | None:
        """Milliseconds, from when it was due."""
        at = getattr(self, stage)
        return None if at is None else (at - self.due) * 1000


def journeys(
    asked: Iterable[Asked],
    heard: Heard,
    passages: Mapping[str, Sequence[Passage]],
    recipients: Mapping[str, int],
    start: float,
) -> list[Journey]:
    """In the order in which they were due. A message has come so far when it has so with all its
    recipients. In the app no provider takes it."""

    def since(at: float | None) -> float | None:
        return None if at is None else round(at - start, 4)

    def one(message: Asked) -> Journey:
        count = recipients[message.conversation_id]
        stored = message.outcome is Outcome.STORED
        refused = message.outcome is Outcome.REFUSED
        known = message.message_id
        found = passages.get(known, ())
        return Journey(
            message_id=known,
            conversation_id=message.conversation_id,
            due=round(message.due - start, 4),
            sent=round(message.began - start, 4),
            stored=since(message.ended) if stored else None,
            provider=since(_last([passage.received for passage in found], count)),
            called_back=since(_last([passage.called_back for passage in found], count)),
            delivered=since(heard.reached(known, Mark.DELIVERED, count)),
            read=since(heard.reached(known, Mark.READ, count)),
            failed=since(heard.failed(known)),
            refused=since(message.ended) if refused else None,
            told=since(heard.told.get(known)),
        )

    return sorted((one(message) for message in asked), key=lambda journey: journey.due)


def _last(times: Sequence[float | None], count: int) -> float | None:
    """The latest of so many; None while one is missing."""
    known = [at for at in times if at is not None]
    return max(known) if len(known) >= count else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share of all do not exceed (nearest rank)."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def percentiles(values: Sequence[float]) -> dict[str, float | None]:
    return {f"p{round(share * 100)}": percentile(values, share) for share in SHARES}


def counts(found: Iterable[Journey]) -> dict[str, int]:
    """How many came how far."""
    sums = dict.fromkeys(STAGES, 0)
    for journey in found:
        for stage in STAGES:
            sums[stage] += getattr(journey, stage) is not None
    return sums


def by_second(found: Iterable[Journey]) -> list[dict[str, int]]:
    """How many came so far in each second of the run, from 0 to the last one with any."""
    rows: dict[int, dict[str, int]] = {}
    for journey in found:
        for stage in STAGES:
            if (at := getattr(journey, stage)) is not None:
                row = rows.setdefault(max(0, int(at)), dict.fromkeys(STAGES, 0))
                row[stage] += 1
    if not rows:
        return []
    return [
        {"second": second, **rows.get(second, dict.fromkeys(STAGES, 0))}
        for second in range(max(rows) + 1)
    ]


def latency_over_time(
    found: Iterable[Journey], stage: str, width: float
) -> list[dict[str, float | None]]:
    """Percentiles of the milliseconds to a stage, of the messages that were due in each `width`
    seconds."""
    buckets: dict[int, list[float]] = {}
    for journey in found:
        if (took := journey.took(stage)) is not None:
            buckets.setdefault(int(journey.due / width), []).append(took)
    return [
        {"at": (number + 0.5) * width, **percentiles(values)}
        for number, values in sorted(buckets.items())
    ]


def rate(found: Sequence[Journey], stage: str) -> float | None:
    """Messages a second that came so far, from the first one due to the last one there."""
    times = [at for journey in found if (at := getattr(journey, stage)) is not None]
    if not times:
        return None
    seconds = max(times) - min(journey.due for journey in found)
    return len(times) / seconds if seconds > 0 else None


def summary(found: Sequence[Journey], busy: int) -> dict[str, Any]:
    """The figures of a run; milliseconds from when a message was due. `busy`: answers 429, 503."""
    took: Callable[[str], list[float]] = lambda stage: [  # noqa: E731
        ms for journey in found if (ms := journey.took(stage)) is not None
    ]
    stages = ("stored", "provider", "called_back", "delivered", "read", "told")
    return {
        "counts": counts(found),
        "unanswered": sum(j.stored is None and j.refused is None for j in found),
        "busy_answers": busy,
        "per_second": {s: rate(found, s) for s in ("sent", *stages)},
        "latency_ms": {s: percentiles(took(s)) for s in stages},
        "late_ms": percentiles(took("sent")),
    }
