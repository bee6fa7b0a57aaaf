"""What can be measured, by the name that its option, its place in the file and README's row have.

A new section is a line here, a function that returns figures by name with the unit in the name
(`p50_ms`, `per_second`), and a part of tests/bench/schema.json.
"""

from __future__ import annotations

import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from infra.local.client import Api
from infra.local.running import Addresses, started
from tests.bench import (
    costs,
    doors,
    events,
    faults,
    files,
    imports,
    load,
    messages,
    realtime,
    shares,
    webhooks,
    workers,
)
from tests.bench.output import out, show

Figures = dict[str, Any]


@dataclass(frozen=True)
class Section:
    about: str
    measure: Callable[[Namespace], Figures]
    """Shows what it found, and returns it. Of the options it may look at `quick`."""
    by_default: bool = False
    shortened: bool = True
    """Whether `--quick` changes anything. If not, a quick run is as good as any."""


@contextmanager
def a_stack() -> Iterator[tuple[Addresses, Api]]:
    with tempfile.TemporaryDirectory(prefix="chat4all-bench-") as home, started(home) as addresses:
        yield addresses, Api(addresses)


def import_times(options: Namespace) -> Figures:
    found = imports.measure()
    show("Import time, ms (median)", found)
    return {"import_ms": found}


def chain(options: Namespace) -> Figures:
    with a_stack() as (addresses, api):
        return messages.measure(addresses, api, 1 if options.quick else 5)


def pushes(options: Namespace) -> Figures:
    with a_stack() as (addresses, api):
        fewer = {"idle": 100, "seconds": 6} if options.quick else {}
        found = realtime.measure(addresses, api, **fewer)
    realtime.show(out, found)
    return found


def deliveries(options: Namespace) -> Figures:
    with a_stack() as (addresses, api):
        found = webhooks.measure(addresses, api, **({"turns": 1} if options.quick else {}))
    webhooks.show(out, found)
    return found


def both_doors(options: Namespace) -> Figures:
    with a_stack() as (addresses, api):
        fewer = {"requests": 80, "seconds": 5} if options.quick else {}
        found = doors.measure(addresses, api, **fewer)
    doors.show(out, found)
    return found


def large_and_small(options: Namespace) -> Figures:
    found = {"large": files.large("200MB" if options.quick else "1.8GB")}
    with a_stack() as (_, api):
        found["small"] = files.small(api, 40)
    show("A file of 4 KiB, complete → READY, ms", found["small"])
    return found


def arriving(options: Namespace) -> Figures:
    return load.measure(*((20, 0.25) if options.quick else ()))


def time_shares(options: Namespace) -> Figures:
    """Sums first: what a message takes altogether."""
    with shares.counted(), a_stack() as (addresses, api):
        found = shares.measure(addresses, api, *((400,) if options.quick else ()))
    shares.show(out, found)
    parts = {
        "cpu_ms": found.pop("cpu_ms"),
        "aws_calls": found.pop("aws_calls"),
        "invocations": found.pop("invocations"),
    }
    layers = found.pop("layers")
    found |= {name: sum(values.values()) for name, values in parts.items()}
    return found | {f"by_part_{n}": p for n, p in parts.items()} | {"by_layer_percent": layers}


def by_workers(options: Namespace) -> Figures:
    found = workers.measure(a_stack, *((200,) if options.quick else ()))
    workers.show(out, found)
    if options.plot:
        workers.plot(found, options.plot)
    return found


SECTIONS = {
    "imports": Section("how long each handler takes to import", import_times, True, False),
    "messages": Section("accepted, and through the whole chain", chain, True),
    "cost": Section(
        "calls, units and dollars of a message", lambda _: costs.measure(), True, False
    ),
    "shares": Section("where the processors' time goes", time_shares),
    "workers": Section("one, two and four of them, with a slow provider", by_workers),
    "load": Section("messages that arrive at a rate, whatever the answers take", arriving),
    "faults": Section(
        "the table of ./scripts/fault --report", lambda _: faults.measure(), shortened=False
    ),
    "realtime": Section("pushes to connected clients", pushes),
    "webhooks": Section("deliveries to subscribers", deliveries),
    "grpc": Section("gRPC beside REST", both_doors),
    "events": Section(
        "10,000 events to three subscribers", lambda _: events.measure(), shortened=False
    ),
    "files": Section("demonstration 5, and small files", large_and_small),
}
