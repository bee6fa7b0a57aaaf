"""A circuit breaker's state: one small item per channel, shared by all its connectors."""

from __future__ import annotations

from chat4all.adapters.dynamodb.table import Table
from chat4all.ports import BreakerState


class DynamoBreakerStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, channel: str) -> BreakerState:
        item = self._table.get(f"BREAKER#{channel}", "BREAKER")
        if item is None:
            return BreakerState()
        return BreakerState(int(item.get("failures", 0)), int(item.get("open_until", 0)))

    def fail(self, channel: str, *, open_until: int | None) -> BreakerState:
        item = self._table.update(
            f"BREAKER#{channel}",
            "BREAKER",
            "ADD failures :one" + (" SET open_until = :until" if open_until else ""),
            condition=None,
            values={":one": 1, ":until": open_until},
        )
        return BreakerState(int(item["failures"]), int(item.get("open_until", 0)))

    def reset(self, channel: str) -> None:
        self._table.update(
            f"BREAKER#{channel}",
            "BREAKER",
            "SET failures = :zero, open_until = :zero",
            condition=None,
            values={":zero": 0},
        )
