"""What no function counts, looked up when somebody asks: queues, the stack's processes, dollars."""

import json
import os
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from chat4all import metrics
from infra.capacity import prices
from infra.local.emulator_metrics import QUEUES
from infra.local.home import Home
from infra.local.observe_read import DURATION
from infra.local.processes import Process

CPU, MEMORY, UP = "stack_cpu_seconds", "stack_memory_bytes", "stack_up"
OWN = (CPU, MEMORY, UP)
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
STATES = ("visible", "in_flight", "delayed")
FROM_REQUESTS = ("http-api", "authorize-request", "receive-callback", "connect-client")
"""Functions that no queue feeds, nor the stream."""
BY_GATEWAY = ("http-api", "receive-callback")
WRITES = {"accepted": 1, "routed": 6, "sent": 2, "delivered": 1, "read": 1, "failed": 1}
READS = {"accepted": 1.0, "routed": 5.0, "sent": 2.0, "delivered": 0.5, "read": 0.5}
"""Units of the table by stage of life, as tests/unit/test_cost.py measures them."""
FOR_A_BATCH = 3
"""Requests to SQS for each invocation that a queue feeds: send, receive and delete."""


class Queues(Collector):
    """Depth and age, from the emulator itself: one request."""

    def __init__(self, endpoint: str, stage: str) -> None:
        self._url = f"{endpoint}{QUEUES}"
        self._prefix = f"chat4all-{stage}-"

    def collect(self) -> Iterator[Metric]:
        standing = self._standing()
        up = GaugeMetricFamily(UP, "1 when the emulator has answered how its queues stand.")
        up.add_metric([], float(standing is not None))
        yield up
        depth = _family(metrics.Metric.QUEUE_DEPTH)
        age = _family(metrics.Metric.QUEUE_AGE)
        dead = _family(metrics.Metric.DEAD_LETTERS)
        for full_name, found in sorted((standing or {}).items()):
            if not full_name.startswith(self._prefix):
                continue
            name = full_name.removeprefix(self._prefix).removesuffix(".fifo")
            if name.startswith("dead-"):
                waiting = sum(found[state] for state in STATES)
                dead.add_metric([name.removeprefix("dead-")], waiting)
                continue
            age.add_metric([name], found["oldest"])
            for state in STATES:
                depth.add_metric([name, state], found[state])
        yield from (depth, age, dead)

    def _standing(self) -> dict[str, dict[str, float]] | None:
        try:
            with urllib.request.urlopen(self._url, timeout=5) as answer:
                return dict(json.load(answer))
        except (OSError, ValueError):  # it is down, or is no emulator with our patches
            return None


class Processes(Collector):
    """CPU and memory of the stack's processes, with their children. Of Linux alone."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def collect(self) -> Iterator[Metric]:
        cpu = GaugeMetricFamily(CPU, "Seconds of CPU so far, with children.", labels=["process"])
        memory = GaugeMetricFamily(MEMORY, "Bytes in memory, with children.", labels=["process"])
        known = self._home.read("local.json").get("processes", [])
        parents = _parents()
        for process in (Process(**one) for one in known):
            family = [process.pid, *_children(process.pid, parents)]
            used = [found for pid in family if (found := _used(pid))]
            cpu.add_metric([process.name], sum(seconds for seconds, _ in used))
            memory.add_metric([process.name], sum(size for _, size in used))
        yield from (cpu, memory)


class Dollars(Collector):
    """An estimate: what was counted so far, at the list prices of AWS, for a million messages.

    Functions are billed as long as the emulator waited for them; the table by what each stage of
    life takes; events and logs are left out.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        samples = [sample for family in self._registry.collect() for sample in family.samples]
        family = _family(metrics.Metric.DOLLARS)
        if messages := _total(samples, metrics.Metric.PROCESSED, stage="accepted"):
            for part, dollars in _parts(samples).items():
                family.add_metric([part], dollars / messages)
        yield family


def _parts(samples: Sequence[Sample]) -> dict[str, float]:
    """Millionths of dollars, all messages together."""
    stages = {s: _total(samples, metrics.Metric.PROCESSED, stage=s) for s in metrics.STAGES}
    calls = _total(samples, f"{DURATION}_count")
    seconds = _total(samples, f"{DURATION}_sum") / 1000
    asked = sum(_total(samples, f"{DURATION}_count", function=f) for f in FROM_REQUESTS)
    api = sum(_total(samples, f"{DURATION}_count", function=f) for f in BY_GATEWAY)
    writes = sum(WRITES.get(stage, 0) * n for stage, n in stages.items())
    reads = sum(READS.get(stage, 0) * n for stage, n in stages.items())
    return {
        "table": writes * prices.WRITE_UNIT + reads * prices.READ_UNIT,
        "functions": calls * prices.LAMBDA_REQUEST + seconds * prices.MEMORY_GB * prices.GB_SECOND,
        "queues": (calls - asked) * FOR_A_BATCH * prices.SQS_REQUEST,
        "gateway": api * prices.API_REQUEST,
    }


def _total(samples: Sequence[Sample], name: str, **labels: str) -> float:
    return sum(s.value for s in samples if s.name == name and labels.items() <= s.labels.items())


def _family(metric: metrics.Metric) -> GaugeMetricFamily:
    definition = metrics.DEFINITIONS[metric]
    return GaugeMetricFamily(metric, definition.help, labels=definition.dimensions)


def _parents() -> dict[int, int]:
    found: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        if fields := _fields(stat):
            found[int(stat.parent.name)] = int(fields[1])
    return found


def _children(pid: int, parents: Mapping[int, int]) -> Iterator[int]:
    for child, parent in parents.items():
        if parent == pid:
            yield child
            yield from _children(child, parents)


def _used(pid: int) -> tuple[float, int] | None:
    """Seconds of CPU, with those of children that have ended, and bytes in memory."""
    fields = _fields(Path(f"/proc/{pid}/stat"))
    if not fields:
        return None
    return sum(map(int, fields[11:15])) / TICK, int(fields[21]) * PAGE


def _fields(stat: Path) -> list[str]:
    """From the third on, the state: the second one, a name in brackets, may have spaces in it."""
    try:
        return stat.read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return []
