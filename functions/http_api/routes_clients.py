"""API clients: register, look, change, give another secret, revoke. For admins."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import StringConstraints

from chat4all.access.client import ClientPatch, NewClient
from chat4all.bootstrap.access import clients, cursors
from chat4all.observability import logger
from chat4all.ports.access import ClientPlace
from http_api.client_views import ClientOut, ClientPage, ClientWithSecret, RotationIn
from http_api.requests import CursorQuery, Limit, caller

router = Router()
LISTING = "clients"
NO_STORE = {"Cache-Control": "no-store"}
ClientId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,64}$")]
ClientIdPath = Annotated[ClientId, Path()]


@router.post(
    "/v1/clients",
    tags=["clients"],
    summary="Register a client; its secret is shown once",
    status_code=201,
)
def create_client(new: Annotated[NewClient, Body()]) -> Response[ClientWithSecret]:
    client, secret = clients().create(caller(router), new)
    logger().info("client created", client_id=client.client_id)
    shown = ClientWithSecret.with_secret(client, secret)
    return Response(201, "application/json", shown, headers=NO_STORE)


@router.get("/v1/clients", tags=["clients"], summary="All clients, the oldest first")
def list_clients(limit: Limit = 50, cursor: CursorQuery = None) -> ClientPage:
    after: ClientPlace | None = None
    if cursor is not None:
        at, client_id = cursors().decode(LISTING, cursor, int, str)
        after = ClientPlace(int(at), str(client_id))
    items, more = clients().page(caller(router), after, limit)
    return ClientPage(
        items=[ClientOut.of(client) for client in items],
        next_cursor=None if more is None else cursors().encode(LISTING, *more),
    )


@router.get("/v1/clients/<client_id>", tags=["clients"], summary="A client")
def get_client(client_id: ClientIdPath) -> ClientOut:
    return ClientOut.of(clients().show(caller(router), client_id))


@router.patch(
    "/v1/clients/<client_id>", tags=["clients"], summary="Change its name, scopes or limits"
)
def change_client(client_id: ClientIdPath, patch: Annotated[ClientPatch, Body()]) -> ClientOut:
    client = clients().change(caller(router), client_id, patch)
    logger().info("client changed", client_id=client_id)
    return ClientOut.of(client)


@router.post(
    "/v1/clients/<client_id>/rotate-secret",
    tags=["clients"],
    summary="A new secret; the old one works beside it for a while",
)
def rotate_secret(
    client_id: ClientIdPath, request: Annotated[RotationIn | None, Body()] = None
) -> Response[ClientWithSecret]:
    grace = (request or RotationIn()).grace_seconds
    client, secret = clients().rotate(caller(router), client_id, grace)
    logger().info("client secret rotated", client_id=client_id)
    shown = ClientWithSecret.with_secret(client, secret)
    return Response(200, "application/json", shown, headers=NO_STORE)


@router.delete(
    "/v1/clients/<client_id>", tags=["clients"], summary="Revoke a client", status_code=204
)
def revoke_client(client_id: ClientIdPath) -> Response[str]:
    clients().revoke(caller(router), client_id)
    logger().info("client revoked", client_id=client_id)
    return Response(204, body="")
