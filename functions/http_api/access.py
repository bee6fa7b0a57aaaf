"""Who may call which route, and with which scopes. A route that is not in here is not there."""

from __future__ import annotations

import re
from functools import cache

from chat4all.access import ANYONE, Rule, caller, service

ROUTES: dict[str, Rule] = {
    "GET /healthz": ANYONE,
    "GET /openapi.json": ANYONE,
    "GET /docs": ANYONE,
    "GET /.well-known/jwks.json": ANYONE,
    "POST /auth/token": ANYONE,
    "GET /f/{token}": ANYONE,
    "POST /v1/messages": caller("messages:write"),
    "POST /v1/messages/batch": caller("messages:write"),
    "GET /v1/messages/{message_id}": caller("messages:read"),
    "GET /v1/conversations/{conversation_id}/messages": caller("messages:read"),
    # A listing shows each conversation's last message.
    "GET /v1/conversations": caller("conversations", "messages:read"),
    "POST /v1/conversations": caller("conversations"),
    "GET /v1/conversations/{conversation_id}": caller("conversations"),
    "POST /v1/conversations/{conversation_id}/members": caller("conversations"),
    "DELETE /v1/conversations/{conversation_id}/members/{user_id}": caller("conversations"),
    "POST /v1/conversations/{conversation_id}/read": caller("messages:read"),
    "GET /v1/sync": caller("conversations", "messages:read"),
    "PUT /v1/users/{user_id}": caller("users"),
    "GET /v1/users/{user_id}": caller("users"),
    "GET /v1/users/{user_id}/presence": caller("users"),
    "POST /v1/users/{user_id}/token": service("users"),
    "POST /v1/files/initiate": caller("files"),
    "POST /v1/files/complete": caller("files"),
    "GET /v1/files/{file_id}": caller("files"),
    "DELETE /v1/files/{file_id}": caller("files"),
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
    "GET /v1/events": service("webhooks"),
    "POST /v1/webhooks": service("webhooks"),
    "GET /v1/webhooks": service("webhooks"),
    "GET /v1/webhooks/{webhook_id}": service("webhooks"),
    "PATCH /v1/webhooks/{webhook_id}": service("webhooks"),
    "DELETE /v1/webhooks/{webhook_id}": service("webhooks"),
    "POST /v1/webhooks/{webhook_id}/rotate-secret": service("webhooks"),
    "POST /v1/webhooks/{webhook_id}/test": service("webhooks"),
    "GET /v1/webhooks/{webhook_id}/attempts": service("webhooks"),
    "POST /v1/webhooks/{webhook_id}/replay": service("webhooks"),
}


def rule_for(method: str, path: str) -> Rule | None:
    """The rule of the route that serves this; None when there is no such route."""
    asked = f"{method} {path}"
    if asked in ROUTES:
        return ROUTES[asked]
    return next((rule for pattern, rule in _patterns() if pattern.fullmatch(asked)), None)


@cache
def _patterns() -> list[tuple[re.Pattern[str], Rule]]:
    """Those with a value in them. A test holds them to what the router makes of each path."""
    return [
        (re.compile("[^/]+".join(map(re.escape, re.split(r"{\w+}", route)))), rule)
        for route, rule in ROUTES.items()
        if "{" in route
    ]
