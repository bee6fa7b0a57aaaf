"""The audit trail, for administrators."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AwareDatetime

from chat4all.api import audit
from chat4all.api.views.audit import AuditPage
from http_api.requests import CursorQuery, Limit

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
    return audit.page(
        action=action,
        actor=actor,
        target=target,
        since=since,
        until=until,
        limit=limit,
        cursor=cursor,
    )
