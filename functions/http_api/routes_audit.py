"""The audit trail, for administrators."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AwareDatetime

from chat4all.access.audit import Sought
from chat4all.bootstrap.access import audit, cursors
from chat4all.ports.audit import Place
from http_api.audit_views import AuditPage, AuditRecordOut
from http_api.requests import CursorQuery, Limit

LISTING = "audit"
router = Router()
Words = Annotated[str | None, Query(min_length=1, max_length=128)]


@router.get(
    "/v1/audit",
    tags=["operations"],
    summary="Who did what, when and from where, the newest first",
)
def list_audit(
    action: Words = None,
    actor: Words = None,
    target: Words = None,
    since: Annotated[AwareDatetime | None, Query(description="Not earlier.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Only earlier ones.")] = None,
    limit: Limit = 50,
    cursor: CursorQuery = None,
) -> AuditPage:
    before = None
    if cursor is not None:
        at, record_id = cursors().decode(LISTING, cursor, int, str)
        before = Place(int(at), str(record_id))
    sought = Sought(action, actor, target, _ms(since) or 0, _ms(until))
    page = audit().page(sought, before, limit)
    return AuditPage(
        items=[AuditRecordOut.of(record) for record in page.records],
        next_cursor=cursors().encode(LISTING, *page.more) if page.more else None,
    )


def _ms(moment: AwareDatetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)
