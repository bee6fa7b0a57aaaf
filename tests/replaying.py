"""What the fixtures in events/ need around them: a provider that answers, and people."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from chat4all.access.client import Client, ClientSecret, sha256
from chat4all.access.tokens import SCOPES
from chat4all.adapters.dynamodb import DynamoClientStore
from chat4all.bootstrap import chat
from chat4all.bootstrap.parts import file_store, message_store, object_store, table
from chat4all.caller import Caller, CallerKind
from chat4all.conversation import ConversationType, NewConversation, private_id
from chat4all.delivery import ToRoute
from chat4all.file import File, FileStatus
from chat4all.message import NewMessage
from chat4all.receipts import Receipts, Reference
from chat4all.user import UserProfile
from tests.builders import NOW
from tests.cloud import Cloud
from tests.uploading import PNG

SERVICE = Caller("c4a_local", CallerKind.SERVICE, frozenset(SCOPES))
CONVERSATION = private_id("ana", "bo")
M1 = "3f0e5a52-7c1d-4b8e-9a43-5d0c6b1f2a10"  # stored and routed before each replay
M2 = "8b1c9d3e-2f4a-4c6b-8d7e-9f0a1b2c3d4e"
M3 = "c2d4e6f8-1a3b-4c5d-9e7f-0a1b2c3d4e5f"
BO_WHATSAPP, BO_INSTAGRAM = "5511999990002", "17841400000000002"
MID = "aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQxNDAwMDAwMDAwMDAyOjM0MAZDZD"
FILE = "5b6c7d8e-9fa0-4b1c-8d2e-3f4a5b6c7d8e"
LINK = "bG9jYWwtZml4dHVyZS10b2"
MEDIA_ID = "1013859600285441"
CLIENT_SECRET = "local-client-secret"
LOCAL_CLIENT = Client("c4a_local", "local", SCOPES, 0, (ClientSecret(sha256(CLIENT_SECRET)),))


@dataclass
class Provider:
    """A provider on a local port: takes every send and keeps it, and has people's files."""

    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=lambda: {MEDIA_ID: PNG})
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

        def do_GET(self) -> None:
            """A media id asks for an address, and the address for the bytes."""
            place, _, name = self.path.rpartition("/")
            content = kept.media.get(name, b"")
            answer = {"url": f"{kept.url}/bytes/{name}", "mime_type": "image/png"}
            found = content if place == "/bytes" else json.dumps(answer).encode()
            self.send_response(200 if content else 404)
            self.send_header("content-length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)

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
        return message_store().receipts([message_id], fresh=True)[message_id]

    def file(self, file_id: str = FILE) -> File:
        file = file_store().get(file_id)
        assert file
        return file


def arrange(name: str) -> None:
    """Ana and Bo, who is on two channels, and a message of hers that is on its way to both."""
    DynamoClientStore(table()).add(LOCAL_CLIENT)
    for user, identities in {"ana": [], "bo": [_on("whatsapp"), _on("instagram")]}.items():
        profile = UserProfile.model_validate({"name": user.title(), "identities": identities})
        chat.users().put(SERVICE, user, profile)
    if name == "create_conversation":
        return
    pair = NewConversation(type=ConversationType.PRIVATE, members=("ana", "bo"))
    chat.conversations().open(SERVICE, pair)
    _say(M1, route=True)
    reference = Reference(
        channel="instagram",
        provider_id=MID,
        message_id=M1,
        conversation_id=CONVERSATION,
        index=1,
    )
    message_store().record([], [reference])
    if name == "finish_upload":
        _file(FileStatus.CHECKING, parts=[PNG])
    if name == "follow_link":
        _file(FileStatus.READY)
        hashed, for_ever = hashlib.sha256(LINK.encode()).hexdigest(), 4_102_444_800_000
        file_store().add_link(hashed, FILE, for_ever)
    if name == "erase_user":
        _file(FileStatus.READY)
    if name == "fetch_media":
        _file(FileStatus.UPLOADING, origin="whatsapp", size=None)
    if name == "route_message":
        _say(M2)
        _say(M3)


def _file(status: FileStatus, parts: Sequence[bytes] = (), **facts: Any) -> None:
    """Bo's picture, which has come so far."""
    known: dict[str, Any] = {
        "file_id": FILE,
        "owner": "bo",
        "status": status,
        "filename": "image.png",
        "content_type": "image/png",
        "size": len(PNG),
        "created_at": NOW,
        **facts,
    }
    file = File.model_validate(known)
    if parts:
        begun = object_store().begin(file.key, file.content_type)
        for number, part in enumerate(parts, 1):
            object_store().put_part(file.key, begun.upload_id, number, part)
        file = file.model_copy(update={"upload_id": begun.upload_id})
    file_store().add(file)


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
    chat.messaging().accept(SERVICE, new)
    if route:
        chat.routing().route([ToRoute(message_id=message_id, conversation_id=CONVERSATION)])
