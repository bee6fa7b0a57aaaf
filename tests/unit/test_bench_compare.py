"""Two files of figures side by side."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from tests.bench import __main__ as bench
from tests.bench import compare
from tests.bench.compare import Pair
from tests.support.bench_samples import MACHINE, a_record

pytestmark = pytest.mark.req("RNF-007")


def test_the_figures_that_both_have_are_compared() -> None:
    first = a_record(one={"a": {"p50_ms": 10.0, "gone_ms": 1}, "lost": 0, "b_ms": None}, two={})
    second = a_record(one={"a": {"p50_ms": 12.0, "new_ms": 1}, "lost": 2, "b_ms": 3})

    found = list(compare.pairs(first, second))

    assert found == [Pair("one.a.p50_ms", 10.0, 12.0), Pair("one.lost", 0, 2)]
    assert [pair.ratio for pair in found] == [1.2, None]
    assert compare.doubts(first, second) == ["two: only in the first"]


@pytest.mark.parametrize(
    ("first", "second", "differs"),
    [(100, 110, False), (100, 120, True), (100, 80, True), (0, 0, False), (0, 1, True)],
)
def test_a_small_difference_is_noise(first: float, second: float, differs: bool) -> None:
    assert Pair("a_ms", first, second).differs is differs


def test_other_machines_and_quick_runs_are_told() -> None:
    first, second = (a_record(one={"a_ms": 1}, two={"a_ms": 1}) for _ in range(2))
    second["sections"]["one"]["machine"] = {**MACHINE, "cores": 8}
    second["sections"]["two"]["quick"] = True
    second["sections"]["three"] = second["sections"]["one"]

    doubts = compare.doubts(first, second)

    assert [doubt.split(":")[0] for doubt in doubts] == ["one", "two", "three"]
    assert "8 cores" in doubts[0] and "--quick" in doubts[1] and "second" in doubts[2]


def test_a_comparison_is_shown_and_measures_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(bench, "out", Console(file=shown, width=110))
    files = [str(tmp_path / name) for name in ("a.json", "b.json")]
    for file, rate in zip(files, (200, 150), strict=True):
        Path(file).write_text(json.dumps(a_record(one={"per_second": rate})))

    assert bench.main(["--compare", *files]) == 0

    assert "one.per_second" in shown.getvalue() and "0.75" in shown.getvalue()
    assert "noise" in shown.getvalue()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--compare", "a.json", "b.json", "--all"], "without --all"),
        (["--compare", "a.json", "b.json", "--json", "c.json"], "without --json"),
        (["--plot", "workers.png"], "add --workers"),
        (["--plot", "workers.png", "--grpc"], "add --workers"),
        (["--cost", "--readme"], "add --json docs/figures.json"),
        (["--all", "--json", "mine.json", "--readme"], "add --json docs/figures.json"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        bench.main(options)

    assert said in capsys.readouterr().err


@pytest.mark.parametrize("lost", ["sections", "machine", "quick"])
def test_a_file_without_what_each_has_is_named(
    lost: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = a_record(one={"per_second": 1})
    (tmp_path / "a.json").write_text(json.dumps(record))
    del (record if lost == "sections" else record["sections"]["one"])[lost]
    (tmp_path / "b.json").write_text(json.dumps(record))

    assert bench.main(["--compare", str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 1

    told = capsys.readouterr().err
    assert "b.json is no file of figures" in told and f"'{lost}' is a required" in told


def test_a_file_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main(["--compare", str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 1

    assert "a.json" in capsys.readouterr().err
