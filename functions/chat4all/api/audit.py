"""The audit trail, for administrators."""

from __future__ import annotations

from datetime import datetime

from chat4all.access.audit import Sought
from chat4all.api.views.audit import AuditPage, AuditRecordOut
from chat4all.bootstrap.access import audit, cursors
from chat4all.ports.audit import Place
from chat4all.timestamps import ms_of

LISTING = "audit"


def page(
    *,
    action: str | None = None,
    actor: str | None = None,
    target: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> AuditPage:
    """Who did what, when and from where, the newest first: not before `since`, before `until`."""
    before = None
    if cursor is not None:
        at, record_id = cursors().decode(LISTING, cursor, int, str)
        before = Place(int(at), str(record_id))
    first = 0 if since is None else ms_of(since)
    end = None if until is None else ms_of(until)
    found = audit().page(Sought(action, actor, target, first, end), before, limit)
    return AuditPage(
        items=[AuditRecordOut.of(record) for record in found.records],
        next_cursor=cursors().encode(LISTING, *found.more) if found.more else None,
    )
