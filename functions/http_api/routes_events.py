"""The log of events."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AwareDatetime, BaseModel, Field

from chat4all.bootstrap.events import event_reading
from chat4all.ids import ConversationId
from http_api.requests import CursorQuery, Limit, caller

router = Router()


class EventPage(BaseModel):
    items: list[dict[str, Any]]
    next_cursor: str = Field(description="Always there: where to go on, now or later.")
    has_more: bool = Field(description="Ask again at once; else in a while.")


@router.get("/v1/events", tags=["events"], summary="What happened, for those who missed something")
def list_events(
    after: CursorQuery = None,
    since: Annotated[
        AwareDatetime | None, Query(description="Only later ones; without effect beside `after`.")
    ] = None,
    types: Annotated[
        str | None, Query(max_length=1024, description="Only these, separated by commas.")
    ] = None,
    conversation_id: Annotated[ConversationId | None, Query()] = None,
    limit: Limit = 50,
) -> EventPage:
    page = event_reading().page(
        caller(router),
        after=after,
        since=None if since is None else round(since.timestamp() * 1000),
        types=types.split(",") if types else (),
        conversation_id=conversation_id,
        limit=limit,
    )
    return EventPage(items=page.events, next_cursor=page.cursor, has_more=page.more)
