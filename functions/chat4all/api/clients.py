"""API clients: register, look, change, give another secret, revoke. For admins."""

from __future__ import annotations

from chat4all.access.client import ClientPatch, NewClient
from chat4all.api.views.clients import ClientOut, ClientPage, ClientWithSecret
from chat4all.bootstrap.access import clients, cursors
from chat4all.caller import Caller
from chat4all.observability import logger
from chat4all.ports.access import ClientPlace

LISTING = "clients"


def create(caller: Caller, new: NewClient) -> ClientWithSecret:
    """The secret is shown this once."""
    client, secret = clients().create(caller, new)
    logger().info("client created", client_id=client.client_id)
    return ClientWithSecret.with_secret(client, secret)


def page(caller: Caller, *, limit: int = 50, cursor: str | None = None) -> ClientPage:
    """The oldest first, revoked ones among them."""
    after: ClientPlace | None = None
    if cursor is not None:
        at, client_id = cursors().decode(LISTING, cursor, int, str)
        after = ClientPlace(int(at), str(client_id))
    items, more = clients().page(caller, after, limit)
    return ClientPage(
        items=[ClientOut.of(client) for client in items],
        next_cursor=None if more is None else cursors().encode(LISTING, *more),
    )


def get(caller: Caller, client_id: str) -> ClientOut:
    return ClientOut.of(clients().show(caller, client_id))


def change(caller: Caller, client_id: str, patch: ClientPatch) -> ClientOut:
    """What the patch names, and nothing else."""
    client = clients().change(caller, client_id, patch)
    logger().info("client changed", client_id=client_id)
    return ClientOut.of(client)


def rotate_secret(caller: Caller, client_id: str, grace_seconds: int) -> ClientWithSecret:
    """The old secret works beside the new one for so long; 0 ends what it got as well."""
    client, secret = clients().rotate(caller, client_id, grace_seconds)
    logger().info("client secret rotated", client_id=client_id)
    return ClientWithSecret.with_secret(client, secret)


def revoke(caller: Caller, client_id: str) -> None:
    clients().revoke(caller, client_id)
    logger().info("client revoked", client_id=client_id)
