"""Messages: send, send many, look at one, read the history."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chat4all.bootstrap.access import cursors
from chat4all.bootstrap.chat import history, messaging
from chat4all.errors import Chat4AllError, Invalid
from chat4all.message import NewMessage
from chat4all.messaging import MAX_BATCH, Accepted
from chat4all.observability import logger
from chat4all.problems import wrong_fields
from http_api.limiting import spend
from http_api.problems import Problem, as_item
from http_api.requests import ConversationIdPath, CursorQuery, Limit, MessageIdPath, caller
from http_api.views import AcceptedOut, MessageDetail, MessageOut, MessagePage, message_detail

router = Router()


class Batch(BaseModel):
    """Each message as for `POST /v1/messages`."""

    model_config = ConfigDict(extra="forbid")
    messages: Annotated[list[Any], Field(min_length=1, max_length=MAX_BATCH)] = Field(
        json_schema_extra={"items": {"$ref": "#/components/schemas/NewMessage"}}
    )


class BatchOutcome(BaseModel):
    status: str = Field(description="accepted or rejected")
    message_id: str | None
    replayed: bool = False
    error: Problem | None = None


class BatchOut(BaseModel):
    items: list[BatchOutcome] = Field(description="In the order of the messages.")


@router.post(
    "/v1/messages",
    tags=["messages"],
    summary="Send a message",
    status_code=202,
    response_description="Accepted: durably stored, and on its way.",
)
def send_message(new: Annotated[NewMessage, Body()]) -> Response[AcceptedOut]:
    accepted = messaging().accept(caller(router), new)
    logger().info(
        "message accepted",
        message_id=accepted.message_id,
        conversation_id=new.conversation_id,
        replayed=accepted.replayed,
    )
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
    # one of them was counted before the body was read
    headers = spend(caller(router), len(batch.messages) - 1)
    news: dict[int, NewMessage] = {}
    outcomes: dict[int, Accepted | Chat4AllError] = {}
    for number, item in enumerate(batch.messages):
        try:
            news[number] = NewMessage.model_validate(item)
        except ValidationError as error:
            first = wrong_fields(error.errors(include_input=False, include_url=False), "message")[0]
            outcomes[number] = Invalid("invalid_request", f"{first['where']}: {first['what']}")
    answers = messaging().accept_batch(caller(router), list(news.values())) if news else []
    outcomes |= dict(zip(news, answers, strict=True))
    logger().info("batch accepted", messages=len(news), rejected=len(batch.messages) - len(news))
    items = [_outcome(outcomes[n], news.get(n)) for n in range(len(batch.messages))]
    return Response(200, "application/json", BatchOut(items=items), headers=headers)


def _outcome(outcome: Accepted | Chat4AllError, new: NewMessage | None) -> BatchOutcome:
    if isinstance(outcome, Accepted):
        return BatchOutcome(
            status="accepted", message_id=outcome.message_id, replayed=outcome.replayed
        )
    return BatchOutcome(
        status="rejected",
        message_id=new.message_id if new else None,
        error=Problem(**as_item(outcome)),
    )


@router.get("/v1/messages/<message_id>", tags=["messages"], summary="A message and its deliveries")
def get_message(message_id: MessageIdPath) -> MessageDetail:
    view = history().show(caller(router), message_id)
    return message_detail(view, history().app_times(view))


@router.get(
    "/v1/conversations/<conversation_id>/messages",
    tags=["messages"],
    summary="The history of a conversation, in its order",
)
def list_messages(
    conversation_id: ConversationIdPath,
    since: Annotated[int, Query(ge=0, lt=10**15, description="Only later ones.")] = 0,
    before: Annotated[int | None, Query(ge=1, lt=10**15, description="Only earlier ones.")] = None,
    limit: Limit = 50,
    cursor: CursorQuery = None,
) -> MessagePage:
    listing = f"messages {conversation_id}"
    if cursor is not None:
        values = cursors().decode(listing, cursor, int, int)
        since, before = int(values[0]), int(values[1]) or None
    page = history().page(caller(router), conversation_id, since=since, before=before, limit=limit)
    following = None
    if page.more and page.views:
        first, last = (_seq(page.views[0]), _seq(page.views[-1]))
        backwards = before is not None and since == 0
        bounds = (0, first) if backwards else (last, before or 0)
        following = cursors().encode(listing, *bounds)
    return MessagePage(items=[MessageOut.of(view) for view in page.views], next_cursor=following)


def _seq(view: Any) -> int:
    return int(view.receipts.seq)
