"""The report of a run: a folder with a page, its plots, and the raw numbers."""

from __future__ import annotations

import base64
import csv
import html
import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.load import plots, sampling, tally, verdict
from tests.load.running import Run

PLOTS = ("throughput", "latency", "queues", "cpu")
POINTS = 60
"""Buckets of a latency plot at most, none shorter than a second."""
SHOWN = 20
"""Findings on the page; all are in raw.json."""
STAGES = ("stored", "provider", "called_back", "delivered", "read", "told")
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #111827 }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
td, th { padding: .2rem .9rem .2rem 0; text-align: right }
td:first-child, th:first-child { text-align: left }
th { border-bottom: 1px solid #d1d5db; font-weight: 600 }
img { max-width: 100% } .bad { color: #b91c1c } .good { color: #15803d }
"""


def write(run: Run, folder: Path) -> dict[str, Any]:
    """Make the report in a folder that exists, and answer its figures: those of raw.json."""
    figures = figures_of(run)
    seconds = figures["seconds"]
    times = [sample["time"] - run.begun for sample in run.samples]
    shares = sampling.busy(run.samples)
    plots.throughput(seconds, folder / "throughput.png")
    plots.latencies(figures["latency_over_time"], folder / "latency.png")
    plots.depths(times, [sample["queues"] for sample in run.samples], folder / "queues.png")
    plots.processors(times[1:], shares, folder / "cpu.png")
    raw = figures | {
        "samples": [
            {"second": round(at, 3), "queues": sample["queues"], "cpu_ms": sample["cpu_ms"]}
            for at, sample in zip(times, run.samples, strict=True)
        ],
        "messages": [asdict(journey) for journey in run.found],
    }
    (folder / "raw.json").write_text(json.dumps(raw, indent=1) + "\n")
    _write_csv(folder / "samples.csv", seconds, times, run.samples, shares)
    (folder / "report.html").write_text(_page(figures, folder))
    return figures


def figures_of(run: Run) -> dict[str, Any]:
    order, found = run.order, run.found
    width = max(1.0, order.arrivals.seconds / POINTS)
    stages = ["stored", "called_back", "read"]
    return {
        "about": {
            "begun": datetime.fromtimestamp(run.begun, UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "stopped_early": run.stopped,
            "order": asdict(order),
        },
        "summary": tally.summary(found, run.busy),
        "judged": run.findings is not None,
        "verdict": verdict.totals(run.findings or ()),
        "findings": [str(finding) for finding in run.findings or ()],
        "still_queued": run.queued,
        "not_stored": run.not_stored,
        "dead_letters": run.dead,
        "deepest": deepest(run.samples),
        "cpu_ms_per_message": cpu_per_message(run.samples, len(found)),
        "calls": run.calls,
        "seconds": tally.by_second(found),
        "latency_over_time": {s: tally.latency_over_time(found, s, width) for s in stages},
    }


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def deepest(samples: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The most messages that each queue had when it was looked at, the deepest first; empty ones
    are left out."""
    most: dict[str, int] = {}
    for sample in samples:
        for name, depth in sample["queues"].items():
            most[name] = max(depth, most.get(name, 0))
    return {n: d for n, d in sorted(most.items(), key=lambda item: -item[1]) if d}


def cpu_per_message(samples: Sequence[Mapping[str, Any]], messages: int) -> dict[str, float]:
    """Processor milliseconds, the largest first; what they use while they wait included."""
    if len(samples) < 2 or not messages:
        return {}
    first, last = samples[0]["cpu_ms"], samples[-1]["cpu_ms"]
    spent = {name: (ms - first.get(name, 0)) / messages for name, ms in last.items()}
    return {n: round(ms, 3) for n, ms in sorted(spent.items(), key=lambda item: -item[1]) if ms > 0}


def _write_csv(
    path: Path,
    seconds: Sequence[Mapping[str, int]],
    times: Sequence[float],
    samples: Sequence[Mapping[str, Any]],
    shares: Sequence[Mapping[str, float]],
) -> None:
    """A row for each second: what the messages did in it, and the sample that was taken in it."""
    rows: dict[int, dict[str, Any]] = {row["second"]: dict(row) for row in seconds}
    for number, (at, sample) in enumerate(zip(times, samples, strict=True)):
        row = rows.setdefault(max(0, int(at)), {"second": max(0, int(at))})
        row |= {f"queue {name}": depth for name, depth in sample["queues"].items()}
        if number:
            row |= {f"cpu {name}": round(share, 3) for name, share in shares[number - 1].items()}
    columns = ["second", *tally.STAGES]
    columns += sorted({name for row in rows.values() for name in row} - set(columns))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(row for _, row in sorted(rows.items()))


def _page(figures: Mapping[str, Any], folder: Path) -> str:
    about, order = figures["about"], figures["about"]["order"]
    good = figures["judged"] and not figures["findings"]
    images = "".join(
        f'<p><img alt="{name}" src="{_inline(folder / f"{name}.png")}">' for name in PLOTS
    )
    shown = "".join(f"<li>{html.escape(text)}" for text in figures["findings"][:SHOWN])
    calls = [list(call.values()) for call in figures["calls"]]
    kinds = ["request, by Locust", "count", "failures", "p50 ms", "p90 ms", "p99 ms"]
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Load</title>
<style>{STYLE}</style><h1>Load: {html.escape(order["scenario"])}</h1>
<p>{about["begun"]}, {about["machine"]}. {html.escape(json.dumps(order["arrivals"]))}
{"Stopped before its time." if about["stopped_early"] else ""}
<p class="{"good" if good else "bad"}">{judgement(figures)}
<ul>{shown}</ul>
{_table(["messages", "", "a second"], count_rows(figures))}
{_table(["ms from when it was due", "p50", "p90", "p99"], latency_rows(figures))}{images}
{_table(["deepest queue", "messages"], [list(item) for item in figures["deepest"].items()])}
{_table(["process", "CPU ms a message"], [list(i) for i in figures["cpu_ms_per_message"].items()])}
{_table(kinds, calls) if calls else ""}
<p>Raw numbers: raw.json and samples.csv beside this page.</html>
"""


def judgement(figures: Mapping[str, Any]) -> str:
    if not figures["judged"]:
        return "Not judged: histories and inboxes could not be read."
    bad = [f"{count} {kind}" for kind, count in figures["verdict"].items() if count]
    return f"{', '.join(bad)}." if bad else "Nothing lost, doubled or out of order."


def count_rows(figures: Mapping[str, Any]) -> list[list[Any]]:
    summary = figures["summary"]
    counts = {n: c for n, c in summary["counts"].items() if c or n in plots.ALWAYS}
    counts |= {n: summary[n] for n in ("unanswered", "busy_answers") if summary[n]}
    counts |= {f"not stored: {why}": count for why, count in figures["not_stored"].items()}
    counts["dead letters"] = figures["dead_letters"]
    if figures["still_queued"]:
        counts["still queued"] = figures["still_queued"]
    return [[name, count, show(summary["per_second"].get(name))] for name, count in counts.items()]


def latency_rows(figures: Mapping[str, Any]) -> list[list[Any]]:
    """Of stages that any message came to. `sent late` says whether the generator kept up; in a
    closed model nobody is late."""
    summary = figures["summary"]
    rows = {stage: summary["latency_ms"][stage] for stage in STAGES}
    if figures["about"]["order"]["scenario"] == "open":
        rows["sent late"] = summary["late_ms"]
    return [
        [name, *(show(value) for value in found.values())]
        for name, found in rows.items()
        if found["p50"] is not None
    ]


def show(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    top = "".join(f"<th>{html.escape(name)}" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}" for cell in row) for row in rows
    )
    return f"<table><tr>{top}{body}</table>"


def _inline(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
