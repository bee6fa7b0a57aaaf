"""Two files of figures side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.record import flat, of_machine

NOISE = 0.15
"""The share of a figure by which two runs of the same build differ without a reason."""


@dataclass(frozen=True)
class Pair:
    """One figure of both; the ratio is how many times the first the second is."""

    path: str
    first: float
    second: float

    @property
    def ratio(self) -> float | None:
        return self.second / self.first if self.first else None

    @property
    def differs(self) -> bool:
        if self.ratio is None:
            return self.first != self.second
        return abs(self.ratio - 1) > NOISE


def pairs(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Pair]:
    """The figures that both have, in the order of the first."""
    others = dict(_all(second))
    for path, value in _all(first):
        other = others.get(path)
        if value is not None and other is not None:
            yield Pair(path, value, other)


def doubts(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """Why the ratios of a section say little."""
    found = []
    for name, section in first["sections"].items():
        other = second["sections"].get(name)
        if other is None:
            found.append(f"{name}: only in the first")
        elif section["machine"] != other["machine"]:
            found.append(
                f"{name}: other machines: {of_machine(section['machine'])} and "
                f"{of_machine(other['machine'])}"
            )
        elif section["quick"] != other["quick"]:
            found.append(f"{name}: one of the runs was --quick")
    found += [
        f"{name}: only in the second"
        for name in second["sections"].keys() - first["sections"].keys()
    ]
    return found


def show(out: Console, first: Mapping[str, Any], second: Mapping[str, Any]) -> None:
    table = Table(title="B / A of the same figures", title_justify="left", min_width=70)
    table.add_column("")
    for column in ("A", "B", "B / A"):
        table.add_column(column, justify="right")
    for pair in pairs(first, second):
        ratio = "" if pair.ratio is None else f"{pair.ratio:.2f}"
        style = "bold" if pair.differs else "dim"
        table.add_row(pair.path, f"{pair.first:,.5g}", f"{pair.second:,.5g}", ratio, style=style)
    out.print(table)
    for doubt in doubts(first, second):
        out.print(doubt)
    out.print(
        f"Bold: more than {NOISE:.0%} apart. Less than that is noise, and on a machine that does "
        "other work more may be:\nmeasure both builds by turns before you believe a difference."
    )


def _all(record: Mapping[str, Any]) -> Iterator[tuple[str, float | int | None]]:
    for name, section in record["sections"].items():
        yield from flat(section["figures"], f"{name}.")
