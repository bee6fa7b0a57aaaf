"""The file of figures: what `./scripts/bench --json` writes, and what the schema holds it to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.bench import record
from tests.bench.readme import FIGURES
from tests.bench.sections import SECTIONS
from tests.support import bench_samples
from tests.support.bench_samples import a_full_record, a_record

pytestmark = pytest.mark.req("RNF-007")
SCHEMA = json.loads(record.SCHEMA.read_text(encoding="utf-8"))


def save(path: Path, section: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    return record.save(path, section, figures, source="./scripts/bench", quick=False)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_what_is_recorded_keeps_to_the_schema() -> None:
    assert record.faults(record.load(FIGURES)) == []


def test_a_section_that_the_schema_names_can_be_measured() -> None:
    assert bench_samples.sections(SCHEMA).keys() <= SECTIONS.keys()


def test_what_a_message_costs_is_what_was_recorded() -> None:
    """Counted, so it can be held to; but for the log's pages: another zlib may press them into
    a write unit more or less."""
    from tests.bench.costs import measure

    counted = dict(record.flat(record.stable(measure())))
    recorded = dict(record.flat(record.load(FIGURES)["sections"]["cost"]["figures"]))

    assert counted.keys() == recorded.keys()
    for path, number in recorded.items():
        near = pytest.approx(number, rel=0.15 if "events_dollars" in path else 0)
        assert counted[path] == near, f"{path}: run ./scripts/bench --cost --json docs/figures.json"


def test_names_in_the_file_are_words_with_underscores() -> None:
    shown = {"20/s": {"lost": 0}, "1 at once": 1, "Events.Subscribe": None, "batch 25": 2.34567}

    assert record.stable(shown) == {
        "20_a_second": {"lost": 0},
        "1_at_once": 1,
        "events_subscribe": None,
        "batch_25": 2.346,
    }


def test_a_section_replaces_itself_and_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    save(path, "one", {"a_ms": 1})
    save(path, "two", {"b_ms": 2})

    save(path, "one", {"c_ms": 3})

    sections = record.load(path)["sections"]
    assert {name: section["figures"] for name, section in sections.items()} == {
        "one": {"c_ms": 3},
        "two": {"b_ms": 2},
    }
    assert record.faults(record.load(path)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"schema": "chat4all-bench/2", "sections": {}}',
        '{"schema": "chat4all-bench/1"}',
        json.dumps({**a_record(), "sections": {"one": {"figures": {}}}}),
        json.dumps(a_record(one={"a_ms": "3"})),
    ],
)
def test_what_is_no_file_of_figures_is_left_as_it_is(text: str, tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    path.write_text(text)

    with pytest.raises(record.Unusable, match=r"notes\.json"):
        save(path, "one", {"a_ms": 1})

    assert path.read_text() == text


def test_a_file_from_before_a_figure_was_renamed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    path.write_text(json.dumps(a_record(webhooks={"old_name": {"p99_ms": 3}, "speed": 1})))

    assert record.faults(record.load(path))


def test_what_is_no_figure_is_not_put_into_the_file(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    save(path, "one", {"a_ms": 1})

    with pytest.raises(record.Unusable, match="b_ms"):
        save(path, "two", {"b_ms": "quick"})

    assert list(record.load(path)["sections"]) == ["one"]


@pytest.mark.parametrize(
    "figures",
    [
        {"speed": 3},
        {"Speed_ms": 3},
        {"speed_ms": "3"},
        {"speed_ms": [3]},
        {"group": {"speed": 3}},
    ],
)
def test_a_figure_is_a_number_whose_name_ends_in_its_unit(figures: Mapping[str, Any]) -> None:
    assert (
        record.faults(a_record(another={"speed_ms": 3, "of": {"cpu_ms": {"router": None}}})) == []
    )

    assert record.faults(a_record(another=figures))


def test_each_figure_of_a_known_section_is_there_and_no_other() -> None:
    assert record.faults(a_full_record()) == []
    assert record.faults(a_full_record(lambda: None)) == []

    for section in bench_samples.sections(SCHEMA):
        without, more = a_full_record(), a_full_record()
        without["sections"][section]["figures"].popitem()
        more["sections"][section]["figures"]["another_ms"] = 1

        assert record.faults(without) and record.faults(more), section
