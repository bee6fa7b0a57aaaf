"""A trace as a waterfall for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from infra.local.traces import Hop

BAR = 40
"""Characters that the whole journey has."""
WAITED, RAN = "·", "█"
SHOWN = (
    "event_type", "channel", "index", "outcome", "code", "mark", "seq", "webhook_id", "attempt",
    "status_code", "error", "status", "reason", "replayed", "replay", "receives",
)  # fmt: skip
"""Details of a hop, in this order."""
SHORT = {"webhook_id": 8, "replay": 8}
"""Characters that are enough; others have LONGEST."""
LONGEST = 40
ONLY_IF = {"replayed": True}


def waterfall(hops: Sequence[Hop]) -> Group:
    """`hops` by their beginning, at least one. What ran is a bar, and what waited for it, in a
    queue as a rule, are dots from its parent's end on."""
    began, ended = hops[0].start_ms, max(hop.end_ms for hop in hops)
    scale = BAR / max(ended - began, 0.001)
    ends = {hop.span_id: hop.end_ms for hop in reversed(hops)}  # of what was told twice, the first
    table = Table(box=None, pad_edge=False, header_style="dim", expand=False)
    for name, justify in (("hop", "left"), ("function", "left"), ("at ms", "right")):
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("took", justify="right", no_wrap=True)
    table.add_column("", width=BAR, no_wrap=True)
    table.add_column("what", overflow="fold")
    for depth, hop in _as_tree(hops):
        waited = ends.get(hop.parent_id or "", hop.start_ms)
        table.add_row(
            Text("  " * depth + hop.name, style="bold red" if hop.failed else "bold"),
            Text(_short(hop.function) + (" (cold)" if hop.cold_start else "")),
            f"{hop.start_ms - began:.1f}",
            f"{hop.duration_ms:.1f}",
            _bar(hop, began, waited, scale),
            _details(hop),
        )
    return Group(_title(hops, ended - began), table)


def _title(hops: Sequence[Hop], took: float) -> Text:
    functions = {hop.function for hop in hops}
    text = Text(f"trace {hops[0].trace_id}", style="bold")
    return text.append(
        f"  {len(hops)} hops, {len(functions)} functions, {took:.1f} ms", style="not bold"
    )


def _as_tree(hops: Sequence[Hop]) -> Iterator[tuple[int, Hop]]:
    """Each hop once, under its parent; those whose parent nobody told of are at the top."""
    known = {hop.span_id for hop in hops}
    seen: set[int] = set()

    def under(parent: str | None, depth: int) -> Iterator[tuple[int, Hop]]:
        for hop in hops:
            its = hop.parent_id if hop.parent_id in known else None
            if its == parent and id(hop) not in seen:
                seen.add(id(hop))
                yield depth, hop
                yield from under(hop.span_id, depth + 1)

    yield from under(None, 0)


def _bar(hop: Hop, began: float, waited: float, scale: float) -> Text:
    start = min(int((hop.start_ms - began) * scale), BAR - 1)
    width = min(max(1, round(hop.duration_ms * scale)), BAR - start)
    idle = max(0, start - max(0, int((waited - began) * scale)))
    text = Text(" " * (start - idle))
    text.append(WAITED * idle, style="dim")
    return text.append(RAN * width, style="red" if hop.failed else "green")


def _details(hop: Hop) -> Text:
    text = Text()
    for name in SHOWN:
        value = hop.details.get(name)
        if value is not None and value == ONLY_IF.get(name, value):
            shown = str(value)[: SHORT.get(name, LONGEST)]
            text.append(f"{name}=", style="dim").append(f"{shown}  ")
    return text


def _short(function: str) -> str:
    """Without what all of a stack have before their names."""
    return function.split("-", 2)[-1] if function.startswith("chat4all-") else function
