"""What is counted of messages on their way. Names, units and dimensions: `metrics`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from chat4all.errors import DeliveryError, TryLater, Undeliverable
from chat4all.message import Message
from chat4all.metrics import CODES, Metric, count, observe
from chat4all.receipts import Receipt, Receipts

API = "api"
"""Where a message came from, if not from a channel."""


def came(stage: str, messages: Iterable[Message]) -> None:
    """Messages were accepted, or got their places: each for the first time."""
    for channel, number in Counter(m.origin or API for m in messages).items():
        count(Metric.PROCESSED, number, stage=stage, channel=channel)


def unreachable(placed: Iterable[Receipts]) -> None:
    """Deliveries that failed before they began: their recipients have no address there."""
    for receipts in placed:
        for index in receipts.failures:
            count(Metric.PROCESSED, stage="failed", channel=receipts.plan[index].channel)


def recorded(channel: str, receipts: Iterable[Receipt]) -> None:
    """These are news: a receipt that comes again is not counted again."""
    for mark, number in Counter(receipt.mark for receipt in receipts).items():
        count(Metric.PROCESSED, number, stage=str(mark), channel=channel)


def took(segment: str, channel: str, accepted_at: int | None, now: int) -> None:
    """Milliseconds since a message was accepted; clocks differ, and none of it is negative."""
    if accepted_at is not None:
        observe(Metric.LATENCY, max(0, now - accepted_at), segment=segment, channel=channel)


def not_taken(channel: str, error: DeliveryError) -> None:
    """A channel did not take a message, now or ever; none if it was not asked, since something of
    ours is not ready."""
    if isinstance(error, TryLater) and not error.attempted:
        return
    count(Metric.CONNECTOR_ERRORS, channel=channel, code=code_of(error))


def code_of(error: DeliveryError) -> str:
    """One of few: ours as they are, a provider's by what it has us do."""
    code = error.code
    if code in CODES:
        return code
    if code.startswith("http_"):
        return "http_5xx" if code.startswith("http_5") else "http_4xx"
    if not code.partition("/")[0].isdigit():
        return "other"
    match error:
        case TryLater(opens_breaker=True):
            return "provider_account"
        case TryLater(channel_down=True):
            return "provider_down"
        case TryLater(throttled=True):
            return "provider_throttles"
        case Undeliverable(recipient=True):
            return "provider_recipient"
        case Undeliverable():
            return "provider_content"
        case _:
            return "other"
