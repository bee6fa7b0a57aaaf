"""The plots of a report, as PNG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

SIZE = (9.0, 3.6)  # inches
DPI = 110
COLOURS = {
    "sent": "#6b7280",
    "stored": "#2563eb",
    "provider": "#7c3aed",
    "called_back": "#db2777",
    "delivered": "#d97706",
    "read": "#16a34a",
    "failed": "#dc2626",
    "refused": "#111827",
    "told": "#0891b2",
}
ALWAYS = ("sent", "stored", "delivered", "read")
SHADES = {"p50": 1.0, "p90": 0.6, "p99": 0.3}
MOST = 8
"""Lines of one plot; the smallest are summed up as one more."""
Rows = Sequence[Mapping[str, Any]]


def throughput(rows: Rows, into: Path) -> None:
    """Messages in each second, by how far they came."""
    with_any = [n for n in COLOURS if n in ALWAYS or any(row[n] for row in rows)]
    figure, axes = _new("Messages a second", "seconds", "messages")
    for name in with_any:
        axes.plot(
            [r["second"] for r in rows], [r[name] for r in rows], color=COLOURS[name], label=name
        )
    _save(figure, axes, into)


def latencies(series: Mapping[str, Rows], into: Path) -> None:
    """Milliseconds from when a message was due, by when that was."""
    figure, axes = _new("Latency, from when each message was due", "due, seconds", "ms")
    for name, rows in series.items():
        for share, shade in SHADES.items():
            axes.plot(
                [row["at"] for row in rows],
                [row[share] for row in rows],
                color=COLOURS[name],
                alpha=shade,
                label=f"{name} {share}",
            )
    axes.set_yscale("log")
    _save(figure, axes, into)


def depths(times: Sequence[float], queues: Rows, into: Path) -> None:
    figure, axes = _new("Messages in each queue", "seconds", "messages")
    _lines(axes, times, queues)
    _save(figure, axes, into)


def processors(times: Sequence[float], shares: Rows, into: Path) -> None:
    """1.0 is all of one processor."""
    figure, axes = _new("Processors in use, by process", "seconds", "processors")
    names = _largest(shares)
    series = [[row.get(name, 0.0) for row in shares] for name in names]
    others = [sum(v for n, v in row.items() if n not in names) for row in shares]
    if shares:
        axes.stackplot(times, *series, others, labels=[*names, "others"])
    _save(figure, axes, into)


def _lines(axes: Axes, times: Sequence[float], rows: Rows) -> None:
    for name in _largest(rows):
        if any(row.get(name, 0) for row in rows):
            axes.plot(times, [row.get(name, 0) for row in rows], label=name)


def _largest(rows: Rows) -> list[str]:
    names = {name for row in rows for name in row}
    sums = {name: sum(row.get(name, 0) for row in rows) for name in names}
    return sorted(names, key=lambda name: (-sums[name], name))[:MOST]


def _new(title: str, across: str, up: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid(alpha=0.25)
    return figure, axes


def _save(figure: Figure, axes: Axes, into: Path) -> None:
    if axes.get_yscale() != "log":
        axes.set_ylim(bottom=0)
    if axes.get_legend_handles_labels()[0]:
        figure.legend(loc="outside right upper", fontsize=8, frameon=False)
    figure.savefig(into, dpi=DPI)
