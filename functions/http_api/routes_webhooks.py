"""Webhooks: register subscribers' endpoints, look after them, test them, replay to them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from chat4all.bootstrap.access import cursors
from chat4all.bootstrap.webhooks import attempting, webhooks
from chat4all.ids import WebhookId
from chat4all.observability import logger
from chat4all.ports.webhooks import AttemptKey
from chat4all.webhooks.endpoint import EndpointPatch, NewEndpoint
from http_api.requests import CursorQuery, Limit, caller
from http_api.webhook_views import (
    AttemptOut,
    AttemptPage,
    ReplayIn,
    ReplayOut,
    TestOut,
    WebhookOut,
    WebhookPage,
    WebhookWithSecret,
)

router = Router()
WebhookIdPath = Annotated[WebhookId, Path()]


@router.post(
    "/v1/webhooks",
    tags=["webhooks"],
    summary="Register an endpoint; its secret is shown once",
    status_code=201,
)
def create_webhook(new: Annotated[NewEndpoint, Body()]) -> Response[WebhookWithSecret]:
    shown = webhooks().create(caller(router), new)
    logger().info("webhook created", webhook_id=shown.endpoint.webhook_id, by=new.delivery)
    return Response(201, "application/json", WebhookWithSecret.of(shown))


@router.get("/v1/webhooks", tags=["webhooks"], summary="All endpoints")
def list_webhooks() -> WebhookPage:
    return WebhookPage(items=[WebhookOut.of(s) for s in webhooks().list(caller(router))])


@router.get("/v1/webhooks/<webhook_id>", tags=["webhooks"], summary="An endpoint")
def get_webhook(webhook_id: WebhookIdPath) -> WebhookOut:
    return WebhookOut.of(webhooks().show(caller(router), webhook_id))


@router.patch(
    "/v1/webhooks/<webhook_id>",
    tags=["webhooks"],
    summary="Change an endpoint, pause it, or make it ACTIVE again",
)
def change_webhook(
    webhook_id: WebhookIdPath, patch: Annotated[EndpointPatch, Body()]
) -> WebhookOut:
    shown = webhooks().change(caller(router), webhook_id, patch)
    logger().info("webhook changed", webhook_id=webhook_id, status=shown.status)
    return WebhookOut.of(shown)


@router.delete(
    "/v1/webhooks/<webhook_id>", tags=["webhooks"], summary="Delete an endpoint", status_code=204
)
def delete_webhook(webhook_id: WebhookIdPath) -> Response[str]:
    webhooks().delete(caller(router), webhook_id)
    logger().info("webhook deleted", webhook_id=webhook_id)
    return Response(204, body="")


@router.post(
    "/v1/webhooks/<webhook_id>/rotate-secret",
    tags=["webhooks"],
    summary="A new secret; the old one signs beside it for 24 hours",
)
def rotate_secret(webhook_id: WebhookIdPath) -> WebhookWithSecret:
    shown = webhooks().rotate(caller(router), webhook_id)
    logger().info("webhook secret rotated", webhook_id=webhook_id)
    return WebhookWithSecret.of(shown)


@router.post(
    "/v1/webhooks/<webhook_id>/test",
    tags=["webhooks"],
    summary="Post one endpoint.test to it",
    status_code=202,
)
def test_webhook(webhook_id: WebhookIdPath) -> Response[TestOut]:
    event_id = attempting().test(caller(router), webhook_id)
    return Response(202, "application/json", TestOut(event_id=event_id))


@router.get(
    "/v1/webhooks/<webhook_id>/attempts",
    tags=["webhooks"],
    summary="What came of each attempt in the last 30 days, the newest first",
)
def list_attempts(
    webhook_id: WebhookIdPath, limit: Limit = 50, cursor: CursorQuery = None
) -> AttemptPage:
    listing = f"attempts {webhook_id}"
    before: AttemptKey | None = None
    if cursor is not None:
        at, event_id, attempt = cursors().decode(listing, cursor, int, str, int)
        before = AttemptKey(int(at), str(event_id), int(attempt))
    items, more = attempting().attempts(caller(router), webhook_id, before, limit)
    return AttemptPage(
        items=[AttemptOut.of(a) for a in items],
        next_cursor=None if more is None else cursors().encode(listing, *more),
    )


@router.post(
    "/v1/webhooks/<webhook_id>/replay",
    tags=["webhooks"],
    summary="Post events again: these, or all of a range",
    status_code=202,
)
def replay(webhook_id: WebhookIdPath, wanted: Annotated[ReplayIn, Body()]) -> Response[ReplayOut]:
    asks = caller(router)
    if wanted.event_ids is not None:
        begun = attempting().replay_events(asks, webhook_id, wanted.event_ids)
    else:
        until = None if wanted.until is None else _ms(wanted.until)
        since = 0 if wanted.since is None else _ms(wanted.since)
        begun = attempting().replay_range(asks, webhook_id, since, until)
    logger().info("replay begun", webhook_id=webhook_id, replay_id=begun.replay_id)
    return Response(
        202, "application/json", ReplayOut(replay_id=begun.replay_id, queued=begun.queued)
    )


def _ms(moment: datetime) -> int:
    return max(0, int(moment.timestamp() * 1000))
