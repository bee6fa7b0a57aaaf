"""A WebSocket API with messages that a test pushes: like ours, but what it answers is scripted."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

PAGE = 200


def message(conversation: str, seq: int) -> dict[str, Any]:
    return {
        "id": f"event-{conversation}-{seq}",
        "type": "message.accepted",
        "timestamp": "2026-11-23T10:00:00.000Z",
        "data": {
            "conversation_id": conversation,
            "seq": seq,
            "message_id": f"{conversation}-{seq}",
        },
    }


class FakeSockets:
    """Its answers to `resume` come from `history`; a cursor is the number of what was written, and
    `delivered` is where a client begins that has none."""

    def __init__(self) -> None:
        self.url = ""
        self.history: list[dict[str, Any]] = []
        self.delivered = 0
        self.tokens: list[str] = []
        self.frames: list[dict[str, Any]] = []
        self.connections: list[ServerConnection] = []
        self.refuses: list[int] = []
        """Statuses of the next handshakes."""
        self.deaf: set[str] = set()
        """Actions that cut the line instead of being answered, once each."""
        self.problems: dict[str, dict[str, Any]] = {}
        self.incomplete = 0
        """So many answers say that they may not be complete, and leave the last message out."""
        self.page = PAGE

    def accepts(self, *events: dict[str, Any]) -> None:
        """Durable, and not pushed yet."""
        self.history += events

    def push(self, *events: dict[str, Any]) -> None:
        for connection in list(self.connections):
            for event in events:
                with suppress(ConnectionClosed):
                    connection.send(json.dumps(event))

    def cut(self) -> None:
        """As a network does: no closing handshake."""
        for connection in list(self.connections):
            with suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)

    def asked(self, action: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["action"] == action]

    def process(self, connection: ServerConnection, request: Request) -> Response | None:
        [_, token] = request.headers["Sec-WebSocket-Protocol"].split(", ")
        self.tokens.append(token.removeprefix("bearer."))
        return connection.respond(self.refuses.pop(0), "no\n") if self.refuses else None

    def attend(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        try:
            for text in connection:
                frame = json.loads(text)
                self.frames.append(frame)
                if frame["action"] in self.deaf:
                    self.deaf.discard(frame["action"])
                    connection.socket.shutdown(socket.SHUT_RDWR)
                    return
                for answer in self.answers(frame):
                    connection.send(json.dumps({**answer, "request_id": frame.get("request_id")}))
        except (ConnectionClosed, OSError):
            pass
        finally:
            self.connections.remove(connection)

    def answers(self, frame: dict[str, Any]) -> Iterator[dict[str, Any]]:
        action = frame["action"]
        if problem := self.problems.pop(action, None):
            yield {"type": "error", "problem": problem}
        elif action == "resume":
            yield from self.resumed(frame)
        elif action == "send":
            yield {"type": "accepted", "message_id": frame["message"]["message_id"]}
        else:
            yield {"type": "pong" if action == "ping" else "ok"}

    def resumed(self, frame: dict[str, Any]) -> Iterator[dict[str, Any]]:
        known = frame.get("conversations")
        begun = int(frame.get("cursor") or self.delivered)
        if known is None:
            missed = self.history[begun:]
        else:
            missed = [
                event
                for event in self.history
                if event["data"]["seq"] > known.get(event["data"]["conversation_id"], 10**9)
            ]
        found = missed[: self.page]
        answer: dict[str, Any] = {"type": "resumed", "has_more": len(missed) > len(found)}
        if self.incomplete and found:
            self.incomplete, found, answer["complete"] = self.incomplete - 1, found[:-1], False
        yield from found
        yield {**answer, "cursor": str(begun + len(found)) if known is None else None}


@contextmanager
def serving() -> Iterator[FakeSockets]:
    fake = FakeSockets()
    options = {"subprotocols": ["chat4all"], "process_request": fake.process}
    with serve(fake.attend, "127.0.0.1", 0, **options) as server:  # type: ignore[arg-type]
        fake.url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/local"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield fake
        fake.cut()
        server.shutdown()
        thread.join()
