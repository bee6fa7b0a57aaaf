"""The file of figures: sections side by side, each with when, where and by what it was measured.

docs/benchmarks.md describes it, tests/bench/schema.json holds it to that description.
"""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from chat4all.version import VERSION

FORMAT = "chat4all-bench/1"
SCHEMA = Path(__file__).with_name("schema.json")

Number = float | int | None


class Unusable(Exception):
    """A file of figures that cannot be read, or has another form."""


def save(
    path: Path, section: str, found: Mapping[str, Any], *, source: str, quick: bool
) -> dict[str, Any]:
    """Put one section into the file, in the place of what it had there; the others stay.

    Raises:
        Unusable: what is there is no file of figures, or what was found are none. The file is
            left as it is.
    """
    check_place(path)
    record = load(path) if path.exists() else {"sections": {}}
    sections = record["sections"]
    about = {"date": _now(), "machine": machine(), "quick": quick}
    sections[section] = {**about, "source": source, "figures": stable(found)}
    record = {"schema": FORMAT, "version": VERSION, **about, "sections": sections}
    _check_form(path, record)
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)
    return record


def check_place(path: Path) -> None:
    """
    Raises:
        Unusable: no file can be written there, or the one that is there is no file of figures.
    """
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise Unusable(f"{path}: its folder is not there, or may not be written to")
    if path.exists():
        load(path)


def load(path: Path) -> dict[str, Any]:
    """A file whose sections have all that the schema asks of any section. Which figures a section
    has is left to `faults`: a file from before a change can be read.

    Raises:
        Unusable: it is not there, no JSON, or of another form.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unusable(f"{path}: {error}") from error
    if not isinstance(record, dict) or record.get("schema") != FORMAT:
        raise Unusable(f"{path} is no file of figures: its schema is not {FORMAT}")
    _check_form(path, record)
    return record


def _check_form(path: Path, record: Mapping[str, Any]) -> None:
    if found := _faults(_any_names(_schema()), record):
        raise Unusable(f"{path} is no file of figures: {found[0]}")


def faults(record: Mapping[str, Any]) -> list[str]:
    """Where it differs from the schema, for a person to read."""
    return _faults(_schema(), record)


def _faults(schema: Mapping[str, Any], record: Mapping[str, Any]) -> list[str]:
    errors = Draft202012Validator(schema).iter_errors(record)
    return [f"{error.json_path}: {error.message}" for error in errors]


def _schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return found


def _any_names(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with sections and figures of whatever name: numbers, and groups of them."""
    tree = {"type": ["object", "number", "null"], "additionalProperties": {"$ref": "#/$defs/tree"}}
    section = {"$ref": "#/$defs/section"}
    sections = {"type": "object", "additionalProperties": section}
    return {
        **schema,
        "properties": {**schema["properties"], "sections": sections},
        "$defs": {**schema["$defs"], "figures": {**tree, "type": "object"}, "tree": tree},
    }


def stable(found: Mapping[str, Any]) -> dict[str, Any]:
    """With names as the file has them: what is shown as `20/s` is `20_a_second` there.

    Three decimals are more than a measurement has.
    """
    return {_name(name): _value(value) for name, value in found.items()}


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return stable(value)
    return round(value, 3) if isinstance(value, float) else value


def _name(shown: object) -> str:
    name = re.sub(r"/s\b", " a second", str(shown).lower())
    return re.sub(r"[^a-z0-9]+", "_", name).strip("_")


def flat(figures: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Number]]:
    """Each figure with its path, such as `accept.8_connections.ours.p50_ms`."""
    for name, value in figures.items():
        path = f"{before}{name}"
        if isinstance(value, Mapping):
            yield from flat(value, f"{path}.")
        else:
            yield path, value


def machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "arch": platform.machine(),
        "python": platform.python_version(),
        "memory_gib": round(memory / 2**30),
    }


def of_machine(about: Mapping[str, Any]) -> str:
    return (
        f"{about['cores']} cores ({about['arch']}, Python {about['python']}, "
        f"{about['memory_gib']} GiB)"
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
