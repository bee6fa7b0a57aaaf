"""Where the audit trail is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chat4all.audit import AuditRecord


class AuditStore(Protocol):
    def add(self, record: AuditRecord) -> None: ...
