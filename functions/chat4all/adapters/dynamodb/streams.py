"""Stream records of the table, read as changes.

This runs for every change: images are read by hand, and receipts without pydantic's checks. What
does not fit still raises.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chat4all.adapters.dynamodb.table import Item, from_wire
from chat4all.events import Event, event_id, events_of
from chat4all.receipts import Failure, Mark, Planned, Receipts

_MARKS = {str(mark): mark for mark in Mark}
_PLANNED = {n: f.default for n, f in Planned.model_fields.items() if not f.is_required()}


def events_of_record(record: dict[str, Any]) -> list[Event]:
    """The events of one record. Raises LookupError, TypeError or ValueError for a broken one."""
    change = record["dynamodb"]
    old = _image(change["OldImage"]) if "OldImage" in change else None
    new = _image(change["NewImage"]) if "NewImage" in change else None
    at = int(float(change["ApproximateCreationDateTime"]) * 1000)
    told = str(change.get("SequenceNumber") or record.get("eventID") or "")
    return list(events_of(old, new, at, receipts_of, told))


def cause_of_record(record: dict[str, Any]) -> tuple[str | None, dict[str, int]]:
    """The client's trace of the message that a record is about, and by event the delivery which it
    tells of."""
    change = record["dynamodb"]
    new, old = change.get("NewImage") or {}, change.get("OldImage") or {}
    if new.get("sk") != {"S": "RECEIPTS"}:
        return None, {}
    at = int(float(change["ApproximateCreationDateTime"]) * 1000)
    message_id = new["pk"]["S"].removeprefix("MSG#")
    indices: dict[str, int] = {}
    for name in new.keys() - old.keys():
        mark, marked, index = name.partition("#")
        if marked and mark in _MARKS:
            indices[event_id(at, f"message.{mark}", message_id, index)] = int(index)
    return new.get("trace", {}).get("S"), indices


def for_dead_letters(record: dict[str, Any]) -> dict[str, Any]:
    """The record without what signs webhooks: people look at dead letters."""
    change = {
        name: {k: v for k, v in part.items() if k != "secrets"} if isinstance(part, dict) else part
        for name, part in record.get("dynamodb", {}).items()
    }
    return {**record, "dynamodb": change}


def _image(wire: Mapping[str, Mapping[str, Any]]) -> Item:
    return {name: _value(value) for name, value in wire.items()}


def _value(wire: Mapping[str, Any]) -> Any:
    """Nearly all are texts and whole numbers."""
    if "S" in wire:
        return wire["S"]
    if "N" in wire and wire["N"].isdigit():
        return int(wire["N"])
    return from_wire({"value": wire})["value"]


def receipts_of(item: Mapping[str, Any]) -> Receipts:
    """As `items.receipts_of`, without checks and without what makes no event."""
    times: dict[tuple[int, Mark], int] = {}
    failures: dict[int, Failure] = {}
    for name, value in item.items():
        what, marked, index = name.partition("#")
        if not marked:
            continue
        if what in _MARKS:
            times[int(index), _MARKS[what]] = int(value)
        elif what == "failure":
            failures[int(index)] = Failure.model_validate_json(value)
    return Receipts.model_construct(
        message_id=item["pk"].removeprefix("MSG#"),
        conversation_id=item["gsi1pk"].removeprefix("CONV#"),
        seq=int(item["gsi1sk"]),
        sender=item["sender"],
        origin=item.get("origin"),
        sequenced_at=int(item["sequenced_at"]),
        accepted_at=None if (at := item.get("accepted_at")) is None else int(at),
        plan=tuple(_planned(planned) for planned in json.loads(item["plan"])),
        times=times,
        failures=failures,
        parts={},
        trace=item.get("trace"),
    )


def _planned(given: Mapping[str, Any]) -> Planned:
    """With each field: pydantic takes its time to find a default."""
    return Planned.model_construct(**{**_PLANNED, **given})
