"""What the fixtures in events/ need around them: a provider that answers, and people."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from chat4all import bootstrap
from chat4all.adapters.dynamodb import DynamoClientStore
from chat4all.caller import Caller, CallerKind
from chat4all.conversation import ConversationType, NewConversation, private_id
from chat4all.delivery import ToRoute
from chat4all.message import NewMessage
from chat4all.ports import Client
from chat4all.receipts import Receipts, Reference
from chat4all.tokens import SCOPES
from chat4all.user import UserProfile
from tests.cloud import Cloud

SERVICE = Caller("c4a_local", CallerKind.SERVICE, frozenset(SCOPES))
CONVERSATION = private_id("ana", "bo")
M1 = "3f0e5a52-7c1d-4b8e-9a43-5d0c6b1f2a10"  # stored and routed before each replay
M2 = "8b1c9d3e-2f4a-4c6b-8d7e-9f0a1b2c3d4e"
M3 = "c2d4e6f8-1a3b-4c5d-9e7f-0a1b2c3d4e5f"
BO_WHATSAPP, BO_INSTAGRAM = "5511999990002", "17841400000000002"
MID = "aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQxNDAwMDAwMDAwMDAyOjM0MAZDZD"
CLIENT_SECRET = "local-client-secret"
LOCAL_CLIENT = Client(
    "c4a_local", hashlib.sha256(CLIENT_SECRET.encode()).hexdigest(), "local", SCOPES, 0
)


@dataclass
class Provider:
    """A provider on a local port: takes every send and keeps it."""

    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    url: str = ""


@contextmanager
def a_provider() -> Iterator[Provider]:
    kept = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            kept.requests.append((self.path, json.loads(self.rfile.read(length))))
            body = json.dumps({"messages": [{"id": "wamid.new"}], "message_id": "mid.new"})
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *given: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kept.url = f"http://127.0.0.1:{server.server_port}"
    yield kept
    server.shutdown()
    server.server_close()


@dataclass
class Replayed:
    answer: Any
    stack: Cloud
    provider: Provider

    @property
    def body(self) -> Any:
        return json.loads(self.answer["body"])

    def place(self, message_id: str) -> Receipts:
        return bootstrap._messages().receipts([message_id], fresh=True)[message_id]


def arrange(name: str) -> None:
    """Ana and Bo, who is on two channels, and a message of hers that is on its way to both."""
    for user, identities in {"ana": [], "bo": [_on("whatsapp"), _on("instagram")]}.items():
        profile = UserProfile.model_validate({"name": user.title(), "identities": identities})
        bootstrap.users().put(SERVICE, user, profile)
    if name == "create_conversation":
        return
    pair = NewConversation(type=ConversationType.PRIVATE, members=("ana", "bo"))
    bootstrap.conversations().open(SERVICE, pair)
    _say(M1, route=True)
    reference = Reference(
        channel="instagram",
        provider_id=MID,
        message_id=M1,
        conversation_id=CONVERSATION,
        index=1,
    )
    bootstrap._messages().record([], [reference])
    if name == "route_message":
        _say(M2)
        _say(M3)
    if name == "token":
        DynamoClientStore(bootstrap.table()).add(LOCAL_CLIENT)


def _on(channel: str) -> dict[str, str]:
    return {
        "channel": channel,
        "address": BO_WHATSAPP if channel == "whatsapp" else BO_INSTAGRAM,
    }


def _say(message_id: str, *, route: bool = False) -> None:
    new = NewMessage.model_validate(
        {
            "message_id": message_id,
            "conversation_id": CONVERSATION,
            "from": "ana",
            "channels": ["whatsapp", "instagram"],
            "payload": {"type": "text", "text": "Hello, Bo!"},
        }
    )
    bootstrap.messaging().accept(SERVICE, new)
    if route:
        bootstrap.routing().route([ToRoute(message_id=message_id, conversation_id=CONVERSATION)])
