"""Webhooks: register subscribers' endpoints, look after them, test them, replay to them."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from chat4all.api import webhooks
from chat4all.api.requests import ReplayIn
from chat4all.api.views.webhooks import (
    AttemptPage,
    ReplayOut,
    TestOut,
    WebhookOut,
    WebhookPage,
    WebhookWithSecret,
)
from chat4all.ids import WebhookId
from chat4all.webhooks.endpoint import EndpointPatch, NewEndpoint
from http_api.requests import CursorQuery, Limit, caller

router = Router()
WebhookIdPath = Annotated[WebhookId, Path()]


@router.post(
    "/v1/webhooks",
    tags=["webhooks"],
    summary="Register an endpoint; its secret is shown once",
    status_code=201,
)
def create_webhook(new: Annotated[NewEndpoint, Body()]) -> Response[WebhookWithSecret]:
    return Response(201, "application/json", webhooks.create(caller(router), new))


@router.get("/v1/webhooks", tags=["webhooks"], summary="All endpoints")
def list_webhooks() -> WebhookPage:
    return webhooks.listed(caller(router))


@router.get("/v1/webhooks/<webhook_id>", tags=["webhooks"], summary="An endpoint")
def get_webhook(webhook_id: WebhookIdPath) -> WebhookOut:
    return webhooks.get(caller(router), webhook_id)


@router.patch(
    "/v1/webhooks/<webhook_id>",
    tags=["webhooks"],
    summary="Change an endpoint, pause it, or make it ACTIVE again",
)
def change_webhook(
    webhook_id: WebhookIdPath, patch: Annotated[EndpointPatch, Body()]
) -> WebhookOut:
    return webhooks.change(caller(router), webhook_id, patch)


@router.delete(
    "/v1/webhooks/<webhook_id>", tags=["webhooks"], summary="Delete an endpoint", status_code=204
)
def delete_webhook(webhook_id: WebhookIdPath) -> Response[str]:
    webhooks.delete(caller(router), webhook_id)
    return Response(204, body="")


@router.post(
    "/v1/webhooks/<webhook_id>/rotate-secret",
    tags=["webhooks"],
    summary="A new secret; the old one signs beside it for 24 hours",
)
def rotate_secret(webhook_id: WebhookIdPath) -> WebhookWithSecret:
    return webhooks.rotate_secret(caller(router), webhook_id)


@router.post(
    "/v1/webhooks/<webhook_id>/test",
    tags=["webhooks"],
    summary="Post one endpoint.test to it",
    status_code=202,
)
def test_webhook(webhook_id: WebhookIdPath) -> Response[TestOut]:
    return Response(202, "application/json", webhooks.test(caller(router), webhook_id))


@router.get(
    "/v1/webhooks/<webhook_id>/attempts",
    tags=["webhooks"],
    summary="What came of each attempt in the last 30 days, the newest first",
)
def list_attempts(
    webhook_id: WebhookIdPath, limit: Limit = 50, cursor: CursorQuery = None
) -> AttemptPage:
    return webhooks.attempts(caller(router), webhook_id, limit=limit, cursor=cursor)


@router.post(
    "/v1/webhooks/<webhook_id>/replay",
    tags=["webhooks"],
    summary="Post events again: these, or all of a range",
    status_code=202,
)
def replay(webhook_id: WebhookIdPath, wanted: Annotated[ReplayIn, Body()]) -> Response[ReplayOut]:
    return Response(202, "application/json", webhooks.replay(caller(router), webhook_id, wanted))
