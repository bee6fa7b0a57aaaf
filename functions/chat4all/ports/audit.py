"""Where the audit trail is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from chat4all.access.audit import AuditRecord


class Place(NamedTuple):
    """Where a record stands in the trail."""

    at: int
    """Milliseconds since 1970."""
    record_id: str


class AuditStore(Protocol):
    def add(self, record: AuditRecord) -> None: ...

    def newest(self, month: str, since: int, before: Place, limit: int) -> Sequence[AuditRecord]:
        """The records of a month (`2026-01`, UTC) from a time (ms) on that stand before a place,
        the newest first."""
        ...
