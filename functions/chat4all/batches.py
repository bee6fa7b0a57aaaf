"""Partial batch answers, as Lambda wants them for SQS FIFO."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from chat4all.errors import Unavailable
from chat4all.ports import Queue
from chat4all.tracing import HEADER, carried

BatchAnswer = dict[str, list[dict[str, str]]]


def group_of(record: dict[str, Any]) -> str:
    return str(record["attributes"]["MessageGroupId"])


def receives(record: dict[str, Any]) -> int:
    """How often the queue has offered it, this time included."""
    return int(record["attributes"].get("ApproximateReceiveCount", 1))


def trace_attribute(record: dict[str, Any]) -> str | None:
    """The `traceparent` that came beside a message of the topic."""
    found = (record.get("messageAttributes") or {}).get(HEADER) or {}
    return carried(found.get("stringValue"))


def failures(records: Sequence[dict[str, Any]], failed: Iterable[str]) -> BatchAnswer:
    """Report what failed, and from there on the rest of its group: order must hold."""
    bad = set(failed)
    stopped: set[str] = set()
    found: list[dict[str, str]] = []
    for record in records:
        group = group_of(record)
        if record["messageId"] in bad or group in stopped:
            stopped.add(group)
            found.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": found}


def offer_again(
    queue: Queue, name: str, record: dict[str, Any], seconds: float | None = None
) -> None:
    """Have a message that failed come back after so long: else it would stay away for the whole
    visibility time-out, which is as long as a large file may need.

    Without `seconds`: 2, doubled with each receive, up to five minutes.
    """
    wait = seconds or min(2.0 ** min(receives(record), 10), 300.0)
    with suppress(Unavailable):  # then the time-out it is
        queue.hide(name, [record["receiptHandle"]], max(1, round(wait)))
