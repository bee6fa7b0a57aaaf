"""Files: the large one of demonstration 5, and how soon a small one is READY."""

from __future__ import annotations

import json
import re
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from infra.local import demo_file
from infra.local.client import Api, wait_until

SMALL = 4096
FUNCTION = re.compile(r"^.* › chat4all-[^-]+-")
"""Before a function's own name: the process that it comes from, and the stack's."""
EVERY = 0.005
"""Seconds between two looks at a file that is being checked."""


def large(size: str) -> dict[str, Any]:
    """
    Raises:
        RuntimeError: a step of the demonstration did not happen.
    """
    with tempfile.TemporaryDirectory(prefix="chat4all-bench-") as folder:
        report = Path(folder) / "figures.json"
        if demo_file.main(["--size", size, "--json", str(report)]):
            raise RuntimeError("demonstration 5 failed")
        return figures(json.loads(report.read_text(encoding="utf-8")))


def figures(told: Mapping[str, Any]) -> dict[str, Any]:
    """Of what `./scripts/demo-file --json` wrote. A megabyte is a million bytes."""
    peaks: dict[str, float] = {}
    for process, peak in told["peaks"].items():
        name = FUNCTION.sub("", process)
        peaks[name] = max(peaks.get(name, 0), peak / 10**6)
    return {
        "size_mb": told["size"] / 10**6,
        "seconds": told["seconds"],
        "mb_per_second": told["size"] / told["seconds"] / 10**6,
        "boto3_seconds": told["bare_seconds"],
        "boto3_ratio": told["ratio"],
        "peak_mb": peaks,
    }


def small(api: Api, count: int) -> dict[str, float]:
    """Milliseconds from the request to complete until the API says READY, one after the other."""
    api.user("filer", "Filer")
    _ready(api)  # the first one starts the function that checks
    times = sorted(_ready(api) for _ in range(count))
    return {
        "files": count,
        "ready_p50_ms": statistics.median(times),
        "ready_p90_ms": times[int(len(times) * 0.9)],
    }


def _ready(api: Api) -> float:
    """By the service, which may ask more often than a user."""
    given = {"filename": "note.txt", "content_type": "text/plain", "size": SMALL}
    begun = api.ok("POST", "/v1/files/initiate", {**given, "user_id": "filer"})
    httpx.put(begun["upload_url"], content=b"x" * SMALL).raise_for_status()
    path = f"/v1/files/{begun['file_id']}"
    asked = time.perf_counter()
    api.ok("POST", f"{path}/complete", {})

    def ready() -> bool:
        time.sleep(EVERY)
        return bool(api.ok("GET", path)["status"] == "READY")

    wait_until(ready, "a small file to be READY")
    return (time.perf_counter() - asked) * 1000
