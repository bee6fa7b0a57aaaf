"""How the benchmark's figures are made of what was measured."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.bench import chain, events, faults, files, load, messages, record, sections
from tests.bench.front import ratios
from tests.bench.generator import Result
from tests.fault.report import BEGIN, COLUMNS, END
from tests.support.bench_samples import a_record

pytestmark = pytest.mark.req("RNF-007")
SCHEMA = json.loads(record.SCHEMA.read_text(encoding="utf-8"))
QUICK = Namespace(quick=True)


def keeps_to_the_schema(section: str, figures: dict[str, Any]) -> bool:
    return record.faults(a_record(**{section: record.stable(figures)})) == []


def test_the_chains_runs_are_medians_and_their_ends() -> None:
    runs = [chain.ChainResult(100, 1, seconds, [5, 7]) for seconds in (4.0, 1.0, 2.0)]

    figures = messages.chain_figures(runs)

    assert figures["to_read_per_second"] == 50
    assert figures["lowest_to_read_per_second"] == 25
    assert figures["highest_to_read_per_second"] == 100
    assert (figures["messages"], figures["to_provider_p99_ms"]) == (100, 7)
    assert figures.keys() == SCHEMA["$defs"]["chain"]["properties"].keys()


def test_ratios_are_of_medians_and_of_single_turns() -> None:
    ours = [Result([1.0], seconds) for seconds in (1, 2, 4)]
    others = [Result([1.0], seconds) for seconds in (1, 1, 1)]

    assert ratios(ours, others) == {"ratio": 0.5, "lowest_ratio": 0.25, "highest_ratio": 1.0}


def test_a_large_files_peaks_are_by_function() -> None:
    peaks = {"upload": 8e7, "emulator › chat4all-local-http-api": 9e7, "emulator": 7e7}
    told = {"size": 10**9, "seconds": 4, "bare_seconds": 6, "ratio": 1.5, "peaks": peaks}

    figures = record.stable(files.figures(told))

    assert figures["mb_per_second"] == 250
    assert figures["peak_mb"] == {"upload": 80, "http_api": 90, "emulator": 70}


def a_load_report() -> dict[str, Any]:
    """As tests/load/report.py writes it to raw.json, with what is of no use here left out."""
    took = {"p50": 21.5, "p90": 40.0, "p99": 80.25}
    return {
        "about": {"order": {"arrivals": {"rate": 20.0}}},
        "summary": {
            "counts": {"sent": 300},
            "per_second": {"sent": 20.1, "stored": 20.0, "delivered": 19.5, "read": 19.0},
            "latency_ms": {"stored": took, "provider": took, "read": took},
        },
        "verdict": {"lost": 0, "twice": 1, "order": 2},
        "cpu_ms_per_message": {"emulator": 5.5},
    }


def test_a_load_reports_figures() -> None:
    figures = load.figures(a_load_report())

    assert keeps_to_the_schema("load", figures)
    assert (figures["asked_per_second"], figures["read_per_second"]) == (20, 19)
    assert (figures["lost"], figures["doubled"], figures["disordered"]) == (0, 1, 2)
    assert figures["stored_ms"]["p99"] == 80.25


def a_page(*recoveries: str) -> str:
    numbers = (10, 1, 8, 1, 0, 0, 1, 2, 0, 5)
    rows = [COLUMNS, ["---"] * len(COLUMNS)]
    rows += [["a kill", *map(str, numbers), recovery] for recovery in recoveries]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"# Faults\n\n| | |\n{BEGIN}\n20 messages.\n\n{table}\n{END}\n| x | y |\n"


def test_the_table_of_faults_is_added_up() -> None:
    figures = faults.figures(a_page("3", "12"))

    assert keeps_to_the_schema("faults", figures)
    assert figures == {
        "scenarios": 2,
        "messages": 20,
        "lost": 0,
        "doubled": 2,
        "disordered": 4,
        "longest_recovery_seconds": 12,
    }
    assert faults.figures(a_page("3", "never"))["longest_recovery_seconds"] is None


@pytest.mark.parametrize("page", ["", f"{BEGIN}\n{END}", f"{BEGIN}\n| a | b |\n{END}"])
def test_a_page_without_the_table_is_none(page: str) -> None:
    with pytest.raises(RuntimeError, match=r"scripts/fault --report"):
        faults.figures(page)


def test_shares_have_their_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {
        "messages": 400,
        "to_read_per_second": 100.0,
        "accept_per_second": 500.0,
        "cpu_ms": {"emulator": 4.0, "route-message": 1.5},
        "aws_calls": {"route-message sqs.ReceiveMessage": 0.2},
        "invocations": {"route-message": 0.1},
        "layers": {"workers": {"our code": 12.0, "botocore": 60.0}, "emulator": {}},
    }

    @contextmanager
    def no_stack() -> Iterator[tuple[None, None]]:
        yield None, None

    monkeypatch.setattr(sections, "a_stack", no_stack)
    monkeypatch.setattr(sections.shares, "measure", lambda *_: dict(found))

    figures = sections.time_shares(QUICK)

    assert keeps_to_the_schema("shares", figures)
    assert (figures["cpu_ms"], figures["aws_calls"], figures["invocations"]) == (5.5, 0.2, 0.1)
    assert figures["by_layer_percent"]["workers"]["our code"] == 12


def test_the_run_of_ten_thousand_events_is_timed_by_pytest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    test = tmp_path / "test_something.py"
    test.write_text("import time\n\ndef test_it():\n    time.sleep(0.2)\n")
    monkeypatch.setattr(events, "TEST", str(test))

    figures = events.measure()

    assert keeps_to_the_schema("events", figures)
    assert 0.2 <= figures["seconds"] < 10


def test_a_run_that_failed_has_no_figures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "test_something.py").write_text("def test_it():\n    assert False\n")
    monkeypatch.setattr(events, "TEST", str(tmp_path / "test_something.py"))

    with pytest.raises(RuntimeError, match="failed"):
        events.measure()
