"""Conversations: open, list, join, leave, read."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Query
from pydantic import BaseModel, ConfigDict, Field

from chat4all.bootstrap.access import cursors
from chat4all.bootstrap.chat import conversations
from chat4all.conversation import NewConversation
from chat4all.conversations import Position
from chat4all.ids import IdempotencyKey, UserId
from http_api.requests import ConversationIdPath, CursorQuery, Limit, UserIdPath, caller
from http_api.views import (
    ConversationDetail,
    ConversationEntry,
    ConversationOut,
    ConversationPage,
    MemberOut,
)

router = Router()


class NewMember(BaseModel):
    model_config = ConfigDict(extra="forbid")
    user_id: UserId


class ReadUpTo(BaseModel):
    model_config = ConfigDict(extra="forbid")
    up_to_seq: int = Field(ge=1, lt=10**15)
    user_id: UserId | None = Field(None, description="For services: who has read.")


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
    conversation, created = conversations().open(caller(router), new, idempotency_key)
    return Response(201 if created else 200, "application/json", ConversationOut.of(conversation))


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
    owner = caller(router).acting_as(user_id, "user_id")
    listing, after = f"conversations {owner}", None
    if cursor is not None:
        hour, at, conversation_id = cursors().decode(listing, cursor, str, int, str)
        after = Position(str(hour), int(at), str(conversation_id))
    entries, more = conversations().recent(owner, limit=limit, after=after)
    return ConversationPage(
        items=[ConversationEntry.of_entry(entry) for entry in entries],
        next_cursor=cursors().encode(listing, more.hour, more.last_activity, more.conversation_id)
        if more
        else None,
    )


@router.get("/v1/conversations/<conversation_id>", tags=["conversations"], summary="A conversation")
def get_conversation(conversation_id: ConversationIdPath) -> ConversationDetail:
    view = conversations().show(caller(router), conversation_id)
    return ConversationDetail.of_view(view)


@router.post(
    "/v1/conversations/<conversation_id>/members",
    tags=["conversations"],
    summary="Join a group",
    status_code=201,
)
def add_member(
    conversation_id: ConversationIdPath, member: Annotated[NewMember, Body()]
) -> ConversationOut:
    who = caller(router)
    conversations().join(who, conversation_id, member.user_id)
    return ConversationOut.of(conversations().show(who, conversation_id).conversation)


@router.delete(
    "/v1/conversations/<conversation_id>/members/<user_id>",
    tags=["conversations"],
    summary="Leave a group",
    status_code=204,
)
def remove_member(conversation_id: ConversationIdPath, user_id: UserIdPath) -> Response[str]:
    conversations().leave(caller(router), conversation_id, user_id)
    return Response(204, body="")


@router.post(
    "/v1/conversations/<conversation_id>/read",
    tags=["conversations"],
    summary="A member has read everything up to a seq",
)
def read(conversation_id: ConversationIdPath, upto: Annotated[ReadUpTo, Body()]) -> MemberOut:
    member = conversations().read(caller(router), conversation_id, upto.user_id, upto.up_to_seq)
    return MemberOut.of(member)
