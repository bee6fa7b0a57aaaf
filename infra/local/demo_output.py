"""What the demonstrations print, and what they check."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

out = Console(highlight=False, width=100)


def check(holds: bool, what: str) -> None:
    if not holds:
        raise AssertionError(f"not so: {what}")
    out.print(f"  [green]✓[/green] {what}")


def journey(message: Any) -> None:
    """One message's way, with the time since it was accepted."""
    start = at(message["accepted_at"])
    way = message["origin"] or "app"
    for delivery in message["deliveries"]:
        out.print(
            f"“{message['payload']['text']}”  {message['from']} ({way}) → "
            f"{delivery['user_id']} ({delivery['channel']}), seq {message['seq']}"
        )
        table = Table(box=None, padding=(0, 2))
        table.add_column("status", style="bold")
        table.add_column("time")
        table.add_column("after", justify="right")
        steps = [("accepted", message["accepted_at"]), ("sequenced", message["sequenced_at"])]
        steps += [(s.upper(), delivery[f"{s}_at"]) for s in ("sent", "delivered", "read")]
        for status, time_ in sorted((s for s in steps if s[1]), key=lambda step: step[1]):
            table.add_row(status, time_[11:23], f"{(at(time_) - start) * 1000:.0f} ms")
        out.print(table)
        out.print()


def at(time_: str) -> float:
    return datetime.fromisoformat(time_.replace("Z", "+00:00")).timestamp()
