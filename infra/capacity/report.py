"""A plan as tables: for the terminal, for a page of Markdown, and as plain data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from infra.capacity.plan import Limit, Plan


@dataclass(frozen=True)
class Page:
    """One table. The first column is text, the others are numbers."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def pages(plan: Plan, around: Sequence[Plan] = ()) -> list[Page]:
    """`around`: the same rate by other batches, the worst first, for the range it may be in."""
    return [_answer(plan, around), _limits(plan), _functions(plan), _queues(plan), _dollars(plan)]


def _answer(plan: Plan, around: Sequence[Plan]) -> Page:
    binding, first = plan.binding(), plan.first_hit()
    partitions = f"{plan.partitions}, {plan.fullness * 100:.0f} % full"
    rows = [
        ["Messages a second", number(plan.rate)],
        ["Quotas are compared with", f"{number(plan.peak)} a second"],
        ["Cells", number(plan.cells)],
        ["… decided by", f"{binding.quota.name}, full at {number(binding.cell_rate)} messages/s"],
        ["Cells if AWS raises nothing", number(plan.cells_unraised)],
        ["… decided by", f"{first.quota.name}, full at {number(first.cell_rate)} messages/s"],
        ["Messages a second in each cell", number(plan.peak / plan.cells)],
        ["Table of each cell", f"{number(plan.write_units)} write units/s"],
        ["", f"{number(plan.read_units)} read units/s"],
        ["… its partitions, and shards of its stream", partitions],
        ["Batches of a shard side by side", number(plan.parallelization)],
        ["WhatsApp numbers, each cell its own", number(plan.numbers)],
        ["Dollars a month, all cells", number(sum(plan.dollars_a_month.values()))],
        ["Dollars a million messages", f"{sum(plan.dollars_per_million.values()):,.2f}"],
    ]
    if around:
        cells = " to ".join(number(one.cells) for one in around)
        dollars = " to ".join(f"{sum(one.dollars_per_million.values()):,.2f}" for one in around)
        rows.append(["… with batches of one, to ten everywhere", f"{dollars}, and {cells} cells"])
    return Page("The answer", ["", ""], rows)


def _limits(plan: Plan) -> Page:
    rows = [
        [
            limit.quota.name,
            f"{number(limit.quota.value)} {limit.quota.unit}",
            f"{limit.per_message:.3g}",
            number(limit.cell_rate),
            number(limit.cells),
            _raised(limit),
        ]
        for limit in plan.limits
    ]
    columns = ["quota, the first to be full on top", "value", "of a message", "full at messages/s"]
    return Page("What fills up first", [*columns, "cells", "each cell needs"], rows)


def _raised(limit: Limit) -> str:
    if not limit.quota.raisable:
        return "cannot be raised"
    if not limit.ask:
        return "no more"
    if limit.quota.parameter:
        return f"{limit.quota.parameter}={limit.ask}"
    return f"{number(limit.ask)}, ask AWS"


def _functions(plan: Plan) -> Page:
    rows = [
        [
            one.name,
            number(one.invocations),
            f"{one.milliseconds:.0f}",
            number(one.concurrency),
            f"{one.seconds_to_start:.1f}",
        ]
        for one in plan.functions
    ]
    columns = ["function, in each cell", "calls/s", "ms, assumed", "side by side", "s to start all"]
    return Page("Functions", columns, rows)


def _queues(plan: Plan) -> Page:
    rows = [
        [name, number(requests), number(plan.queue_partitions[name])]
        for name, requests in plan.queues.items()
    ]
    columns = ["queue, in each cell", "requests/s, busiest action", "partitions"]
    return Page("Queues", columns, rows)


def _dollars(plan: Plan) -> Page:
    rows = [
        [name, f"{each:,.2f}", number(plan.dollars_a_month[name])]
        for name, each in plan.dollars_per_million.items()
    ]
    total = sum(plan.dollars_per_million.values())
    rows.append(["total", f"{total:,.2f}", number(sum(plan.dollars_a_month.values()))])
    return Page("Dollars", ["service", "a million messages", "a month, all cells"], rows)


def number(value: float) -> str:
    """Whole, rounded up, with commas; a small one with its first digits; – for no end."""
    if math.isinf(value):
        return "–"
    if 0 < value < 1:
        return f"{value:.2g}"
    return f"{math.ceil(round(value, 6)):,}"


def show(console: Console, found: Sequence[Page]) -> None:
    for page in found:
        table = Table(title=page.title, title_justify="left", show_header=any(page.columns))
        for position, column in enumerate(page.columns):
            table.add_column(column, justify="right" if position else "left")
        for row in page.rows:
            table.add_row(*row)
        console.print(table)


def markdown(found: Sequence[Page]) -> str:
    """Tables with their titles before them."""
    parts: list[str] = []
    for page in found:
        lines = [page.columns, ["---"] * len(page.columns), *page.rows]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        parts.append(f"**{page.title}**\n\n{table}\n")
    return "\n".join(parts)


def plain(plan: Plan) -> dict[str, Any]:
    """For JSON: all that the tables show, unrounded."""
    return {
        "messages_per_second": plan.rate,
        "peak_per_second": plan.peak,
        "cells": plan.cells,
        "cells_unraised": plan.cells_unraised,
        "binding": plan.binding().quota.name,
        "first_hit": plan.first_hit().quota.name,
        "limits": [_plain_limit(limit) for limit in plan.limits],
        "functions": [asdict(one) for one in plan.functions],
        "queues": plan.queues,
        "queue_partitions": plan.queue_partitions,
        "write_units": plan.write_units,
        "read_units": plan.read_units,
        "partitions": plan.partitions,
        "partitions_fullness": plan.fullness,
        "parallelization": plan.parallelization,
        "whatsapp_numbers": plan.numbers,
        "dollars_per_million": plan.dollars_per_million,
        "dollars_a_month": plan.dollars_a_month,
        "per_message": asdict(plan.figures),
    }


def _plain_limit(limit: Limit) -> dict[str, Any]:
    quota = limit.quota
    return {
        "name": quota.name,
        "value": quota.value,
        "unit": quota.unit,
        "raisable": quota.raisable,
        "parameter": quota.parameter or None,
        "source": quota.source,
        "per_message": limit.per_message,
        "messages_per_second_and_cell": limit.cell_rate if limit.per_message else None,
        "cells": limit.cells,
        "ask": limit.ask,
    }
