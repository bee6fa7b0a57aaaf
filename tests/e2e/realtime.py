"""Clients of the WebSocket API: ours, and bare sockets for what ours would not do."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from infra.client.errors import Stopped
from infra.client.realtime import RealtimeClient
from infra.local import aws
from infra.local.client import Api, wait_until
from infra.local.running import Addresses
from tests.e2e.told import matching


def token_of(api: Api, user_id: str) -> str:
    return str(api.ok("POST", f"/v1/users/{user_id}/token", {})["access_token"])


class Device(RealtimeClient):
    """The client, and all that it gave out, in that order."""

    def __init__(self, stack: Addresses, api: Api, user_id: str, **options: Any) -> None:
        super().__init__(stack.sockets_url, lambda: token_of(api, user_id), **options)
        self.came: list[dict[str, Any]] = []
        self._collector = threading.Thread(target=self._collect, daemon=True)

    def _collect(self) -> None:
        with suppress(Stopped):
            for event in self.events():
                self.came.append({**event, "_at": time.time()})

    def of(self, *types: str, **data: Any) -> list[dict[str, Any]]:
        """Those of these types and with these data."""
        return matching(self.came[:], types, data)

    def wait_for(
        self, *types: str, count: int = 1, seconds: float = 20, **data: Any
    ) -> list[dict[str, Any]]:
        return wait_until(
            lambda: found if len(found := self.of(*types, **data)) >= count else None,
            f"{count} of {types or 'all types'} {data or ''}",
            seconds,
        )

    def cut(self) -> None:
        """As a network does: no closing handshake."""
        if line := self._line:
            with suppress(OSError):
                line._socket.socket.shutdown(socket.SHUT_RDWR)


@contextmanager
def connected(stack: Addresses, api: Api, user_id: str, **options: Any) -> Iterator[Device]:
    """A device that is connected and has caught up."""
    with Device(stack, api, user_id, **options) as device:
        device._collector.start()
        device.wait_connected()
        wait_until(lambda: device.cursor, "the answer to its first question")
        yield device


class Socket:
    """A bare connection: every frame as it comes, and no patience with the server."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def tell(self, action: str, **fields: Any) -> str:
        request_id = str(uuid.uuid4())
        frame = {"action": action, "request_id": request_id, **fields}
        self.connection.send(json.dumps(frame))
        return request_id

    def hear(self, seconds: float = 10) -> dict[str, Any]:
        return dict(json.loads(self.connection.recv(timeout=seconds)))

    def hear_answer(self) -> dict[str, Any]:
        """The next frame that is no event."""
        while "id" in (frame := self.hear()):
            pass
        return frame

    def answer(self, action: str, **fields: Any) -> dict[str, Any]:
        """To this action; pushes that come before it are passed over."""
        return self.answer_and_events(action, **fields)[0]

    def answer_and_events(
        self, action: str, **fields: Any
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The answer, and the events that came before it."""
        request_id, events = self.tell(action, **fields), []
        while (frame := self.hear()).get("request_id") != request_id:
            events.append(frame)
        return frame, events


@contextmanager
def bare(url: str, token: str | None = None) -> Iterator[Socket]:
    """Raises what `websockets` raises when the handshake is refused."""
    offered = [Subprotocol("chat4all"), Subprotocol(f"bearer.{token}")] if token else None
    with connect(url, subprotocols=offered) as connection:
        yield Socket(connection)


def expired(stack: Addresses, token: str) -> str:
    return aged(stack, token, 3600)


def aged(stack: Addresses, token: str, seconds: int) -> str:
    """The same token so much later, signed by the same key."""
    endpoint = stack.aws_endpoint_url
    header, payload, _ = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims |= {name: claims[name] - seconds for name in ("iat", "exp", "nbf") if name in claims}
    signed = f"{header}.{_packed(json.dumps(claims).encode())}"
    settings = aws.client(endpoint, "lambda").get_function_configuration(
        FunctionName=f"chat4all-{stack.stage}-http-api"
    )
    signature = aws.client(endpoint, "kms").sign(
        KeyId=settings["Environment"]["Variables"]["TOKEN_KEY_IDS"].split(",")[0],
        Message=signed.encode(),
        MessageType="RAW",
        SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256",
    )["Signature"]
    return f"{signed}.{_packed(signature)}"


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
