"""What the fixtures of webhooks and of the WebSocket API do: see tests/unit/test_events.py."""

import importlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from moto.apigatewaymanagementapi.models import apigatewaymanagementapi_backends

from chat4all.bootstrap import access, parts
from chat4all.realtime.connection import Connection
from chat4all.webhooks.endpoint import Endpoint, Secret
from tests.builders import NOW
from tests.cloud import CONTEXT
from tests.replaying import M1, M2, SERVICE, Replayed

WEBHOOK = "2f1d6c3a-5b7e-4c8d-9a0b-1c2d3e4f5a6b"
SECRET = "whsec_bG9jYWwtZml4dHVyZS1zZWNyZXQ="
SOCKET = "Lx7aEd2ioAMCJsQ="
FOR_EVER = 4_102_444_800_000


def arrange_subscribers(name: str, provider_url: str) -> None:
    """An endpoint at the provider's, or a socket of Bo's."""
    if name in ("queue_attempts", "dispatch_webhook"):
        endpoint = Endpoint(
            webhook_id=WEBHOOK,
            url=f"{provider_url}/hook",
            types=("*",),
            secrets=(Secret(value=SECRET),),
            created_at=NOW,
        )
        parts.endpoint_store().add(endpoint)
    if name in ("client_frame", "disconnect_client", "push_realtime"):
        connection = Connection(
            connection_id=SOCKET,
            user_id="bo",
            scopes=("messages:read", "messages:write"),
            connected_at=NOW,
            seen_at=NOW,
            token_expires_at=FOR_EVER,
        )
        parts.connection_store().add(connection)


def create_webhook(done: Replayed) -> None:
    assert done.answer["statusCode"] == 201
    assert (done.body["status"], done.body["delivery"]) == ("ACTIVE", "webhook")
    assert done.body["secret"].startswith("whsec_")
    assert parts.endpoint_store().any_active()


def queue_attempts(done: Replayed) -> None:
    assert done.answer == {"batchItemFailures": []}
    jobs = done.stack.received("attempts")
    assert [(j["webhook_id"], j["attempt"]) for j in jobs] == [(WEBHOOK, 1), (WEBHOOK, 2)]
    assert {j["event"]["type"] for j in jobs} == {"message.accepted"}


def dispatch_webhook(done: Replayed) -> None:
    assert done.answer == {"batchItemFailures": []}
    [(path, event)] = done.provider.requests
    assert (path, event["type"]) == ("/hook", "message.accepted")
    assert event["data"]["message_id"] == M1
    [attempt], _ = parts.attempt_store().page(WEBHOOK, None, 10)
    assert (attempt.attempt, attempt.status_code, attempt.error) == (1, 200, None)


def connect_client(done: Replayed) -> None:
    assert done.answer["statusCode"] == 401, "the token in the file is a made-up one"
    event = json.loads((Path(__file__).parents[1] / "events/connect_client.json").read_text())
    token = access.tokens().for_user(SERVICE, "bo", 900).access_token
    event["headers"]["Sec-WebSocket-Protocol"] = f"chat4all, bearer.{token}"
    connect = importlib.import_module("connect_client.handler").lambda_handler
    answer = connect(event, CONTEXT)
    assert answer == {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "chat4all"}}
    assert list(_connections()) == [SOCKET]


def client_frame(done: Replayed) -> None:
    assert done.answer == {"statusCode": 200}
    assert [m["message_id"] for m in done.stack.received("inbound")] == [M2]
    assert _posted()["message_id"] == M2


def disconnect_client(done: Replayed) -> None:
    assert done.answer == {"statusCode": 200}
    assert _connections() == {}


def push_realtime(done: Replayed) -> None:
    """The second record is Bo's own typing: that is not posted to Bo."""
    assert done.answer == {"batchItemFailures": []}
    event = _posted()
    assert (event["type"], event["data"]["message_id"]) == ("message.accepted", M1)


def _connections() -> Any:
    return parts.connection_store().of_users(["bo"])["bo"].connections


def _posted() -> Any:
    """What was posted to the socket last; moto keeps the id quoted."""
    backend = apigatewaymanagementapi_backends["123456789012"]["us-east-1"]
    return json.loads(backend.get_connection(quote(SOCKET)).data)


EXPECTED = {
    "http_api": (create_webhook,),
    "queue_attempts": (queue_attempts,),
    "dispatch_webhook": (dispatch_webhook,),
    "connect_client": (connect_client, client_frame, disconnect_client),
    "push_realtime": (push_realtime,),
}
