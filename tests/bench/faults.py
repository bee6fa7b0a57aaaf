"""What `./scripts/fault --report` wrote last: the sums of the table in docs/faults.md."""

from __future__ import annotations

from pathlib import Path

from tests.bench.output import out, show
from tests.fault.report import BEGIN, COLUMNS, END, PAGE

SUMS = {"accepted": "messages", "lost": "lost", "twice": "doubled", "out of order": "disordered"}
"""Columns that are added up, and the names of the sums."""
RECOVERY = "recovery, s"


def measure(page: Path = PAGE) -> dict[str, float | None]:
    """
    Raises:
        RuntimeError: the page has no table yet.
    """
    found = figures(page.read_text(encoding="utf-8") if page.exists() else "")
    out.print("Faults are not run here, but read from docs/faults.md: ./scripts/fault --report")
    show("Faults", {name: value for name, value in found.items() if value is not None})
    return found


def figures(page: str) -> dict[str, float | None]:
    """The longest recovery is None where one never came."""
    table = page.partition(BEGIN)[2].partition(END)[0]
    lines = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    if not lines or tuple(lines[0]) != COLUMNS:
        raise RuntimeError("docs/faults.md has no table: run ./scripts/fault --report")
    rows = [dict(zip(COLUMNS, line, strict=True)) for line in lines[2:]]
    recoveries = [row[RECOVERY] for row in rows]
    never = any(not recovery.isdigit() for recovery in recoveries)
    sums: dict[str, float | None] = {"scenarios": len(rows)}
    sums |= {name: sum(int(row[column]) for row in rows) for column, name in SUMS.items()}
    return sums | {"longest_recovery_seconds": None if never else max(map(int, recoveries))}
