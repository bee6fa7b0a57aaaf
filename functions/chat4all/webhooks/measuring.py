"""What is counted of attempts at subscribers' endpoints. Names: `chat4all.metrics`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from chat4all.metrics import Metric, count
from chat4all.webhooks.endpoint import Attempt
from chat4all.webhooks.verdicts import RESTING


def attempted(attempts: Iterable[Attempt]) -> None:
    """These were made, and are kept."""
    outcomes = Counter(map(_outcome, attempts))
    for outcome, number in outcomes.items():
        count(Metric.WEBHOOKS, number, outcome=outcome)
    if again := outcomes["again"]:
        count(Metric.RETRIES, again, step="webhook")


def _outcome(attempt: Attempt) -> str:
    if attempt.error is None:
        return "delivered"
    if attempt.error == RESTING:
        return "resting"
    return "given_up" if attempt.next_attempt_at is None else "again"
