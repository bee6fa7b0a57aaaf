"""What a process counted, read from the lines that it prints: the embedded metric format."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pytest

from chat4all import metrics


class Counted(NamedTuple):
    """One metric of one line."""

    name: str
    dimensions: dict[str, str]
    values: list[float]
    unit: str


def metrics_of(lines: Iterable[str]) -> Iterator[Counted]:
    """As CloudWatch reads them; lines of another kind are passed over."""
    for line in lines:
        if '"_aws"' not in line:
            continue
        told: dict[str, Any] = json.loads(line)
        for directive in told["_aws"]["CloudWatchMetrics"]:
            assert directive["Namespace"].startswith(metrics.NAMESPACE)
            for names in directive["Dimensions"]:
                for metric in directive["Metrics"]:
                    known = metrics.DEFINITIONS[metrics.Metric(metric["Name"])]
                    assert set(names) in map(set, known.sets), "a metric that nobody looks for"
                    dimensions = {name: told[name] for name in names}
                    values = told[metric["Name"]]
                    yield Counted(metric["Name"], dimensions, values, metric["Unit"])


class Reading:
    """What was counted since it was made, or read last."""

    def __init__(self, output: pytest.CaptureFixture[str]) -> None:
        self._output = output
        self.take()

    def take(self) -> list[Counted]:
        metrics.flush()
        return list(metrics_of(self._output.readouterr().out.splitlines()))

    def totals(self) -> dict[tuple[str, ...], float]:
        """(name, values of its dimensions …) → the sum of its values, for counters."""
        found: dict[tuple[str, ...], float] = {}
        for name, dimensions, values, _ in self.take():
            key = (name, *dimensions.values())
            found[key] = found.get(key, 0) + sum(values)
        return found
