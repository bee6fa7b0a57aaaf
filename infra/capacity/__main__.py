"""`./scripts/capacity --messages-per-minute 10000000`: what it takes, and what it costs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from rich.console import Console

from infra.capacity import doc, report, scenarios
from infra.capacity.options import parsed

WIDTH = 150
"""Columns of what goes to a file or another program."""


def main(arguments: Sequence[str] | None = None, console: Console | None = None) -> int:
    options = parsed(arguments)
    out = console or Console(width=None if sys.stdout.isatty() else WIDTH)
    found = {}
    if options.messages_per_minute is not None:
        plan, around = doc.plans(options)
        report.show(out, report.pages(plan, around))
        found = report.plain(plan)
    played = None
    if options.simulate or options.plots:
        played = scenarios.run_all()
        report.show(out, scenarios.pages(played))
        found["simulation"] = scenarios.plain(played)
        if options.plots:
            from infra.capacity import plots  # matplotlib takes a second

            for path in plots.draw(played, options.plots):
                out.print(f"drawn: {path}")
    if options.doc:
        doc.rewrite(played)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
