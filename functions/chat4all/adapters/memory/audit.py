"""The audit trail."""

from __future__ import annotations

from collections.abc import Sequence

from chat4all.access.audit import AuditRecord, month_of
from chat4all.errors import Unavailable
from chat4all.ports.audit import Place


class MemoryAuditStore:
    def __init__(self) -> None:
        self.records: list[AuditRecord] = []
        """In the order in which they came."""
        self.down = False

    def add(self, record: AuditRecord) -> None:
        if self.down:
            raise Unavailable("table")
        self.records.append(record)

    def newest(self, month: str, since: int, before: Place, limit: int) -> Sequence[AuditRecord]:
        if self.down:
            raise Unavailable("table")
        found = [
            record
            for record in self.records
            if month_of(record.at) == month
            and record.at >= since
            and (record.at, record.record_id) < before
        ]
        return sorted(found, key=lambda r: (r.at, r.record_id), reverse=True)[:limit]
