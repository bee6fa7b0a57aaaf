"""Stream records of the table, read as changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chat4all.adapters.dynamodb.items import receipts_of
from chat4all.adapters.dynamodb.table import from_wire
from chat4all.events import Event, events_of


def events_of_record(record: dict[str, Any]) -> Iterator[Event]:
    """The events of one record. Raises LookupError, TypeError or ValueError for a broken one."""
    change = record["dynamodb"]
    old = from_wire(change["OldImage"]) if "OldImage" in change else None
    new = from_wire(change["NewImage"]) if "NewImage" in change else None
    at = int(float(change["ApproximateCreationDateTime"]) * 1000)
    return events_of(old, new, at, receipts_of)
