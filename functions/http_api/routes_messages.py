"""Messages: send, send many, look at one, read the history."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from chat4all.api import messages
from chat4all.api.limiting import headers_of
from chat4all.api.requests import SEQ_END, Batch
from chat4all.api.views.messages import AcceptedOut, BatchOut, MessageDetail, MessagePage
from chat4all.message import NewMessage
from http_api.requests import ConversationIdPath, CursorQuery, Limit, MessageIdPath, caller

router = Router()


@router.post(
    "/v1/messages",
    tags=["messages"],
    summary="Send a message",
    status_code=202,
    response_description="Accepted: durably stored, and on its way.",
)
def send_message(new: Annotated[NewMessage, Body()]) -> Response[AcceptedOut]:
    accepted = messages.send(caller(router), new)
    headers = {"Idempotency-Replayed": "true"} if accepted.replayed else {}
    body = AcceptedOut(message_id=accepted.message_id)
    return Response(202, "application/json", body, headers=headers)


@router.post(
    "/v1/messages/batch",
    tags=["messages"],
    summary="Send up to 25 messages; an outcome for each",
    status_code=200,
)
def send_batch(batch: Annotated[Batch, Body()]) -> Response[BatchOut]:
    items, allowance = messages.send_batch(caller(router), batch.messages)
    return Response(200, "application/json", BatchOut(items=items), headers=headers_of(allowance))


@router.get("/v1/messages/<message_id>", tags=["messages"], summary="A message and its deliveries")
def get_message(message_id: MessageIdPath) -> MessageDetail:
    return messages.get(caller(router), message_id)


@router.get(
    "/v1/conversations/<conversation_id>/messages",
    tags=["messages"],
    summary="The history of a conversation, in its order",
)
def list_messages(
    conversation_id: ConversationIdPath,
    since: Annotated[int, Query(ge=0, lt=SEQ_END, description="Only later ones.")] = 0,
    before: Annotated[int | None, Query(ge=1, lt=SEQ_END, description="Only earlier ones.")] = None,
    limit: Limit = 50,
    cursor: CursorQuery = None,
) -> MessagePage:
    return messages.page(
        caller(router), conversation_id, since=since, before=before, limit=limit, cursor=cursor
    )
