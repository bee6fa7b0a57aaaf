"""How each route of REST's is said over gRPC, as docs/grpc.md tells it; for clients of both."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

import httpx
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from grpc_front.generated.chat4all.v1 import messages_pb2


class Said(NamedTuple):
    """What is asked, in REST's words."""

    body: dict[str, Any]
    headers: Mapping[str, str]


class Route(NamedTuple):
    """How a route of REST's is said over gRPC: `Service/Method`, and where the two differ."""

    method: str
    status: int = 200
    within: str = ""
    """The request's field that has the body."""
    inner: str = ""
    """The answer's field whose fields are REST's body, those beside it too."""
    items: str = ""
    """The answer's field that REST calls `items`."""
    ask: Callable[[Said], dict[str, Any]] | None = None
    tell: Callable[[dict[str, Any], Message], httpx.Response] | None = None


def problem(found: status_pb2.Status) -> dict[str, Any]:
    """The problem details that REST would have answered.

    Raises:
        AssertionError: the status has no ErrorInfo: it is no answer of ours.
    """
    info, fields = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    told: dict[str, Any] = {}
    for detail in found.details:
        if detail.Unpack(info):
            told |= {name: _unpacked(text) for name, text in info.metadata.items()}
            told["status"] = told.pop("http_status")
        elif detail.Unpack(fields):
            told["errors"] = [
                {"where": v.field, "what": v.description} for v in fields.field_violations
            ]
    assert info.reason and info.domain == "chat4all", f"no code of ours: {found}"
    return {**told, "code": info.reason, "detail": found.message}


def _unpacked(text: str) -> Any:
    """ErrorInfo has texts only: what is none is there as JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _patch(said: Said) -> dict[str, Any]:
    """What JSON takes away by null, a mask names."""
    gone = [name for name, value in said.body.items() if value is None]
    return {**said.body, "clear": ",".join(gone) or None}


def _credentials(said: Said) -> dict[str, Any]:
    if "refresh_token" in said.body:
        return {"refresh_token": said.body["refresh_token"]}
    named = {name: said.body.get(name) for name in ("client_id", "client_secret")}
    return {"client_credentials": {**named, "scopes": said.body.get("scope", "").split()}}


def _opening(said: Said) -> dict[str, Any]:
    return {**said.body, "idempotency_key": said.headers.get("idempotency-key")}


def _log(said: Said) -> dict[str, Any]:
    asked = {"cursor" if name == "after" else name: value for name, value in said.body.items()}
    types = asked.get("types", "")
    return {**asked, "types": types.split(",") if types else []}


def _parts(said: Said) -> dict[str, Any]:
    return {"first" if name == "from" else name: value for name, value in said.body.items()}


def _content(said: Said) -> dict[str, Any]:
    inline = said.body.pop("disposition", "attachment") == "inline"
    return {**said.body, "inline": inline}


def _token(shown: dict[str, Any], _: Message) -> httpx.Response:
    token = shown["token"]
    return httpx.Response(200, json={**token, "scope": " ".join(token.pop("scopes"))})


def _accepted(shown: dict[str, Any], _: Message) -> httpx.Response:
    headers = {"idempotency-replayed": "true"} if shown["replayed"] else {}
    body = {"status": "accepted", "message_id": shown["message_id"]}
    return httpx.Response(202, json=body, headers=headers)


def _batch(shown: dict[str, Any], answer: Message) -> httpx.Response:
    outcomes = cast(messages_pb2.MessagesSendBatchResponse, answer).outcomes
    items = [
        {
            "status": "rejected" if outcome.HasField("error") else "accepted",
            "message_id": outcome.message_id or None,
            "replayed": outcome.replayed,
            "error": problem(outcome.error) if outcome.HasField("error") else None,
        }
        for outcome in outcomes
    ]
    return httpx.Response(200, json={"items": items})


def _opened(shown: dict[str, Any], _: Message) -> httpx.Response:
    return httpx.Response(201 if shown["created"] else 200, json=shown["conversation"])


def _synced(shown: dict[str, Any], _: Message) -> httpx.Response:
    for found in shown["conversations"]:
        found |= found.pop("conversation")
    return httpx.Response(200, json=shown)


def _completed(shown: dict[str, Any], _: Message) -> httpx.Response:
    file = shown["file"]
    return httpx.Response(202 if file["status"] == "CHECKING" else 200, json=file)


def _redirect(shown: dict[str, Any], _: Message) -> httpx.Response:
    return httpx.Response(302, headers={"location": shown["url"]})


ROUTES = {
    "POST /auth/token": Route("Auth/IssueToken", ask=_credentials, tell=_token),
    "POST /auth/revoke": Route("Auth/RevokeToken"),
    "GET /.well-known/jwks.json": Route("Auth/GetKeys"),
    "POST /v1/messages": Route("Messages/Send", within="message", tell=_accepted),
    "POST /v1/messages/batch": Route("Messages/SendBatch", tell=_batch),
    "GET /v1/messages/{message_id}": Route("Messages/Get", inner="message"),
    "GET /v1/conversations/{conversation_id}/messages": Route("Messages/List", items="messages"),
    "GET /v1/conversations": Route("Conversations/List", items="conversations"),
    "POST /v1/conversations": Route("Conversations/Create", ask=_opening, tell=_opened),
    "GET /v1/conversations/{conversation_id}": Route("Conversations/Get", inner="conversation"),
    "POST /v1/conversations/{conversation_id}/members": Route(
        "Conversations/AddMember", 201, inner="conversation"
    ),
    "DELETE /v1/conversations/{conversation_id}/members/{user_id}": Route(
        "Conversations/RemoveMember", 204
    ),
    "POST /v1/conversations/{conversation_id}/read": Route(
        "Conversations/MarkRead", inner="member"
    ),
    "GET /v1/sync": Route("Conversations/Sync", tell=_synced),
    "PUT /v1/users/{user_id}": Route("Users/Put", inner="user"),
    "GET /v1/users/{user_id}": Route("Users/Get", inner="user"),
    "DELETE /v1/users/{user_id}": Route("Users/Erase", 202),
    "GET /v1/users/{user_id}/presence": Route("Users/GetPresence"),
    "POST /v1/users/{user_id}/token": Route("Auth/IssueUserToken", tell=_token),
    "DELETE /v1/users/{user_id}/tokens": Route("Auth/RevokeUserTokens", 204),
    "POST /v1/files/initiate": Route("Files/Initiate", 201),
    "GET /v1/files/{file_id}": Route("Files/Get", inner="file"),
    "DELETE /v1/files/{file_id}": Route("Files/Delete", 204),
    "GET /v1/files/{file_id}/parts": Route("Files/ListPartUrls", ask=_parts, items="parts"),
    "POST /v1/files/{file_id}/complete": Route("Files/Complete", tell=_completed),
    "GET /v1/files/{file_id}/content": Route("Files/GetContentUrl", ask=_content, tell=_redirect),
    "POST /v1/clients": Route("Clients/Create", 201, inner="client"),
    "GET /v1/clients": Route("Clients/List", items="clients"),
    "GET /v1/clients/{client_id}": Route("Clients/Get", inner="client"),
    "PATCH /v1/clients/{client_id}": Route("Clients/Update", ask=_patch, inner="client"),
    "DELETE /v1/clients/{client_id}": Route("Clients/Revoke", 204),
    "POST /v1/clients/{client_id}/rotate-secret": Route("Clients/RotateSecret", inner="client"),
    "GET /v1/audit": Route("Audit/List", items="records"),
    "GET /v1/events": Route("Events/List", ask=_log, items="events"),
    "POST /v1/webhooks": Route("Webhooks/Create", 201, inner="webhook"),
    "GET /v1/webhooks": Route("Webhooks/List", items="webhooks"),
    "GET /v1/webhooks/{webhook_id}": Route("Webhooks/Get", inner="webhook"),
    "PATCH /v1/webhooks/{webhook_id}": Route("Webhooks/Update", ask=_patch, inner="webhook"),
    "DELETE /v1/webhooks/{webhook_id}": Route("Webhooks/Delete", 204),
    "POST /v1/webhooks/{webhook_id}/rotate-secret": Route("Webhooks/RotateSecret", inner="webhook"),
    "POST /v1/webhooks/{webhook_id}/test": Route("Webhooks/Test", 202),
    "GET /v1/webhooks/{webhook_id}/attempts": Route("Webhooks/ListAttempts", items="attempts"),
    "POST /v1/webhooks/{webhook_id}/replay": Route("Webhooks/Replay", 202),
}
_PATTERNS = [
    (re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", route)), known)
    for route, known in ROUTES.items()
]


def route_of(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route, and what its path names."""
    for pattern, route in _PATTERNS:
        if found := pattern.fullmatch(f"{method} {path}"):
            return route, found.groupdict()
    raise AssertionError(f"{method} {path} is REST's alone, or missing in ROUTES")
