"""Conversations: open, list, join, leave, read."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Query

from chat4all.api import conversations
from chat4all.api.requests import NewMember, ReadUpTo
from chat4all.api.views.conversations import (
    ConversationDetail,
    ConversationOut,
    ConversationPage,
    MemberOut,
)
from chat4all.conversation import NewConversation
from chat4all.ids import IdempotencyKey, UserId
from http_api.requests import ConversationIdPath, CursorQuery, Limit, UserIdPath, caller

router = Router()


@router.post(
    "/v1/conversations",
    tags=["conversations"],
    summary="Open a conversation; a pair gets the one that it has",
    status_code=201,
)
def open_conversation(
    new: Annotated[NewConversation, Body()],
    idempotency_key: Annotated[IdempotencyKey | None, Header()] = None,
) -> Response[ConversationOut]:
    conversation, created = conversations.open(caller(router), new, idempotency_key)
    return Response(201 if created else 200, "application/json", conversation)


@router.get(
    "/v1/conversations",
    tags=["conversations"],
    summary="A user's conversations, the latest activity first",
)
def list_conversations(
    user_id: Annotated[UserId | None, Query(description="For services: whose.")] = None,
    limit: Limit = 20,
    cursor: CursorQuery = None,
) -> ConversationPage:
    return conversations.page(caller(router), user_id=user_id, limit=limit, cursor=cursor)


@router.get("/v1/conversations/<conversation_id>", tags=["conversations"], summary="A conversation")
def get_conversation(conversation_id: ConversationIdPath) -> ConversationDetail:
    return conversations.get(caller(router), conversation_id)


@router.post(
    "/v1/conversations/<conversation_id>/members",
    tags=["conversations"],
    summary="Join a group",
    status_code=201,
)
def add_member(
    conversation_id: ConversationIdPath, member: Annotated[NewMember, Body()]
) -> ConversationOut:
    return conversations.add_member(caller(router), conversation_id, member.user_id)


@router.delete(
    "/v1/conversations/<conversation_id>/members/<user_id>",
    tags=["conversations"],
    summary="Leave a group",
    status_code=204,
)
def remove_member(conversation_id: ConversationIdPath, user_id: UserIdPath) -> Response[str]:
    conversations.remove_member(caller(router), conversation_id, user_id)
    return Response(204, body="")


@router.post(
    "/v1/conversations/<conversation_id>/read",
    tags=["conversations"],
    summary="A member has read everything up to a seq",
)
def read(conversation_id: ConversationIdPath, upto: Annotated[ReadUpTo, Body()]) -> MemberOut:
    return conversations.read(caller(router), conversation_id, upto.up_to_seq, upto.user_id)
