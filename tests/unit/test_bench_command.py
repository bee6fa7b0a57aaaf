"""`./scripts/bench`: what it measures, keeps, refuses and complains of."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.bench import __main__ as bench
from tests.bench import readme, record
from tests.bench.readme import FIGURES
from tests.bench.sections import SECTIONS, Section

pytestmark = pytest.mark.req("RNF-007")


def measuring(
    figures: Mapping[str, Any], options: list[Namespace], *, shortened: bool = True
) -> Section:
    def measure(given: Namespace) -> dict[str, Any]:
        options.append(given)
        return dict(figures)

    return Section("made up", measure, shortened=shortened)


def test_what_is_asked_for_is_measured_and_put_into_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Namespace] = []
    monkeypatch.setitem(SECTIONS, "one", measuring({"20/s": {"lost": 0}}, asked))
    monkeypatch.setitem(SECTIONS, "two", measuring({"a_ms": 1}, asked))

    assert bench.main(["--one", "--quick", "--json", str(tmp_path / "f.json")]) == 0

    found = record.load(tmp_path / "f.json")
    assert [options.quick for options in asked] == [True]
    assert list(found["sections"]) == ["one"]
    assert found["sections"]["one"]["source"] == "./scripts/bench --one --quick"
    assert found["sections"]["one"]["figures"] == {"20_a_second": {"lost": 0}}


def test_a_section_that_is_never_shorter_is_not_called_quick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SECTIONS, "one", measuring({"a_ms": 1}, [], shortened=False))

    bench.main(["--one", "--quick", "--json", str(tmp_path / "f.json")])

    section = record.load(tmp_path / "f.json")["sections"]["one"]
    assert (section["quick"], section["source"]) == (False, "./scripts/bench --one")


def test_a_name_without_a_unit_is_kept_and_complained_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(SECTIONS, "one", measuring({"speed": 1}, []))

    assert bench.main(["--one", "--json", str(tmp_path / "f.json")]) == 1

    assert "$.sections.one.figures.speed" in capsys.readouterr().err
    assert record.load(tmp_path / "f.json")["sections"]["one"]["figures"] == {"speed": 1}


@pytest.mark.parametrize(
    "error", [AssertionError("waited 60 s"), KeyError("p99"), OSError("no route")]
)
def test_a_section_that_fails_is_told_of_and_costs_only_itself(
    error: Exception,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(options: Namespace) -> dict[str, Any]:
        raise error

    monkeypatch.setitem(SECTIONS, "one", Section("made up", fail))
    monkeypatch.setitem(SECTIONS, "two", measuring({"a_ms": 1}, []))

    assert bench.main(["--one", "--two", "--json", str(tmp_path / "f.json")]) == 1

    told = capsys.readouterr().err
    assert f"one: {error}" in told and "in fail\n    raise error" in told
    assert list(record.load(tmp_path / "f.json")["sections"]) == ["two"]


def test_another_file_is_refused_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Namespace] = []
    monkeypatch.setitem(SECTIONS, "one", measuring({}, asked))
    (tmp_path / "f.json").write_text("{}")

    assert bench.main(["--one", "--json", str(tmp_path / "f.json")]) == 1

    assert asked == []
    assert "no file of figures" in capsys.readouterr().err


def test_all_may_be_measured_kept_and_told_by_one_command() -> None:
    options = bench.understood(["--all", "--json", str(FIGURES), "--readme", "--plot", "w.png"])

    assert bench.chosen(options) == list(SECTIONS)


def test_what_failed_is_told_also_when_readme_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(options: Namespace) -> dict[str, Any]:
        raise RuntimeError("no stack")

    monkeypatch.setitem(SECTIONS, "one", Section("made up", fail))
    monkeypatch.setattr(readme, "FIGURES", tmp_path / "figures.json")

    assert bench.main(["--one", "--json", str(readme.FIGURES), "--readme"]) == 1

    told = capsys.readouterr().err
    assert "one: no stack" in told and "figures.json: [Errno 2]" in told


def test_a_folder_that_is_not_there_is_refused_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Namespace] = []
    monkeypatch.setitem(SECTIONS, "one", measuring({}, asked))

    assert bench.main(["--one", "--json", str(tmp_path / "nowhere" / "f.json")]) == 1

    assert asked == []
    assert "its folder is not there" in capsys.readouterr().err


def test_without_a_section_the_messages_are_measured() -> None:
    chosen = [bench.chosen(bench.parser().parse_args(a)) for a in ([], ["--readme"], ["--all"])]

    assert chosen == [["imports", "messages", "cost"], [], list(SECTIONS)]
