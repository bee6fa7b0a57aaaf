"""Files of figures as tests/bench/schema.json wants them, with whatever numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from tests.bench import record
from tests.bench.record import FORMAT, SCHEMA

Number = Callable[[], float | None]
MACHINE = {"cores": 2, "arch": "x86_64", "python": "3.11.7", "memory_gib": 24}
ABOUT = {"date": "2026-11-23T18:00:00Z", "machine": MACHINE, "quick": False}
NAMES = {
    "import_ms": ("libraries", "http_api"),
    "peak_mb": ("upload", "http_api", "fetch_media"),
    "by_operation_calls": ("sqs_sendmessage",),
    "by_part_cpu_ms": ("emulator",),
    "by_part_aws_calls": ("route_message_sqs_receivemessage",),
    "by_part_invocations": ("route_message",),
    "by_process_cpu_ms": ("emulator",),
    "by_service_dollars_per_million": ("sqs",),
}
"""Groups whose names the schema leaves open: some of those that they have."""


def a_record(**sections: Mapping[str, Any]) -> dict[str, Any]:
    """With these figures by section."""
    found = {name: a_section(name, figures) for name, figures in sections.items()}
    return {"schema": FORMAT, "version": "0.1.0", **ABOUT, "sections": found}


def a_section(name: str, figures: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {**ABOUT, "source": f"./scripts/bench --{name}", "figures": figures, **more}


def a_full_record(number: Number | None = None) -> dict[str, Any]:
    """Every section and figure that the schema names; 1, 2, 3 … unless told."""
    numbers = count(1)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    given = number or (lambda: next(numbers))
    return a_record(**{n: _figures(schema, given, n) for n in sections(schema)})


def sections(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schemas of those that it names, by their name."""
    found: Mapping[str, Any] = schema["properties"]["sections"]["properties"]
    return found


def _figures(schema: Mapping[str, Any], number: Number, name: str) -> Any:
    of_figures = sections(schema)[name]["allOf"][1]["properties"]["figures"]
    return _fill(schema, of_figures, number, "")


def _fill(schema: Mapping[str, Any], part: Mapping[str, Any], number: Number, name: str) -> Any:
    if "$ref" in part:
        definition = part["$ref"].rpartition("/")[2]
        if definition == "number":
            return number()
        return _fill(schema, schema["$defs"][definition], number, name)
    if "properties" in part:
        return {n: _fill(schema, p, number, n) for n, p in part["properties"].items()}
    if name == "by_layer_percent":
        return {"workers": {layer: number() for layer in ("our_code", "botocore")}}
    return {each: number() for each in NAMES[name]}


def paths(figures: Mapping[str, Any]) -> set[str]:
    return {path for path, _ in record.flat(figures)}
