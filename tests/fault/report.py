"""The verdicts as a table: on the terminal as they come, and in docs/faults.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.fault.checker import Kind
from tests.fault.watching import Verdict

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
BEGIN, END = "<!-- made by scripts/fault --report -->", "<!-- until here -->"
COLUMNS = (
    "scenario", "accepted", "delivered", "read", "failed", "sent", "lost", "twice",
    "out of order", "not ended", "repeated", "recovery, s",
)  # fmt: skip
AT_MOST = 10
"""Findings of a scenario that are spelled out."""
WIDTHS = (44, *(max(8, len(name)) for name in COLUMNS[1:]))


def cells(verdict: Verdict) -> list[str]:
    count = verdict.count
    statuses = (verdict.statuses[name] for name in ("DELIVERED", "READ", "FAILED", "SENT"))
    return [
        verdict.scenario,
        *map(str, (verdict.accepted, *statuses)),
        str(count(Kind.LOST, Kind.INVENTED, Kind.UNTOLD)),
        str(count(Kind.TWICE, Kind.GAP)),
        str(count(Kind.ORDER)),
        str(count(Kind.UNENDED)),
        str(verdict.repeated),
        "never" if verdict.recovery is None else f"{verdict.recovery:.0f}",
    ]


def line(texts: Sequence[str]) -> str:
    first, *rest = (text.rjust(width) for text, width in zip(texts, WIDTHS, strict=True))
    return "  ".join([first.strip().ljust(WIDTHS[0]), *rest])


def head() -> None:
    print(line(COLUMNS), flush=True)


def row(verdict: Verdict) -> None:
    print(line(cells(verdict)), flush=True)
    for wrong in wrongs(verdict):
        print(f"    {wrong}", flush=True)


def wrongs(verdict: Verdict) -> list[str]:
    """In words, the first of them."""
    shown = [*verdict.errors, *map(str, verdict.findings[:AT_MOST])]
    left = len(verdict.findings) - AT_MOST
    return shown + ([f"and {left} more"] if left > 0 else [])


def end(verdicts: Sequence[Verdict], seconds: float) -> None:
    accepted = sum(verdict.accepted for verdict in verdicts)
    bad = sum(not verdict.good for verdict in verdicts)
    broken = f"{bad} of {len(verdicts)} scenarios broke a promise" if bad else "every promise kept"
    print(f"{accepted} messages accepted in {seconds:.0f} s: {broken}.", flush=True)
    for verdict in verdicts:
        for error in verdict.errors:
            print(f"    {verdict.scenario}: {error}", flush=True)


def table(verdicts: Sequence[Verdict], seconds: float) -> str:
    accepted = sum(verdict.accepted for verdict in verdicts)
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    about = f"Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}"
    rows = [COLUMNS, ["---", *["---:"] * (len(COLUMNS) - 1)], *map(cells, verdicts)]
    return "\n".join(
        [
            f"{accepted:,} messages in {seconds / 60:.0f} minutes; {machine}, {about}.",
            "",
            *(f"| {' | '.join(row)} |" for row in rows),
        ]
    )


def write(verdicts: Sequence[Verdict], seconds: float) -> None:
    """Replace the table in docs/faults.md."""
    text = PAGE.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{table(verdicts, seconds)}\n{END}{after}")
