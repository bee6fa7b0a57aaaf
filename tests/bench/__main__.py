"""`./scripts/bench`: figures and ratios. `--realtime`, `--webhooks` and `--grpc`: that part."""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local.client import Api
from infra.local.running import Addresses, started
from tests.bench import doors, messages, realtime, webhooks
from tests.bench.messages import out


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--quick", action="store_true", help="a fifth of the load")
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    parser.add_argument("--realtime", action="store_true", help="pushes to connected clients only")
    parser.add_argument("--webhooks", action="store_true", help="deliveries to subscribers only")
    parser.add_argument("--grpc", action="store_true", help="gRPC beside REST only")
    options = parser.parse_args()
    figures: dict[str, Any] = {"machine": machine()}
    out.print(f"{figures['machine']}\n")
    if not (options.realtime or options.webhooks or options.grpc):
        with a_stack() as (addresses, api):
            figures |= messages.measure(addresses, api, 1 if options.quick else 5)
    if options.realtime:
        figures["realtime"] = pushes(options.quick)
    if options.webhooks:
        figures["webhooks"] = deliveries(options.quick)
    if options.grpc:
        figures["grpc"] = both_doors(options.quick)
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=2) + "\n")


@contextmanager
def a_stack() -> Iterator[tuple[Addresses, Api]]:
    with tempfile.TemporaryDirectory(prefix="chat4all-bench-") as home, started(home) as addresses:
        yield addresses, Api(addresses)


def pushes(quick: bool) -> dict[str, Any]:
    with a_stack() as (addresses, api):
        found = realtime.measure(addresses, api, **({"idle": 100, "seconds": 6} if quick else {}))
    realtime.show(out, found)
    return found


def deliveries(quick: bool) -> dict[str, Any]:
    with a_stack() as (addresses, api):
        found = webhooks.measure(addresses, api, **({"turns": 1} if quick else {}))
    webhooks.show(out, found)
    return found


def both_doors(quick: bool) -> dict[str, Any]:
    with a_stack() as (addresses, api):
        found = doors.measure(addresses, api, **({"requests": 80, "seconds": 5} if quick else {}))
    doors.show(out, found)
    return found


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
