"""Break the stack in every way we know, under load, and see whether it kept its promises."""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.fault import plan, report
from tests.fault.field import a_field
from tests.fault.running import Runner


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/fault", description=__doc__)
    parser.add_argument("--short", action="store_true", help="the most telling ones, a minute")
    parser.add_argument("--messages", type=int, help="in all scenarios together: 10000")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="scenarios whose names have it")
    parser.add_argument("--seed", type=int, help="for the order of the scenarios; none: as listed")
    parser.add_argument("--report", action="store_true", help="write the table to docs/faults.md")
    parser.add_argument("--keep", metavar="FOLDER", help="work there and leave logs and ledgers")
    parser.add_argument("--list", action="store_true", help="name the scenarios and end")
    options = parser.parse_args()
    scenarios = plan.chosen(options.short, options.only)
    if options.list or not scenarios:
        print("\n".join(one.name for one in scenarios) or "No scenario has such a name.")
        return 0 if scenarios else 2
    if options.seed is not None:
        random.Random(options.seed).shuffle(scenarios)
    total = options.messages or (plan.SHORT_MESSAGES if options.short else plan.MESSAGES)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    report.head()
    with tempfile.TemporaryDirectory() as folder, a_field(Path(options.keep or folder)) as field:
        runner = Runner(field, report.row, plan.patience(options.short))
        with plan.hidden(field, options.short):
            runner.run(scenarios, total // len(scenarios))
    took = time.monotonic() - began
    report.end(runner.verdicts, took)
    if options.report:
        report.write(sorted(runner.verdicts, key=lambda v: plan.place(v.scenario)), took)
    return 0 if all(verdict.good for verdict in runner.verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
