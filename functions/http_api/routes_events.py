"""The log of events."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AwareDatetime

from chat4all.api import events
from chat4all.api.views.events import EventPage
from chat4all.events.cursor import MAX_LENGTH
from chat4all.ids import ConversationId
from http_api.requests import Limit, caller

router = Router()


@router.get("/v1/events", tags=["events"], summary="What happened, for those who missed something")
def list_events(
    after: Annotated[str | None, Query(max_length=MAX_LENGTH)] = None,
    since: Annotated[
        AwareDatetime | None, Query(description="Only later ones; without effect beside `after`.")
    ] = None,
    types: Annotated[
        str | None, Query(max_length=1024, description="Only these, separated by commas.")
    ] = None,
    conversation_id: Annotated[ConversationId | None, Query()] = None,
    limit: Limit = 50,
) -> EventPage:
    return events.page(
        caller(router),
        after=after,
        since=since,
        types=types.split(",") if types else (),
        conversation_id=conversation_id,
        limit=limit,
    )
