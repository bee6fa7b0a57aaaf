"""API clients: register, look, change, give another secret, revoke. For admins."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from chat4all.access.client import ClientPatch, NewClient
from chat4all.api import clients
from chat4all.api.requests import ClientId, RotationIn
from chat4all.api.views.clients import ClientOut, ClientPage, ClientWithSecret
from http_api.requests import CursorQuery, Limit, caller

router = Router()
NO_STORE = {"Cache-Control": "no-store"}
ClientIdPath = Annotated[ClientId, Path()]


@router.post(
    "/v1/clients",
    tags=["clients"],
    summary="Register a client; its secret is shown once",
    status_code=201,
)
def create_client(new: Annotated[NewClient, Body()]) -> Response[ClientWithSecret]:
    shown = clients.create(caller(router), new)
    return Response(201, "application/json", shown, headers=NO_STORE)


@router.get("/v1/clients", tags=["clients"], summary="All clients, the oldest first")
def list_clients(limit: Limit = 50, cursor: CursorQuery = None) -> ClientPage:
    return clients.page(caller(router), limit=limit, cursor=cursor)


@router.get("/v1/clients/<client_id>", tags=["clients"], summary="A client")
def get_client(client_id: ClientIdPath) -> ClientOut:
    return clients.get(caller(router), client_id)


@router.patch(
    "/v1/clients/<client_id>", tags=["clients"], summary="Change its name, scopes or limits"
)
def change_client(client_id: ClientIdPath, patch: Annotated[ClientPatch, Body()]) -> ClientOut:
    return clients.change(caller(router), client_id, patch)


@router.post(
    "/v1/clients/<client_id>/rotate-secret",
    tags=["clients"],
    summary="A new secret; the old one works beside it for a while",
)
def rotate_secret(
    client_id: ClientIdPath, request: Annotated[RotationIn | None, Body()] = None
) -> Response[ClientWithSecret]:
    grace = (request or RotationIn()).grace_seconds
    shown = clients.rotate_secret(caller(router), client_id, grace)
    return Response(200, "application/json", shown, headers=NO_STORE)


@router.delete(
    "/v1/clients/<client_id>", tags=["clients"], summary="Revoke a client", status_code=204
)
def revoke_client(client_id: ClientIdPath) -> Response[str]:
    clients.revoke(caller(router), client_id)
    return Response(204, body="")
