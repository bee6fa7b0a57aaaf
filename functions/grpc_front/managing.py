"""The methods for the deployment's own programs, and those about tokens. As in `methods`, `by` is
who asks, `of` what REST has in the path and the query, `new` what it has in the body."""

from __future__ import annotations

from typing import Any

from chat4all.access.client import ClientPatch, NewClient
from chat4all.api import audit, clients, events, tokens
from chat4all.api import webhooks as hooks
from chat4all.api.access import ROUTES
from chat4all.api.requests import ReplayIn, RotationIn, UserTokenRequest
from chat4all.api.views.clients import ClientWithSecret
from chat4all.api.views.webhooks import WebhookWithSecret
from chat4all.caller import Caller
from chat4all.webhooks.endpoint import EndpointPatch, NewEndpoint
from grpc_front import requests as asked
from grpc_front.calls import (
    Method,
    View,
    asks,
    does,
    issue_token,
    paged,
    streams,
    token,
)
from grpc_front.converting import from_message


def _webhook(shown: WebhookWithSecret) -> View:
    return {"webhook": shown, "secret": shown.secret}


def _client(shown: ClientWithSecret) -> View:
    return {"client": shown, "client_secret": shown.client_secret}


def _events(caller: Caller, cursor: str | None, **wanted: Any) -> View:
    return paged("events", events.page(caller, after=cursor, **wanted))


MANAGING: dict[str, Method] = {
    "Auth/IssueToken": does("POST /auth/token", issue_token),
    "Auth/RevokeToken": does(
        "POST /auth/revoke",
        lambda address, request: tokens.revoke(from_message(request), address),
    ),
    "Auth/IssueUserToken": asks(
        "POST /v1/users/{user_id}/token",
        lambda by, of, new: token(tokens.for_user(by, of.user_id, new)),
        asked.OfUser,
        UserTokenRequest,
    ),
    "Auth/RevokeUserTokens": asks(
        "DELETE /v1/users/{user_id}/tokens",
        lambda by, of, _: tokens.revoke_for_user(by, of.user_id),
        asked.OfUser,
    ),
    "Auth/GetKeys": asks("GET /.well-known/jwks.json", lambda *_: tokens.jwks()),
    "Events/List": asks(
        "GET /v1/events",
        lambda by, of, _: _events(by, **dict(of)),
        asked.EventsPage,
    ),
    "Events/Subscribe": streams(ROUTES["GET /v1/events"], "GET /v1/events"),
    "Webhooks/Create": asks(
        "POST /v1/webhooks",
        lambda by, _, new: _webhook(hooks.create(by, new)),
        body=NewEndpoint,
    ),
    "Webhooks/List": asks("GET /v1/webhooks", lambda by, *_: paged("webhooks", hooks.listed(by))),
    "Webhooks/Get": asks(
        "GET /v1/webhooks/{webhook_id}",
        lambda by, of, _: {"webhook": hooks.get(by, of.webhook_id)},
        asked.OfWebhook,
    ),
    "Webhooks/Update": asks(
        "PATCH /v1/webhooks/{webhook_id}",
        lambda by, of, new: {"webhook": hooks.change(by, of.webhook_id, new)},
        asked.OfWebhook,
        EndpointPatch,
        clearable=("description",),
    ),
    "Webhooks/Delete": asks(
        "DELETE /v1/webhooks/{webhook_id}",
        lambda by, of, _: hooks.delete(by, of.webhook_id),
        asked.OfWebhook,
    ),
    "Webhooks/RotateSecret": asks(
        "POST /v1/webhooks/{webhook_id}/rotate-secret",
        lambda by, of, _: _webhook(hooks.rotate_secret(by, of.webhook_id)),
        asked.OfWebhook,
    ),
    "Webhooks/Test": asks(
        "POST /v1/webhooks/{webhook_id}/test",
        lambda by, of, _: hooks.test(by, of.webhook_id),
        asked.OfWebhook,
    ),
    "Webhooks/ListAttempts": asks(
        "GET /v1/webhooks/{webhook_id}/attempts",
        lambda by, of, _: paged("attempts", hooks.attempts(by, **dict(of))),
        asked.AttemptsPage,
    ),
    "Webhooks/Replay": asks(
        "POST /v1/webhooks/{webhook_id}/replay",
        lambda by, of, new: hooks.replay(by, of.webhook_id, new),
        asked.OfWebhook,
        ReplayIn,
    ),
    "Clients/Create": asks(
        "POST /v1/clients",
        lambda by, _, new: _client(clients.create(by, new)),
        body=NewClient,
    ),
    "Clients/List": asks(
        "GET /v1/clients",
        lambda by, of, _: paged("clients", clients.page(by, **dict(of))),
        asked.Page,
    ),
    "Clients/Get": asks(
        "GET /v1/clients/{client_id}",
        lambda by, of, _: {"client": clients.get(by, of.client_id)},
        asked.OfClient,
    ),
    "Clients/Update": asks(
        "PATCH /v1/clients/{client_id}",
        lambda by, of, new: {"client": clients.change(by, of.client_id, new)},
        asked.OfClient,
        ClientPatch,
        clearable=("requests_per_minute",),
    ),
    "Clients/Revoke": asks(
        "DELETE /v1/clients/{client_id}",
        lambda by, of, _: clients.revoke(by, of.client_id),
        asked.OfClient,
    ),
    "Clients/RotateSecret": asks(
        "POST /v1/clients/{client_id}/rotate-secret",
        lambda by, of, new: _client(clients.rotate_secret(by, of.client_id, **dict(new))),
        asked.OfClient,
        RotationIn,
    ),
    "Audit/List": asks(
        "GET /v1/audit",
        lambda _, of, __: paged("records", audit.page(**dict(of))),
        asked.AuditPage,
    ),
}
