"""Who may call which route, and with which scopes. A route that is not in here is not there."""

from __future__ import annotations

import re
from functools import cache

from chat4all.access.rules import ANYONE, Rule, caller, lasting, service

ROUTES: dict[str, Rule] = {
    "GET /healthz": ANYONE,
    "GET /openapi.json": ANYONE,
    "GET /docs": ANYONE,
    "GET /.well-known/jwks.json": ANYONE,
    "POST /auth/token": ANYONE,
    "POST /auth/revoke": ANYONE,
    "GET /f/{token}": ANYONE,
    "POST /v1/messages": caller("messages:write"),
    "POST /v1/messages/batch": caller("messages:write"),
    "GET /v1/messages/{message_id}": caller("messages:read"),
    "GET /v1/conversations/{conversation_id}/messages": caller("messages:read"),
    # A listing shows each conversation's last message.
    "GET /v1/conversations": caller("conversations", "messages:read"),
    "POST /v1/conversations": lasting(caller("conversations")),
    "GET /v1/conversations/{conversation_id}": caller("conversations"),
    "POST /v1/conversations/{conversation_id}/members": lasting(caller("conversations")),
    "DELETE /v1/conversations/{conversation_id}/members/{user_id}": lasting(
        caller("conversations")
    ),
    "POST /v1/conversations/{conversation_id}/read": caller("messages:read"),
    "GET /v1/sync": caller("conversations", "messages:read"),
    "PUT /v1/users/{user_id}": lasting(caller("users")),
    "GET /v1/users/{user_id}": caller("users"),
    # It cannot be undone: who may look after users may not therefore erase them all.
    "DELETE /v1/users/{user_id}": lasting(service("users", "admin")),
    "GET /v1/users/{user_id}/presence": caller("users"),
    "POST /v1/users/{user_id}/token": service("users"),
    "DELETE /v1/users/{user_id}/tokens": lasting(service("users")),
    "POST /v1/files/initiate": caller("files"),
    "POST /v1/files/complete": caller("files"),
    "GET /v1/files/{file_id}": caller("files"),
    "DELETE /v1/files/{file_id}": lasting(caller("files")),
    "GET /v1/files/{file_id}/parts": caller("files"),
    "POST /v1/files/{file_id}/complete": caller("files"),
    "GET /v1/files/{file_id}/content": caller("files"),
    "GET /v1/files/s3/params": caller("files"),
    "POST /v1/files/s3/multipart": caller("files"),
    "GET /v1/files/s3/multipart/{upload_id}": caller("files"),
    "DELETE /v1/files/s3/multipart/{upload_id}": caller("files"),
    "GET /v1/files/s3/multipart/{upload_id}/batch": caller("files"),
    "GET /v1/files/s3/multipart/{upload_id}/{part_number}": caller("files"),
    "POST /v1/files/s3/multipart/{upload_id}/complete": caller("files"),
    "POST /v1/clients": service("admin"),
    "GET /v1/clients": service("admin"),
    "GET /v1/clients/{client_id}": service("admin"),
    "PATCH /v1/clients/{client_id}": service("admin"),
    "DELETE /v1/clients/{client_id}": service("admin"),
    "POST /v1/clients/{client_id}/rotate-secret": service("admin"),
    "GET /v1/audit": lasting(service("admin")),
    # Events have what people write in them, whoever they are.
    "GET /v1/events": service("webhooks", "messages:read"),
    "POST /v1/webhooks": lasting(service("webhooks", "messages:read")),
    "GET /v1/webhooks": service("webhooks"),
    "GET /v1/webhooks/{webhook_id}": service("webhooks"),
    "PATCH /v1/webhooks/{webhook_id}": lasting(service("webhooks", "messages:read")),
    "DELETE /v1/webhooks/{webhook_id}": lasting(service("webhooks")),
    "POST /v1/webhooks/{webhook_id}/rotate-secret": lasting(service("webhooks")),
    "POST /v1/webhooks/{webhook_id}/test": lasting(service("webhooks")),
    "GET /v1/webhooks/{webhook_id}/attempts": service("webhooks"),
    "POST /v1/webhooks/{webhook_id}/replay": lasting(service("webhooks", "messages:read")),
}


def rule_for(method: str, path: str) -> Rule | None:
    """The rule of the route that serves this; None when there is no such route."""
    route = route_for(method, path)
    return None if route is None else ROUTES[route]


def route_for(method: str, path: str) -> str | None:
    """As ROUTES calls it. A test holds it to what the router makes of each path: nothing may be
    judged by one route's rule and served by another."""
    asked = f"{method} {path}"
    if asked in ROUTES:
        return asked
    return next((route for pattern, route in _patterns() if pattern.fullmatch(asked)), None)


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Those with a value in them."""
    return [
        (re.compile("[^/]+".join(map(re.escape, re.split(r"{\w+}", route)))), route)
        for route in ROUTES
        if "{" in route
    ]
