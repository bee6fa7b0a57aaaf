"""README's figures are those of docs/figures.json."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bench import __main__ as bench
from tests.bench import readme, record
from tests.bench.sections import SECTIONS
from tests.support.bench_samples import a_full_record, a_section, paths

pytestmark = pytest.mark.req("RNF-007")
TEXT = readme.TEMPLATE.read_text(encoding="utf-8")


def rows() -> Iterator[tuple[str, set[str]]]:
    """Each row's section, and the figures in it."""
    for line in TEXT.split("|---|---|---|\n")[1].splitlines():
        _, sentence, section = (cell.strip() for cell in line.strip("|").split("|"))
        named = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        yield section, named - {"note"}


def test_readme_has_what_docs_figures_json_has() -> None:
    text = readme.README.read_text(encoding="utf-8")

    as_it_should_be = readme.with_figures(text, record.load(readme.FIGURES))

    assert text == as_it_should_be, "run ./scripts/bench --readme"


def test_each_section_has_a_row() -> None:
    assert {section for section, _ in rows()} == SECTIONS.keys()


def test_each_section_with_a_row_has_been_measured() -> None:
    missing = readme.missing(record.load(readme.FIGURES))

    assert not missing, (
        f"docs/figures.json has nothing of {', '.join(missing)}: on a quiet machine, run "
        f"./scripts/bench {' '.join(f'--{name}' for name in missing)} "
        "--json docs/figures.json --readme"
    )


def test_what_readme_cannot_tell_yet_is_told_when_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = a_full_record()
    del figures["sections"]["load"]
    (tmp_path / "figures.json").write_text(json.dumps(figures))
    (tmp_path / "README.md").write_text(f"{readme.BEGIN}\n{readme.END}\n")
    monkeypatch.setattr(readme, "FIGURES", tmp_path / "figures.json")
    monkeypatch.setattr(readme, "README", tmp_path / "README.md")

    assert bench.main(["--readme"]) == 1

    assert "no row of load: run ./scripts/bench --load --json" in capsys.readouterr().err
    assert readme.render(figures) in (tmp_path / "README.md").read_text()


def test_each_place_in_a_sentence_is_a_figure_of_the_schema() -> None:
    known = {n: paths(s["figures"]) for n, s in a_full_record()["sections"].items()}

    for section, named in rows():
        assert named and named <= known[section]


def test_all_that_was_measured_is_told() -> None:
    rendered = readme.render(a_full_record())

    assert "{" not in rendered
    told = [line for line in rendered.splitlines() if line.startswith("| ")]
    assert len(told) == 1 + len(list(rows()))


def test_a_part_whose_figures_are_missing_is_left_out_and_so_is_an_empty_row() -> None:
    figures: dict[str, Any] = a_full_record(lambda: None)
    figures["sections"]["webhooks"]["figures"]["throughput"]["per_second"] = 312.4
    imports = {"import_ms": {"http_api": 361.2, "libraries": None}}
    figures["sections"]["imports"] = a_section("imports", imports)

    told = readme.render(figures).split("|---|---|---|\n")[1].splitlines()

    assert told == [
        "| posts of a replay | 312 a second | `./scripts/bench --webhooks` |",
        "| import of `http_api` | 361 ms | `./scripts/bench --imports` |",
    ]


def test_a_note_is_told_where_there_is_one() -> None:
    figures = a_full_record()
    figures["sections"]["files"]["note"] = "1.23 in another run"

    assert readme.render(figures).count("; 1.23 in another run |") == 1


def test_where_and_when_it_was_measured_is_told() -> None:
    figures = a_full_record()
    other = {"cores": 8, "arch": "arm64", "python": "3.13.1", "memory_gib": 64}
    figures["sections"]["grpc"] |= {"machine": other, "date": "2027-01-02T03:04:05Z"}

    first = readme.render(figures).splitlines()[0]

    both = "2 cores (x86_64, Python 3.11.7, 24 GiB) and 8 cores (arm64, Python 3.13.1, 64 GiB)"
    assert first.startswith(f"Measured on {both}, 2026-11-23 to 2027-01-02;")


@pytest.mark.parametrize(
    ("value", "said"),
    [(1799.4, "1,799"), (10.4, "10"), (7.26, "7.3"), (8.0, "8"), (0.9, "0.9"), (0.021, "0.02")],
)
def test_a_number_is_as_exact_as_it_is(value: float, said: str) -> None:
    assert readme.number(value) == said


def test_what_is_around_the_figures_stays() -> None:
    text = f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n"

    found = readme.with_figures(text, a_full_record())

    assert found.startswith(f"before\n{readme.BEGIN}\nMeasured on ")
    assert found.endswith(f" |\n{readme.END}\nafter\n")


def test_a_readme_without_the_places_is_left_alone() -> None:
    with pytest.raises(record.Unusable, match=r"README\.md has no lines"):
        readme.with_figures("# Chat4All", a_full_record())
