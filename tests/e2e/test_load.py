"""The load generator against the deployed stack: what it counts is what happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.local.running import Addresses
from tests.load import report
from tests.load.open_model import Arrivals
from tests.load.running import Order, run


@pytest.mark.req("RNF-001")
def test_twenty_a_second_are_all_stored_delivered_and_read(
    stack: Addresses, tmp_path: Path
) -> None:
    plan = Arrivals(rate=20, seconds=3, seed=7)

    found = run(Order("open", plan, conversations=8, warm=False), stack, tmp_path)

    figures = report.write(found, tmp_path)
    counts = figures["summary"]["counts"]
    assert counts["sent"] > 30
    assert counts["sent"] == counts["stored"] == counts["delivered"] == counts["read"]
    assert figures["findings"] == []
    assert {"emulator", "generator", "http-api"} <= figures["cpu_ms_per_message"].keys()
    assert (tmp_path / "report.html").exists()
