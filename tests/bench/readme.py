"""README's figures: docs/figures.json put into the sentences of readme_figures.md.

There a row ends in its section, whose command takes that place. In braces is a figure's path within
the section, or `note`. A part of a sentence, up to the next semicolon, is left out if its figures
were not measured, and a row of which nothing is left.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench import record

REPO = Path(__file__).parents[2]
README = REPO / "README.md"
FIGURES = REPO / "docs/figures.json"
TEMPLATE = Path(__file__).with_name("readme_figures.md")
BEGIN = "<!-- written by ./scripts/bench --readme from tests/bench/readme_figures.md -->"
END = "<!-- end of the figures -->"


class NotMeasured(Exception):
    """A sentence has a place for a figure that the file does not have."""


class Sentence(string.Formatter):
    """Formats a figure as `number` does; with `:ratio` or `:dollars` it has two decimals."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        value = kwargs.get(field_name)
        if value is None:
            raise NotMeasured(field_name)
        return value, field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, str):
            return value
        if format_spec == "ratio":
            return f"{value:.2f}"
        return f"${value:.2f}" if format_spec == "dollars" else number(value)


def number(value: float) -> str:
    """Without decimals from 10 on, with one below, with two far below."""
    if value == int(value) or abs(value) >= 10:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 0.1 else f"{value:.2f}"


def write() -> list[str]:
    """What README cannot tell yet, for a person to read."""
    text, figures = README.read_text(encoding="utf-8"), record.load(FIGURES)
    README.write_text(with_figures(text, figures), encoding="utf-8")
    return [
        f"README.md has no row of {name}: "
        f"run ./scripts/bench --{name} --json docs/figures.json --readme"
        for name in missing(figures)
    ]


def missing(figures: Mapping[str, Any]) -> list[str]:
    """The sections that README has a row for, and the file has no figures of."""
    rows = dict.fromkeys(_cells(line)[2] for line in _lines()[1])
    return [name for name in rows if name not in figures["sections"]]


def with_figures(text: str, figures: Mapping[str, Any]) -> str:
    """README as it has to be.

    Raises:
        Unusable: it does not say where the figures begin and end.
    """
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begun and ended):
        raise record.Unusable(f"README.md has no lines {BEGIN} and {END}")
    return f"{before}{begun}\n{render(figures)}\n{ended}{after}"


def render(figures: Mapping[str, Any]) -> str:
    """What stands between README's markers."""
    first, rows = _lines()
    about = Sentence().vformat("\n".join(first), (), _about(figures["sections"]))
    told = (_row(line, figures["sections"]) for line in rows)
    return "\n".join([about, *filter(None, told)])


def _lines() -> tuple[list[str], list[str]]:
    """The template's, down to the table's head; and the rows."""
    lines = TEMPLATE.read_text(encoding="utf-8").splitlines()
    rows = lines.index("|---|---|---|") + 1
    return lines[:rows], lines[rows:]


def _cells(line: str) -> list[str]:
    """What is told, the sentence and the section."""
    return [cell.strip() for cell in line.strip("|").split("|")]


def _about(sections: Mapping[str, Any]) -> dict[str, str]:
    machines = dict.fromkeys(record.of_machine(section["machine"]) for section in sections.values())
    days = sorted({section["date"][:10] for section in sections.values()})
    return {
        "machines": " and ".join(machines),
        "days": " to ".join(dict.fromkeys((days[0], days[-1]))),
    }


def _row(line: str, sections: Mapping[str, Any]) -> str:
    """Empty if nothing of it was measured."""
    what, sentence, name = _cells(line)
    if name not in sections:
        return ""
    section = sections[name]
    figures = {**dict(record.flat(section["figures"])), "note": section.get("note")}
    said = "; ".join(filter(None, (_part(part, figures) for part in sentence.split("; "))))
    return f"| {what} | {said} | `{section['source']}` |" if said else ""


def _part(part: str, figures: Mapping[str, Any]) -> str:
    try:
        return Sentence().vformat(part, (), figures)
    except NotMeasured:
        return ""
