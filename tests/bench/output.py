"""Where the figures are printed."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

out = Console(highlight=False, width=110)


def show(title: str, figures: Mapping[str, float]) -> None:
    table = Table(title=title, title_justify="left", min_width=70, show_header=False)
    for name, value in figures.items():
        table.add_row(name, f"{value:.1f}")
    out.print(table)
