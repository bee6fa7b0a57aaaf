"""The figures of docs/scale.md: made by the script, between markers."""

from __future__ import annotations

import argparse
from pathlib import Path

from infra.capacity import availability, report, scenarios
from infra.capacity.options import DOC_RATE, figures_of, parsed
from infra.capacity.plan import Plan, planned
from infra.capacity.quotas import QUOTAS, Quota
from infra.capacity.report import Page, number

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
IMAGES = PAGE.parent / "images"
COMPARED = (("1", 4), ("mixed", 4), ("10", 4), ("mixed", 40))


def rewrite(played: list[scenarios.Played] | None = None) -> None:
    """Put in figures, scenarios and plots as they are now; scenarios that were not played yet are
    played here."""
    from infra.capacity import plots  # matplotlib takes a second

    played = scenarios.run_all() if played is None else played
    text = PAGE.read_text()
    for name, content in (("quotas", quotas()), ("figures", figures()), ("promises", promises())):
        text = replaced(text, name, content)
    text = replaced(text, "scenarios", report.markdown(scenarios.pages(played)))
    PAGE.write_text(text)
    plots.draw(played, IMAGES)


def figures() -> str:
    """What `./scripts/capacity --messages-per-minute 10000000` says, and beside it other cases."""
    options = parsed([f"--messages-per-minute={DOC_RATE:.0f}"])
    return report.markdown([*report.pages(*plans(options)), _compared()])


def plans(options: argparse.Namespace) -> tuple[Plan, list[Plan]]:
    """What was asked for, and what it may be at worst and at best: when batches are not said."""
    rate, burst = options.messages_per_minute, options.burst
    plan = planned(figures_of(options), rate, burst)
    if options.batch != "mixed":
        return plan, []
    return plan, [planned(figures_of(options, batch=b), rate, burst) for b in ("1", "10")]


def quotas() -> str:
    rows = [[q.name, f"{number(q.value)} {q.unit}", _raised(q), q.source] for q in QUOTAS]
    return report.markdown([Page("Quotas", ["", "value", "can be raised", "from"], rows)])


def _raised(quota: Quota) -> str:
    if quota.parameter:
        return f"set {quota.parameter}"
    return "yes" if quota.raisable else "no"


def promises() -> str:
    return report.markdown([availability.page()])


def _compared() -> Page:
    rows: list[list[str]] = []
    for batch, relayed in COMPARED:
        options = parsed([f"--messages-per-minute={DOC_RATE:.0f}", f"--batch={batch}"])
        plan = planned(figures_of(options, relayed), DOC_RATE)
        rows.append(
            [
                f"--batch {batch} --relayed {relayed}",
                number(plan.cells),
                plan.binding().quota.name,
                number(plan.cells_unraised),
                plan.first_hit().quota.name,
                f"{sum(plan.dollars_per_million.values()):.2f}",
            ]
        )
    columns = ["", "cells", "decided by", "if nothing is raised", "decided by", "$ a million"]
    return Page("How it depends on full calls", columns, rows)


def block(text: str, name: str) -> str:
    """What is between the markers of a name. Raises ValueError if there are none."""
    _, begun, rest = text.partition(_begin(name))
    inside, ended, _ = rest.partition(_end(name))
    if not begun or not ended:
        raise ValueError(f"docs/scale.md has no markers {name!r}")
    return inside.strip("\n")


def replaced(text: str, name: str, content: str) -> str:
    before = text.partition(_begin(name))[0]
    after = text.partition(_end(name))[2]
    block(text, name)
    return f"{before}{_begin(name)}\n\n{content.strip()}\n\n{_end(name)}{after}"


def _begin(name: str) -> str:
    return f"<!-- {name}: made by ./scripts/capacity --doc -->"


def _end(name: str) -> str:
    return f"<!-- end of {name} -->"
