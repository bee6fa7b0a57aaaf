"""A subscriber of webhooks on this machine: keeps what it gets, and answers as it is told.

Connections cost it little, so that one process can play several subscribers, each at a path of its
own, under load: uvicorn in a thread.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import uvicorn
from standardwebhooks import Webhook

START_PATIENCE = 10.0  # seconds


@dataclass(frozen=True)
class Delivery:
    """One request, as it came."""

    path: str
    headers: Mapping[str, str]
    """By their lower-case names."""
    body: bytes
    at: float
    """Seconds since 1970, when its last byte was there."""

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]

    def event(self, *secrets: str) -> dict[str, Any]:
        """What it says.

        Raises:
            WebhookVerificationError: the signature of one of these secrets is missing, or the
                time-stamp is not of now.
        """
        for secret in secrets:
            Webhook(secret).verify(self.body, dict(self.headers))
        return dict(json.loads(self.body))


@dataclass(frozen=True)
class Answer:
    """What a request is answered with, and when."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0
    """Seconds before the first byte."""
    drip: float = 0.0
    """Seconds between one byte of the body and the next."""
    body: bytes = b""


class Receiver:
    """Listens on a free port of the loopback address while its block lasts."""

    def __init__(self, heard: Callable[[Delivery], None] | None = None) -> None:
        """`heard` gets every delivery, in the server's thread: it must return at once."""
        self._heard = heard
        self._deliveries: list[Delivery] = []
        self._answers: dict[str, deque[Answer]] = {}
        self._always: dict[str, Answer] = {}
        self._port = 0
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self._port}{path}"

    def deliveries(self, path: str = "/hook") -> list[Delivery]:
        """What came there so far, whatever it was answered with."""
        return [delivery for delivery in self._deliveries[:] if delivery.path == path]

    def forget(self) -> None:
        self._deliveries.clear()

    def answers(self, *answers: Answer, path: str = "/hook") -> None:
        """These to the next requests there, one after the other."""
        self._answers.setdefault(path, deque()).extend(answers)

    def always(self, answer: Answer, path: str = "/hook") -> None:
        """This whenever nothing else was said."""
        self._always[path] = answer

    def start(self) -> None:
        """Listen; on the same port as before, if it did before.

        Raises:
            OSError: the port is taken by now, or the server did not start.
        """
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self._port))
        self._port = int(listening.getsockname()[1])
        options: dict[str, Any] = {"lifespan": "off", "ws": "none", "access_log": False}
        options |= {"log_level": "critical", "backlog": 1024, "timeout_graceful_shutdown": 0}
        config = uvicorn.Config(self._serve, interface="asgi3", **options)
        self._server = uvicorn.Server(config)
        run = self._server.run
        self._thread = threading.Thread(target=run, args=([listening],), daemon=True)
        self._thread.start()
        deadline = time.monotonic() + START_PATIENCE
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise OSError("The receiver did not start.")
            time.sleep(0.005)

    def stop(self) -> None:
        """Refuse connections, and cut those that are open."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = self._server.force_exit = True
            self._thread.join()
            self._server = self._thread = None

    async def _serve(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        body, more = b"", True
        while more:
            part = await receive()
            if part["type"] != "http.request":
                return  # it went away
            body += part.get("body", b"")
            more = part.get("more_body", False)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        path = scope["path"]
        delivery = Delivery(path, headers, body, time.time())
        self._deliveries.append(delivery)
        if self._heard is not None:
            self._heard(delivery)
        scripted = self._answers.get(path)
        answer = scripted.popleft() if scripted else self._always.get(path, Answer())
        await self._answer(answer, send)

    async def _answer(
        self, answer: Answer, send: Callable[[dict[str, Any]], Awaitable[None]]
    ) -> None:
        await asyncio.sleep(answer.wait)
        length = {"content-length": str(len(answer.body))} if answer.status != 204 else {}
        headers = [
            (name.lower().encode(), value.encode())
            for name, value in {**length, **answer.headers}.items()
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        pieces = [answer.body]
        if answer.drip:
            pieces = [answer.body[n : n + 1] for n in range(len(answer.body))]
        for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(answer.drip)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
