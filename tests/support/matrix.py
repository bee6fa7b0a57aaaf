"""The authorisation matrix: a row for every operation of every door, a column for every caller.

A row says how to ask, with whose objects, and what those who may not get; who may is the door's
own table of rules. tests/unit/test_access_matrix.py walks all cells. An operation without a row
fails, and so does a row without an operation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from grpc_front.methods import METHODS, PACKAGE
from tests.support.doors import Door, HttpDoor, SocketDoor
from tests.support.forging import BAD_TOKENS
from tests.support.grpc_door import GrpcDoor
from tests.support.stream_door import GrpcStreamDoor

Ids = Mapping[str, str]
COLUMNS = (
    *BAD_TOKENS,
    "missing scope",
    "stranger",
    "member who left",
    "owner",
    "member",
    "service",
)


@dataclass(frozen=True)
class Row:
    """How to ask. `ids` says which objects are named, by the names of MatrixWorld; their owner and
    services get an answer below 400, or `answer`.

    A stranger, and whoever left, gets `stranger`, in every byte as if the objects did not exist; a
    member of their conversation gets `member`, or what the owner gets.
    """

    ids: Ids = field(default_factory=dict)
    body: Callable[[Ids], Any] = lambda ids: None
    query: Callable[[Ids], Mapping[str, str]] = lambda ids: {}
    answer: int | None = None
    member: int | None = None
    stranger: int = 404
    says: str = ""
    """What a success has in it."""
    fixed: Ids = field(default_factory=dict)
    """Values of the path that are nobody's."""


def a_text(ids: Ids) -> dict[str, Any]:
    return {
        "conversation_id": ids["conversation_id"],
        "from": ids["me"],
        "payload": {"type": "text", "text": "x"},
    }


def a_file(ids: Ids) -> dict[str, Any]:
    return {**a_text(ids), "payload": {"type": "file", "file_id": ids["file_id"]}}


def an_upload(ids: Ids) -> dict[str, Any]:
    new = {"filename": "a.txt", "size": 5, "content_type": "text/plain", "user_id": ids["me"]}
    return new | {"conversation_id": ids["conversation_id"]}


def uppy_upload(ids: Ids) -> dict[str, Any]:
    meta = {"user_id": ids["me"], "conversation_id": ids["conversation_id"]}
    return {"filename": "a.txt", "type": "text/plain", "metadata": meta}


def up_to(ids: Ids) -> dict[str, Any]:
    return {"up_to_seq": 1, "user_id": ids["me"]}


def without_sender(ids: Ids) -> dict[str, Any]:
    return {"message": {k: v for k, v in a_text(ids).items() if k != "from"}}


def seen(ids: Ids) -> dict[str, Any]:
    return {"conversation_id": ids["conversation_id"], "up_to_seq": 1}


def up_to_there(ids: Ids) -> dict[str, Any]:
    return {**seen(ids), "user_id": ids["me"]}


GROUP = {"conversation_id": "group"}
OWN_FILE = {"conversation_id": "mine", "file_id": "file"}
FILE = {"file_id": "file"}
PARTS = {"file_id": "upload"}
WHOLE = {"file_id": "fresh_upload"}
UPPY = {"upload_id": "upload"}
WEBHOOK = {"webhook_id": "webhook"}
OWNER = {"user_id": "owner"}
CLIENT = {"client_id": "fresh_client"}
HTTP: dict[str, tuple[Row, ...]] = {
    "GET /healthz": (Row(),),
    "GET /openapi.json": (Row(),),
    "GET /docs": (Row(),),
    "GET /.well-known/jwks.json": (Row(),),
    "POST /auth/token": (
        Row(body=lambda ids: {"client_id": ids["client_id"], "client_secret": ids["secret"]}),
    ),
    "POST /auth/revoke": (Row(body=lambda ids: {"token": "none of anybody's"}),),
    "GET /f/{token}": (Row({"token": "link"}),),
    "POST /v1/messages": (Row(GROUP, a_text), Row(OWN_FILE, a_file)),
    "POST /v1/messages/batch": (
        Row(GROUP, lambda ids: {"messages": [a_text(ids)]}, stranger=200, says='"accepted"'),
        Row(OWN_FILE, lambda ids: {"messages": [a_file(ids)]}, stranger=200, says='"accepted"'),
    ),
    "GET /v1/messages/{message_id}": (Row({"message_id": "message"}),),
    "GET /v1/conversations/{conversation_id}/messages": (Row(GROUP, says="only for us"),),
    # Whose conversations are asked for is said, so naming another is refused whoever that is.
    "GET /v1/conversations": (
        Row(OWNER, query=lambda ids: {"user_id": ids["user_id"]}, member=403, stranger=403),
    ),
    # Whoever knows a user's id may write to them: this tells that there is such a user.
    "POST /v1/conversations": (
        Row(body=lambda ids: {"type": "private", "members": [ids["me"], "cy"]}),
    ),
    "GET /v1/conversations/{conversation_id}": (Row(GROUP),),
    "POST /v1/conversations/{conversation_id}/members": (
        Row(GROUP, lambda ids: {"user_id": "cy"}),
        Row(GROUP, lambda ids: {"user_id": "nobody"}, answer=422, member=422),
    ),
    "DELETE /v1/conversations/{conversation_id}/members/{user_id}": (
        Row({"conversation_id": "fresh_group", "user_id": "me"}),
        Row(
            {"conversation_id": "fresh_group", "user_id": "owner"},
            member=403,
        ),
    ),
    "POST /v1/conversations/{conversation_id}/read": (Row(GROUP, up_to),),
    "GET /v1/sync": (
        Row(OWNER, query=lambda ids: {"user_id": ids["user_id"]}, member=403, stranger=403),
    ),
    "PUT /v1/users/{user_id}": (Row(OWNER, lambda ids: {"name": "Ana"}, member=404),),
    "GET /v1/users/{user_id}": (Row(OWNER, member=404),),
    "GET /v1/users/{user_id}/presence": (Row(OWNER),),
    "POST /v1/users/{user_id}/token": (Row(OWNER, lambda ids: {}),),
    "DELETE /v1/users/{user_id}": (Row({"user_id": "fresh_user"}),),
    "DELETE /v1/users/{user_id}/tokens": (Row(OWNER),),
    "POST /v1/files/initiate": (Row(GROUP, an_upload),),
    "POST /v1/files/complete": (Row(WHOLE, lambda ids: {"file_id": ids["file_id"]}, member=403),),
    "GET /v1/files/{file_id}": (Row(FILE), Row(PARTS)),
    "DELETE /v1/files/{file_id}": (
        Row(WHOLE, member=403),
        Row({"file_id": "fresh_file"}, member=403),
    ),
    "GET /v1/files/{file_id}/parts": (Row(PARTS, member=403),),
    "POST /v1/files/{file_id}/complete": (Row(WHOLE, lambda ids: {}, member=403),),
    "GET /v1/files/{file_id}/content": (
        Row(FILE),
        Row(PARTS, answer=409, member=409),
    ),
    "GET /v1/files/s3/params": (Row(answer=400),),
    "POST /v1/files/s3/multipart": (Row(GROUP, uppy_upload),),
    "GET /v1/files/s3/multipart/{upload_id}": (Row(UPPY),),
    "DELETE /v1/files/s3/multipart/{upload_id}": (Row({"upload_id": "fresh_upload"}, member=403),),
    "GET /v1/files/s3/multipart/{upload_id}/batch": (
        Row(UPPY, query=lambda ids: {"partNumbers": "1"}, member=403),
    ),
    "GET /v1/files/s3/multipart/{upload_id}/{part_number}": (
        Row(UPPY, fixed={"part_number": "1"}, member=403),
    ),
    "POST /v1/files/s3/multipart/{upload_id}/complete": (
        Row({"upload_id": "fresh_upload"}, lambda ids: {"parts": []}, member=403),
    ),
    "POST /v1/clients": (Row(body=lambda ids: {"name": "x", "scopes": ["users"]}),),
    "GET /v1/clients": (Row(),),
    "GET /v1/clients/{client_id}": (Row(CLIENT),),
    "PATCH /v1/clients/{client_id}": (Row(CLIENT, lambda ids: {"name": "y"}),),
    "DELETE /v1/clients/{client_id}": (Row(CLIENT),),
    "POST /v1/clients/{client_id}/rotate-secret": (Row(CLIENT),),
    "GET /v1/audit": (Row(),),
    "GET /v1/events": (Row(),),
    "POST /v1/webhooks": (
        Row(body=lambda ids: {"url": "https://a.example/hook", "types": ["message.sent"]}),
    ),
    "GET /v1/webhooks": (Row(),),
    "GET /v1/webhooks/{webhook_id}": (Row(WEBHOOK),),
    "PATCH /v1/webhooks/{webhook_id}": (Row(WEBHOOK, lambda ids: {"description": "x"}),),
    "DELETE /v1/webhooks/{webhook_id}": (Row({"webhook_id": "fresh_webhook"}),),
    "POST /v1/webhooks/{webhook_id}/rotate-secret": (Row(WEBHOOK),),
    "POST /v1/webhooks/{webhook_id}/test": (Row(WEBHOOK),),
    "GET /v1/webhooks/{webhook_id}/attempts": (Row(WEBHOOK),),
    "POST /v1/webhooks/{webhook_id}/replay": (
        Row(WEBHOOK, lambda ids: {"since": "2026-01-01T00:00:00Z"}),
    ),
}
SOCKETS: dict[str, tuple[Row, ...]] = {
    "$connect": (Row(),),
    "send": (
        Row(GROUP, without_sender, says='"accepted"'),
        Row(OWN_FILE, lambda ids: {"message": a_file(ids)}, says='"accepted"'),
    ),
    "read": (Row(GROUP, seen),),
    "ack": (Row(GROUP, seen),),
    "typing": (Row(GROUP, lambda ids: {"conversation_id": ids["conversation_id"]}),),
    # What is gone and what was never there are named alike.
    "resume": (
        Row(
            GROUP,
            lambda ids: {"conversations": {ids["conversation_id"]: 0}},
            stranger=200,
            says="only for us",
        ),
        Row(),
    ),
    "ping": (Row(says='"pong"'),),
    "renew": (Row(body=lambda ids: {"token": ids["my_token"]}, says='"expires_at"'),),
}
# What is the same over REST is asked with the same rows.
GRPC: dict[str, tuple[Row, ...]] = {
    name.removeprefix(f"{PACKAGE}."): HTTP.get(method.route, (Row(),))
    for name, method in METHODS.items()
}
GRPC["Messages/SendBatch"] = tuple(
    replace(row, says='"message_id"') for row in GRPC["Messages/SendBatch"]
)
STREAM: dict[str, tuple[Row, ...]] = {
    "start": (Row(OWNER, lambda ids: {"user_id": ids["user_id"]}, member=403, stranger=403),),
    "send": (
        Row(GROUP, a_text, says='"accepted"'),
        Row(OWN_FILE, a_file, says='"accepted"'),
    ),
    "ack": (Row(GROUP, up_to_there, says='"done"'),),
    "read": (Row(GROUP, up_to_there, says='"done"'),),
    "renew": (Row(body=lambda ids: {"token": ids["my_token"]}, says='"token_expires_at"'),),
}
DOORS: tuple[tuple[Door, Mapping[str, tuple[Row, ...]]], ...] = (
    (HttpDoor(), HTTP),
    (SocketDoor(), SOCKETS),
    (GrpcDoor(), GRPC),
    (GrpcStreamDoor(), STREAM),
)
"""The next door comes here, with its table."""
