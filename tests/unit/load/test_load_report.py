"""The report, made of a run that never happened."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.fault.checker import Finding, Kind
from tests.load import report
from tests.load.open_model import Arrivals
from tests.load.running import Order, Run
from tests.load.sampling import busy
from tests.load.tally import Journey

pytestmark = pytest.mark.req("RNF-001")
BEGUN = 1_760_000_000.0


def a_sample(second: int, inbound: int, emulator: int) -> dict[str, Any]:
    return {
        "time": BEGUN + second,
        "queues": {"inbound": inbound, "callbacks": 0},
        "cpu_ms": {"emulator": emulator, "http-api": 100 * second},
    }


def a_run(**changes: Any) -> Run:
    found = [
        Journey(
            f"m-{n}", "c-1", due=n / 10, sent=n / 10, stored=n / 10 + 0.02, provider=n / 10 + 0.1,
            delivered=n / 10 + 0.2, read=n / 10 + 0.3,
        )
        for n in range(29)
    ]  # fmt: skip
    found.append(Journey("m-29", "c-1", due=2.9, sent=2.9, refused=3.0))
    values: dict[str, Any] = {
        "order": Order("open", Arrivals(rate=10, seconds=3)),
        "begun": BEGUN,
        "found": found,
        "samples": [a_sample(0, 0, 0), a_sample(1, 7, 500), a_sample(2, 3, 900)],
        "findings": [],
        "not_stored": {"429 rate_limited": 1},
        "busy": 4,
        "dead": 0,
    }
    return Run(**values | changes)


def test_the_page_is_whole_in_itself(tmp_path: Path) -> None:
    report.write(a_run(), tmp_path)

    page = (tmp_path / "report.html").read_text()
    assert page.count("data:image/png;base64,") == len(report.PLOTS)
    assert not re.findall(r'(?:src|href)="(?!data:)', page)
    assert "Nothing lost, doubled or out of order." in page
    for name in report.PLOTS:
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_what_was_found_wrong_is_on_the_page_and_escaped(tmp_path: Path) -> None:
    wrong = Finding(Kind.LOST, "c-1", "<m-1>", "accepted")

    figures = report.write(a_run(findings=[wrong]), tmp_path)

    page = (tmp_path / "report.html").read_text()
    assert "1 lost." in page
    assert "&lt;m-1&gt;" in page
    assert figures["verdict"]["lost"] == 1


def test_a_run_that_could_not_be_judged_says_so(tmp_path: Path) -> None:
    figures = report.write(a_run(findings=None, dead=None, queued=3), tmp_path)

    page = (tmp_path / "report.html").read_text()
    assert "Not judged" in page
    assert "Nothing lost" not in page
    assert (figures["judged"], figures["still_queued"]) == (False, 3)


def test_the_raw_numbers_say_what_the_page_says(tmp_path: Path) -> None:
    figures = report.write(a_run(), tmp_path)

    raw = json.loads((tmp_path / "raw.json").read_text())
    assert {name: raw[name] for name in figures} == json.loads(json.dumps(figures))
    assert len(raw["messages"]) == 30
    assert raw["summary"]["counts"]["read"] == 29
    assert raw["summary"]["latency_ms"]["read"]["p50"] == pytest.approx(300)
    assert raw["deepest"] == {"inbound": 7}
    assert raw["cpu_ms_per_message"]["emulator"] == 30.0
    assert raw["not_stored"] == {"429 rate_limited": 1}


def test_each_second_of_the_csv_has_its_messages_and_its_sample(tmp_path: Path) -> None:
    report.write(a_run(), tmp_path)

    with (tmp_path / "samples.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["sent"] for row in rows] == ["10", "10", "10", "0"]
    assert [row["queue inbound"] for row in rows] == ["0", "7", "3", ""]
    assert [row["cpu emulator"] for row in rows] == ["", "0.5", "0.4", ""]


def test_a_run_that_was_stopped_at_once_has_a_report_too(tmp_path: Path) -> None:
    figures = report.write(a_run(found=[], samples=[], not_stored={}, stopped=True), tmp_path)

    assert "Stopped before its time." in (tmp_path / "report.html").read_text()
    assert figures["summary"]["counts"]["sent"] == 0
    assert figures["seconds"] == []


def test_a_worker_that_ended_took_no_time_back() -> None:
    before, after = a_sample(0, 0, 900), a_sample(1, 0, 400)

    [shares] = busy([before, after])

    assert shares == {"emulator": 0.0, "http-api": 0.1}
