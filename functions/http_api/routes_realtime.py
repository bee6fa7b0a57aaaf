"""Who is there, and what is new since a device was last here."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from chat4all.api import conversations, users
from chat4all.api.views.sync import SyncOut
from chat4all.api.views.users import PresenceOut
from chat4all.ids import UserId
from chat4all.realtime.sync_cursor import MAX_LENGTH
from http_api.requests import UserIdPath, caller

router = Router()


@router.get(
    "/v1/users/<user_id>/presence",
    tags=["users"],
    summary="Whether a user is connected, and when they last were",
)
def get_presence(user_id: UserIdPath) -> PresenceOut:
    return users.presence(caller(router), user_id)


@router.get(
    "/v1/sync",
    tags=["conversations"],
    summary="Everything new for a user, across conversations",
)
def sync(
    user_id: Annotated[UserId | None, Query(description="For services: whose.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Messages on a page.")] = 50,
    cursor: Annotated[
        str | None,
        Query(
            max_length=MAX_LENGTH,
            description="The last answer's; without one, from what was never delivered on.",
        ),
    ] = None,
) -> SyncOut:
    return conversations.sync(caller(router), user_id=user_id, limit=limit, cursor=cursor)
