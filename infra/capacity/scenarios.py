"""What may go wrong, played through: bursts, hot conversations, a provider that is down."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from infra.capacity.cell import DOOR, Cell, Outcome, Setup
from infra.capacity.report import Page, number

USUAL = 2_600.0
"""Messages a second of a cell: about what `scripts/capacity` gives one."""
QUIET = 0.5
BURST, BURST_AT, BURST_SECONDS = 10, 300.0, 60.0
HOT = (0.05, 0.10)
OUTAGE = (1_800.0, 5_400.0)
LATE = 60.0
NAMES = {
    "burst": "Ten times the rate for a minute",
    "burst, raised": "Ten times the rate for a minute, all quotas raised tenfold",
    "hot 5 %": "5 % of all in one conversation",
    "hot 10 %": "10 % of all in one conversation",
    "outage": "WhatsApp down for an hour",
    "quiet outage": "WhatsApp down for an hour, a message in two seconds",
}


@dataclass(frozen=True)
class Played:
    name: str
    outcome: Outcome
    took: float
    """Seconds that it took to simulate."""


def setups() -> dict[str, Setup]:
    burst = Setup(seconds=4_000, rate=_burst, highest=USUAL * BURST, usual=USUAL, slice=200)
    hot = Setup(seconds=20, rate=_even, highest=USUAL, usual=USUAL, every=1)
    return {
        "burst": burst,
        "burst, raised": replace(burst, seconds=4_000, raised=10),
        **{f"hot {share * 100:.0f} %": replace(hot, hot=share) for share in HOT},
        "outage": Setup(
            seconds=24_000,
            rate=_even,
            highest=USUAL,
            usual=USUAL,
            slice=400,
            down=OUTAGE,
            every=60,
        ),
        "quiet outage": Setup(
            seconds=9_000,
            rate=lambda now: QUIET,
            highest=QUIET,
            usual=USUAL,
            down=OUTAGE,
            every=60,
        ),
    }


def _even(now: float) -> float:
    return USUAL


def _burst(now: float) -> float:
    return USUAL * (BURST if BURST_AT <= now < BURST_AT + BURST_SECONDS else 1)


def run_all(made: Callable[[], dict[str, Setup]] = setups) -> list[Played]:
    """All scenarios, one after the other; each run gives the same again."""
    played: list[Played] = []
    for name, setup in made().items():
        begun = time.perf_counter()
        outcome = Cell(setup).run()
        played.append(Played(name, outcome, time.perf_counter() - begun))
    return played


def percentile(values: list[float], share: float) -> float:
    """0 when there are none."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def delays(outcome: Outcome, name: str) -> list[float]:
    return [delay for _, delay in outcome.delays.get(name, [])]


def normal_after(outcome: Outcome, since: float) -> float | None:
    """Seconds from `since` until the last message came that took over a minute; None if such
    messages are still on their way at the end."""
    last = outcome.times[-1]
    if max(ages[-1] for ages in outcome.age.values()) > LATE:
        return None
    late = [
        born + delay
        for name, found in outcome.delays.items()
        if name != "accepted"
        for born, delay in found
        if delay > LATE
    ]
    return max(0.0, min(max(late, default=0.0), last) - since)


def pages(played: list[Played]) -> list[Page]:
    return [
        Page("What happens, by scenario", _COLUMNS, [row(one) for one in played]),
        Page("How long messages take, in seconds", _DELAYS, [_delays(one) for one in played]),
    ]


_COLUMNS = [
    "messages of the whole cell",
    "sent",
    "refused, sent again",
    "throttled, tried again",
    "FAILED",
    "deepest queue",
    "oldest there, s",
    "normal again after s",
]
_DELAYS = ["", "accept p99", "WhatsApp p50", "p99", "Instagram p99", "app p99", "hot p99"]


def row(played: Played) -> list[str]:
    found = plain([played])[played.name]
    counts, after = found["counts"], found["normal_after_seconds"]
    return [
        NAMES[played.name],
        *(
            number(counts.get(name, 0) * played.outcome.setup.slice)
            for name in ("sent", "refused", "throttled", "failed")
        ),
        number(found["deepest_queue"]),
        number(found["oldest_seconds"]),
        "later" if after is None else number(after),
    ]


def _delays(played: Played) -> list[str]:
    found = plain([played])[played.name]
    names = ("accept_p99", "whatsapp_p50", "whatsapp_p99", "instagram_p99", "app_p99", "hot_p99")
    return [NAMES[played.name], *(_seconds(found[name]) for name in names)]


def _seconds(value: float) -> str:
    if value == 0:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def plain(played: list[Played]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in played:
        outcome, setup = one.outcome, one.outcome.setup
        since = setup.down[1] or (BURST_AT + BURST_SECONDS)
        found[one.name] = {
            "counts": dict(outcome.counts),
            "accept_p99": percentile(delays(outcome, "accepted"), 0.99),
            "whatsapp_p50": percentile(delays(outcome, "whatsapp"), 0.5),
            "whatsapp_p99": percentile(delays(outcome, "whatsapp"), 0.99),
            "instagram_p99": percentile(delays(outcome, "instagram"), 0.99),
            "app_p99": percentile(delays(outcome, "app"), 0.99),
            "hot_p99": percentile(delays(outcome, "hot conversation"), 0.99),
            "deepest_queue": max(max(d) for name, d in outcome.depth.items() if name != DOOR),
            "oldest_seconds": max(max(age) for name, age in outcome.age.items() if name != DOOR),
            "normal_after_seconds": normal_after(outcome, since),
            "most_receives": outcome.receives,
            "simulated_seconds": setup.seconds,
        }
    return found
