"""What functions counted, read from their lines into Prometheus' metrics of the same names."""

import json
import os
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Summary,
    disable_created_metrics,
)

from chat4all.measuring import API
from chat4all.metrics import BOUNDED, DEFINITIONS, NAMESPACE, SEGMENTS, Kind, Metric

BUCKETS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000)
"""Milliseconds. The objectives are among them: 200 and 10,000."""
LARGEST = 8 * 1024 * 1024
"""Bytes of a file of metrics; then a new one is begun."""
FROM_API = ("accepted", "routed")
DURATION, ERRORS = "function_duration_ms", "function_errors_total"
"""What Lambda itself measures on AWS. The duration is how long the emulator waited."""


class Tail:
    """New whole lines of a file that grows, and is begun anew at times."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._rest = b""

    def lines(self) -> Iterator[str]:
        """Nothing where there is no file."""
        try:
            with self._path.open("rb") as file:
                if os.fstat(file.fileno()).st_size < self._offset:
                    self._offset, self._rest = 0, b""
                file.seek(self._offset)
                read = file.read()
        except FileNotFoundError:
            return
        self._offset += len(read)
        *whole, self._rest = (self._rest + read).split(b"\n")
        for line in whole:
            yield line.decode(errors="replace")

    def skip(self) -> None:
        """What is there already was counted by somebody else, or never will be."""
        for _ in self.lines():
            pass

    def renew(self) -> None:
        """Empty the file, once what is in it was read, if it is large. A line that is written in
        between is lost: one in some ten thousand, of an estimate."""
        if self._offset >= LARGEST:
            os.truncate(self._path, 0)
            self._offset, self._rest = 0, b""


class Counted:
    """All metrics that functions count, as Prometheus has them. Not for several threads."""

    def __init__(self, registry: CollectorRegistry, stage: str, channels: Sequence[str]) -> None:
        disable_created_metrics()
        self._stage = stage
        self._metrics = {
            metric.value: _made(metric, registry)
            for metric, definition in DEFINITIONS.items()
            if definition.by_functions
        }
        self._begin_at_zero(channels)
        about = "Invocations of a function: how many, and their milliseconds."
        self._durations = Summary(DURATION, about, ["function"], registry=registry)
        about = "Invocations that raised."
        self._errors = Counter(ERRORS, about, ["function"], registry=registry)

    def _begin_at_zero(self, channels: Sequence[str]) -> None:
        """Prometheus sees how far a series rises only once it has been there."""
        values = {**BOUNDED, "channel": channels}
        for name, metric in self._metrics.items():
            definition = DEFINITIONS[Metric(name)]
            if definition.kind is Kind.COUNTER:
                for labels in product(*(values[d] for d in definition.dimensions)):
                    metric.labels(*labels)
        for stage in FROM_API:
            self._metrics[Metric.PROCESSED].labels(stage, API)
        for segment in SEGMENTS:
            for channel in channels if segment != "accept" else ("",):
                self._metrics[Metric.LATENCY].labels(segment, channel)

    def note(self, line: str) -> None:
        """One line of a log, or of the emulator's file; others are passed over."""
        if not line.startswith("{"):
            return
        try:
            told = json.loads(line)
        except ValueError:
            return
        if "_aws" in told:
            self._count(told)
        elif "duration_ms" in told and "error" in told and "function" in told:
            name = str(told["function"]).removeprefix(f"chat4all-{self._stage}-")
            self._durations.labels(name).observe(told["duration_ms"])
            self._errors.labels(name).inc(int(told["error"]))

    def _count(self, told: dict[str, Any]) -> None:
        for directive in told["_aws"]["CloudWatchMetrics"]:
            if not directive["Namespace"].startswith(NAMESPACE):
                continue
            [own] = directive["Dimensions"]  # the line may have those of other metrics as well
            for name in (metric["Name"] for metric in directive["Metrics"]):
                if name not in self._metrics:
                    continue
                known = DEFINITIONS[Metric(name)].dimensions
                labels = [told[d] if d in own else "" for d in known]
                series = self._metrics[name].labels(*labels)
                for value in told[name]:
                    if isinstance(series, Gauge):
                        series.set(value)
                    elif isinstance(series, Histogram):
                        series.observe(value)
                    else:
                        series.inc(value)


def _made(metric: Metric, registry: CollectorRegistry) -> Any:
    known = DEFINITIONS[metric]
    about, dimensions = known.help, known.dimensions
    if known.kind is Kind.HISTOGRAM:
        return Histogram(metric, about, dimensions, buckets=BUCKETS, registry=registry)
    made = Counter if known.kind is Kind.COUNTER else Gauge
    return made(metric, about, dimensions, registry=registry)
