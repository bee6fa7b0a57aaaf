"""What is leased of callers' minutes.

RATE#kind#subject / minute  `leased`; expires when the minute has been over for another
"""

from __future__ import annotations

from chat4all.adapters.dynamodb.table import Table


class DynamoAllowanceStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def lease(self, subject: str, minute: int, wanted: int) -> int:
        """One write, whatever comes of it."""
        item = self._table.update(
            f"RATE#{subject}",
            str(minute),
            "ADD leased :wanted SET expires_at = :end",
            condition=None,
            values={":wanted": wanted, ":end": (minute + 2) * 60},
        )
        return int(item["leased"])
