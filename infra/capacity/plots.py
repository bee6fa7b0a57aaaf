"""Draws what happened in a scenario over time: depth, age, delays. PNG, small enough to keep."""

from __future__ import annotations

from collections import defaultdict
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot
from PIL import Image

from infra.capacity.cell import DOOR, Outcome
from infra.capacity.scenarios import BURST_AT, BURST_SECONDS, NAMES, Played, percentile

SIZE = (8, 7)
DPI = 70
SHADES = 48
"""A quarter of the bytes of as many as matplotlib writes."""
COLOURS = {
    DOOR: "tab:red",
    "inbound": "tab:blue",
    "app": "tab:blue",
    "whatsapp": "tab:green",
    "instagram": "tab:purple",
    "hot conversation": "tab:orange",
}
DRAWN = ("burst", "burst, raised", "hot 10 %", "outage", "quiet outage")


def draw(played: list[Played], folder: Path) -> list[Path]:
    """One file for each scenario; the same run draws the same."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_draw(one, folder) for one in played if one.name in DRAWN]


def file_name(name: str) -> str:
    return "capacity-" + name.replace(" %", "").replace(",", "").replace(" ", "-").lower() + ".png"


def _draw(played: Played, folder: Path) -> Path:
    outcome = played.outcome
    figure, (depth, age, delay) = pyplot.subplots(3, 1, figsize=SIZE, sharex=True)
    unit, named = (60.0, "minutes") if outcome.setup.seconds > 120 else (1.0, "seconds")
    times = [t / unit for t in outcome.times]
    for name, values in outcome.depth.items():
        depth.plot(times, values, label=name, color=COLOURS[name])
        age.plot(times, outcome.age[name], label=name, color=COLOURS[name])
    for name in sorted(outcome.delays.keys() - {"accepted"}):
        for share, style, label in ((0.5, "-", name), (0.99, ":", None)):
            found = _over_time(outcome, name, share)
            shown = [t / unit for t, _ in found], [d for _, d in found]
            delay.plot(*shown, style, label=label, color=COLOURS[name])
    depth.set_ylabel("messages in queue")
    depth.ticklabel_format(style="plain", axis="y")
    age.set_ylabel("age of oldest, s")
    delay.set_ylabel("sent to delivered, s")
    delay.set_yscale("log")
    delay.set_xlabel(
        f"{named} since the run began; below, half (line) and 99 % (dots) of what was sent then"
    )
    for axis in (depth, age, delay):
        axis.grid(alpha=0.3)
        axis.legend(fontsize=7, loc="best")
        _shade(axis, played, unit)
    figure.suptitle(NAMES[played.name])
    figure.tight_layout()
    path = folder / file_name(played.name)
    drawn = BytesIO()
    figure.savefig(drawn, dpi=DPI, metadata={"Software": None})
    pyplot.close(figure)
    Image.open(drawn).convert("RGB").quantize(SHADES).save(path, optimize=True)
    return path


def _shade(axis: Any, played: Played, unit: float) -> None:
    """The time in which something is wrong."""
    begin, end = played.outcome.setup.down
    if played.name.startswith("burst"):
        begin, end = BURST_AT, BURST_AT + BURST_SECONDS
    if end:
        axis.axvspan(begin / unit, end / unit, color="red", alpha=0.12, lw=0)


def _over_time(outcome: Outcome, name: str, share: float) -> list[tuple[float, float]]:
    every = outcome.setup.seconds / 100
    bins: dict[int, list[float]] = defaultdict(list)
    for born, delay in outcome.delays[name]:
        bins[int(born / every)].append(delay)
    return [(number * every, percentile(bins[number], share)) for number in sorted(bins)]
