"""An open model for a minute: `./scripts/load`, and the figures of its report."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RATE = 30.0
MINUTES = 1.0


def measure(rate: float = RATE, minutes: float = MINUTES) -> dict[str, Any]:
    """
    Raises:
        RuntimeError: there was no report: the stack did not start, or the load was broken off.
    """
    from tests.load.__main__ import main  # plots take a second to import

    with tempfile.TemporaryDirectory(prefix="chat4all-bench-") as folder:
        main(["--rate", f"{rate:g}", "--minutes", f"{minutes:g}", "--out", folder])
        report = Path(folder) / "raw.json"
        if not report.exists():
            raise RuntimeError("./scripts/load made no report")
        return figures(json.loads(report.read_text(encoding="utf-8")))


def figures(told: Mapping[str, Any]) -> dict[str, Any]:
    """Of a report's raw.json. Milliseconds are from when a message was due."""
    summary, verdict = told["summary"], told["verdict"]
    rates, latency = summary["per_second"], summary["latency_ms"]
    return {
        "asked_per_second": told["about"]["order"]["arrivals"]["rate"],
        "messages": summary["counts"]["sent"],
        "stored_per_second": rates["stored"],
        "delivered_per_second": rates["delivered"],
        "read_per_second": rates["read"],
        "stored_ms": latency["stored"],
        "read_ms": latency["read"],
        "lost": verdict["lost"],
        "doubled": verdict["twice"],
        "disordered": verdict["order"],
        "by_process_cpu_ms": told["cpu_ms_per_message"],
    }
