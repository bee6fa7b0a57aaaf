"""Metrics: what there is, and how it gets out, in lines of CloudWatch's embedded metric format.

`DEFINITIONS` is the one place that names them: dashboards, alarms, Prometheus and the tests read
it. Each combination of dimension values is a metric of its own, at $0.30 a month; so there are few.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from functools import cache
from threading import Lock
from typing import Any, NamedTuple

from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
    AmazonCloudWatchEMFProvider,
)
from aws_lambda_powertools.shared.constants import METRICS_NAMESPACE_ENV

NAMESPACE = "Chat4All"
"""With the stage behind it, `Chat4All/prod`, where the environment says so: stages share an
account."""
MAX_VALUES = 100
"""Of one metric in one line, by its specification."""
OTHER = "other"
"""What a dimension says for a value that is not in its list."""


class Metric(StrEnum):
    PROCESSED = "messages_processed_total"
    LATENCY = "latency_ms"
    RETRIES = "retries_total"
    BREAKER = "breaker_open"
    WEBHOOKS = "webhook_attempts_total"
    CONNECTOR_ERRORS = "connector_errors_total"
    FILE_BYTES = "file_bytes_total"
    QUEUE_AGE = "queue_age_seconds"
    QUEUE_DEPTH = "queue_depth"
    DEAD_LETTERS = "dead_letters"
    DOLLARS = "estimated_dollars_per_million"


class Kind(StrEnum):
    """As Prometheus calls them."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Definition(NamedTuple):
    """`dimensions` are all that there may be, and `fewer` are sets of some that are written as
    well: to CloudWatch another set is another metric. `by_functions` is False for what AWS has
    metrics of its own for, or the bill: locally the exporter works it out."""

    kind: Kind
    unit: str
    help: str
    dimensions: tuple[str, ...]
    by_functions: bool = True
    fewer: tuple[tuple[str, ...], ...] = ()

    @property
    def sets(self) -> tuple[tuple[str, ...], ...]:
        """The dimensions as they are written, one set or another."""
        return (self.dimensions, *self.fewer)


STAGES = ("accepted", "routed", "sent", "delivered", "read", "failed")
SEGMENTS = ("accept", "accept_to_provider", "accept_to_delivered")
STEPS = ("route", "deliver", "callback", "webhook")
OUTCOMES = ("delivered", "again", "given_up", "resting")
SOURCES = ("upload", "channel")
CODES = (
    *("unreachable", "answer_lost", "bad_answer", "http_4xx", "http_5xx"),
    *("provider_account", "provider_down", "provider_throttles"),
    *("provider_recipient", "provider_content"),
    *("file_not_available", "payload_not_supported"),
    *("not_recorded", "message_gone", "erased", "expired"),
)
"""A provider's own codes are hundreds: here they go by what they have us do, and the log lines have
them as they are."""

DEFINITIONS: dict[Metric, Definition] = {
    Metric.PROCESSED: Definition(
        Kind.COUNTER,
        "Count",
        "Messages that reached a stage of life; from `sent` on, deliveries. The channel of "
        "`accepted` and `routed` is the one it came from, or `api`. Where a provider tells only of "
        "reading, none is `delivered`.",
        ("stage", "channel"),
    ),
    Metric.LATENCY: Definition(
        Kind.HISTOGRAM,
        "Milliseconds",
        "`accept`: of the use case, a batch at a time, without a channel. The others: from there "
        "until a provider took it, and until its callback was recorded.",
        ("segment", "channel"),
        fewer=(("segment",),),
    ),
    Metric.RETRIES: Definition(
        Kind.COUNTER,
        "Count",
        "Handled without an end, so that a queue offers it again, by step. Each look at something "
        "of ours that is not ready is one; what waits behind it or for a breaker is none.",
        ("step",),
    ),
    Metric.BREAKER: Definition(
        Kind.GAUGE, "Count", "1 while a channel's circuit breaker is open, else 0.", ("channel",)
    ),
    Metric.WEBHOOKS: Definition(
        Kind.COUNTER, "Count", "Attempts at subscribers' endpoints, by outcome.", ("outcome",)
    ),
    Metric.CONNECTOR_ERRORS: Definition(
        Kind.COUNTER,
        "Count",
        "Deliveries that a channel did not take when asked, or that could not be made for it.",
        ("channel", "code"),
    ),
    Metric.FILE_BYTES: Definition(
        Kind.COUNTER, "Bytes", "Size of the files that became READY.", ("source",)
    ),
    Metric.QUEUE_AGE: Definition(
        Kind.GAUGE, "Seconds", "Age of a queue's oldest message.", ("queue",), by_functions=False
    ),
    Metric.QUEUE_DEPTH: Definition(
        Kind.GAUGE,
        "Count",
        "Messages in a queue, by state: visible, in_flight or delayed.",
        ("queue", "state"),
        by_functions=False,
    ),
    Metric.DEAD_LETTERS: Definition(
        Kind.GAUGE, "Count", "Messages in a dead-letter queue.", ("queue",), by_functions=False
    ),
    Metric.DOLLARS: Definition(
        Kind.GAUGE,
        "None",
        "What a million messages would cost on AWS's list prices, by what was used for the latest.",
        ("part",),
        by_functions=False,
    ),
}
BOUNDED: dict[str, tuple[str, ...]] = {
    "stage": STAGES,
    "segment": SEGMENTS,
    "step": STEPS,
    "outcome": OUTCOMES,
    "source": SOURCES,
    "code": CODES,
}

Series = tuple[Metric, tuple[tuple[str, str], ...]]
_waiting: dict[Series, list[float]] = {}
_lock = Lock()


def count(metric: Metric, value: float = 1, **dimensions: str) -> None:
    """Add to a counter. Nothing is raised, and nothing is written before `flush`."""
    series = _series(metric, dimensions)
    with _lock:
        waiting = _waiting.setdefault(series, [0.0])
        waiting[0] += value


def observe(metric: Metric, value: float, **dimensions: str) -> None:
    """Note one value of a histogram, or the latest one of a gauge."""
    series = _series(metric, dimensions)
    full: list[float] = []
    with _lock:
        waiting = _waiting.setdefault(series, [])
        if DEFINITIONS[metric].kind is Kind.GAUGE:
            waiting.clear()
        waiting.append(value)
        if len(waiting) == MAX_VALUES:
            full = _waiting.pop(series)
    if full:
        _write({series: full})


@contextmanager
def timed(metric: Metric, **dimensions: str) -> Iterator[None]:
    """Observe the milliseconds that a block takes, however it ends."""
    began = time.perf_counter()
    try:
        yield
    finally:
        observe(metric, round((time.perf_counter() - began) * 1000, 3), **dimensions)


def flush() -> None:
    """Write what was counted since the last time to stdout, where CloudWatch Logs reads it."""
    if not _waiting:
        return
    with _lock:
        taken = dict(_waiting)
        _waiting.clear()
    _write(taken)


def _series(metric: Metric, dimensions: dict[str, str]) -> Series:
    known = DEFINITIONS[metric].dimensions
    return metric, tuple(
        (name, _bounded(name, dimensions[name])) for name in known if name in dimensions
    )


def _bounded(name: str, value: str) -> str:
    allowed = BOUNDED.get(name)
    return value if allowed is None or value in allowed else OTHER


def _write(taken: dict[Series, list[float]]) -> None:
    """Few lines: series share one unless they say different things in the same place."""
    lines: list[dict[str, Any]] = []
    for (metric, dimensions), values in taken.items():
        made = _line(metric, dict(dimensions), values)
        for line in lines:
            if metric not in line and all(line.get(n, v) == v for n, v in dimensions):
                line["_aws"]["CloudWatchMetrics"] += made.pop("_aws")["CloudWatchMetrics"]
                line |= made
                break
        else:
            lines.append(made)
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    with suppress(OSError, ValueError):  # nobody reads it any more: no reason to fail a message
        sys.stdout.write(text)  # in one piece: threads write there too
        sys.stdout.flush()


def _line(metric: Metric, dimensions: dict[str, str], values: list[float]) -> dict[str, Any]:
    told = {"Unit": DEFINITIONS[metric].unit, "StorageResolution": 60, "Value": values}
    return dict(_format().serialize_metric_set({metric.value: told}, dimensions, {}))


@cache
def _format() -> AmazonCloudWatchEMFProvider:
    """For all lines: to make one takes longer than to write a line."""
    return AmazonCloudWatchEMFProvider(
        namespace=os.environ.get(METRICS_NAMESPACE_ENV, NAMESPACE),
        service="",  # a dimension: the same figures, at a multiple of the price
    )
