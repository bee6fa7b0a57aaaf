"""Users and their identities."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body

from chat4all.api import users
from chat4all.api.views.users import ErasureOut, UserOut
from chat4all.user import UserProfile
from http_api.requests import UserIdPath, caller

router = Router()


@router.put("/v1/users/<user_id>", tags=["users"], summary="Create or replace a user")
def put_user(user_id: UserIdPath, profile: Annotated[UserProfile, Body()]) -> UserOut:
    return users.put(caller(router), user_id, profile)


@router.get("/v1/users/<user_id>", tags=["users"], summary="A user")
def get_user(user_id: UserIdPath) -> UserOut:
    return users.get(caller(router), user_id)


@router.delete("/v1/users/<user_id>", tags=["users"], summary="Erase a person", status_code=202)
def erase_user(user_id: UserIdPath) -> Response[ErasureOut]:
    return Response(202, "application/json", users.erase(caller(router), user_id))
