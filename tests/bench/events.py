"""10,000 events to three subscribers: the end-to-end test of it, and how long it took."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from tests.bench.output import show

TEST = "tests/e2e/test_ten_thousand_events.py"
EVENTS = 10_000
SUBSCRIBERS = 3


def measure() -> dict[str, float]:
    """
    Raises:
        RuntimeError: the test failed: an event was lost, or did not come in time.
    """
    with tempfile.TemporaryDirectory(prefix="chat4all-bench-") as folder:
        report = Path(folder) / "report.xml"
        timing = ["-o", "junit_duration_report=call", f"--junitxml={report}"]
        done = subprocess.run([sys.executable, "-m", "pytest", "-q", TEST, *timing], check=False)
        if done.returncode:
            raise RuntimeError(f"{TEST} failed")
        [case] = ElementTree.parse(report).iter("testcase")
    seconds = float(case.attrib["time"])
    found = {
        "events": EVENTS,
        "deliveries": EVENTS * SUBSCRIBERS,
        "seconds": seconds,
        "per_second": EVENTS * SUBSCRIBERS / seconds,
        "lost": 0,
    }
    show("10,000 events to three subscribers", found)
    return found
