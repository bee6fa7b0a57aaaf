"""What demonstration 5 measured, for a person to read."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from infra.local.demo_output import out
from infra.local.memory import Peaks


def report(size: int, bare: float, ours: float, peaks: Peaks) -> dict[str, Any]:
    ratio = bare / ours
    out.print(f"Speed against boto3's own: [bold]{ratio:.2f}[/bold] (target ≥ 0.8)")
    table = Table("process", "peak memory", box=None, padding=(0, 2))
    peaks_of_ours = {n: b for n, b in peaks.bytes.items() if n != "emulator"}
    for name, peak in sorted(peaks_of_ours.items(), key=lambda item: -item[1]):
        table.add_row(name, f"{peak / 10**6:.0f} MB")
    out.print(table)
    emulator = peaks.bytes.get("emulator", 0)
    out.print(f"(The emulator, MiniStack, plays S3 and is not ours: {emulator / 10**6:.0f} MB, "
              "pages of files that it maps counted.)")  # fmt: skip
    highest = max(peaks_of_ours.values(), default=0)
    out.print(f"Highest of ours: [bold]{highest / 10**6:.0f} MB[/bold] (target < 150)")
    return {
        "size": size,
        "bare_seconds": bare,
        "seconds": ours,
        "ratio": ratio,
        "peaks": peaks.bytes,
    }
