"""Partial batch answers, as Lambda wants them for SQS FIFO."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

BatchAnswer = dict[str, list[dict[str, str]]]


def group_of(record: dict[str, Any]) -> str:
    return str(record["attributes"]["MessageGroupId"])


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
