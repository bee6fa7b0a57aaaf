"""Locust's users who hold WebSockets."""

from __future__ import annotations

import json
import ssl
import time
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

import websocket
from locust import User, events, task

from tests.load.locust_world import (
    CA,
    PADDING,
    PATIENCE,
    WORLD,
    begin,
    end,
    rooms,
    token,
    wait_time,
)
from tests.load.records import BUSY, wait_before

BROKEN = (websocket.WebSocketException, OSError)
AGAIN = 1.0  # seconds


class Sockets(User):
    """Two people of the app: one sends over a WebSocket, the other has it pushed and reads it."""

    wait_time = wait_time

    def on_start(self) -> None:
        self.room = next(rooms)
        self.lines: dict[str, websocket.WebSocket] = {}

    def on_stop(self) -> None:
        for line in self.lines.values():
            line.close()

    @task
    def talk(self) -> None:
        """A line that broke, as each does when its token ends, is opened again."""
        try:
            for person in ("talker", "hearer"):
                if person not in self.lines:
                    self.lines[person] = self.timed("connect", lambda who=person: self.connect(who))
            self.say()
        except BROKEN:
            self.on_stop()
            self.lines.clear()
            time.sleep(AGAIN)

    def say(self) -> None:
        message_id = str(uuid.uuid4())
        asked = begin(message_id, self.room["conversation_id"])
        try:
            answer = self.timed("send", lambda: self.send(message_id))
            accepted = answer["type"] == "accepted"
            asked.status = 202 if accepted else answer["problem"]["status"]
            asked.code = "" if accepted else answer["problem"]["code"]
            asked.busy = int(asked.status in BUSY)
        finally:
            end(asked)
        if not accepted:
            time.sleep(wait_before(1, str(answer["problem"].get("retry_after", ""))))
            return
        pushed = self.timed(
            "push after the answer", lambda: self.hear("hearer", is_message(message_id))
        )
        read = {"action": "read", "conversation_id": self.room["conversation_id"]}
        self.lines["hearer"].send(json.dumps(read | {"up_to_seq": pushed["data"]["seq"]}))

    def send(self, message_id: str) -> dict[str, Any]:
        message = {
            "message_id": message_id,
            "conversation_id": self.room["conversation_id"],
            "payload": {"type": "text", "text": f"{message_id} {PADDING}"},
        }
        frame = {"action": "send", "request_id": message_id, "message": message}
        self.lines["talker"].send(json.dumps(frame))
        return self.hear("talker", lambda found: found.get("request_id") == message_id)

    def hear(self, person: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Raises WebSocketTimeoutException when it does not come."""
        while not wanted(frame := dict(json.loads(self.lines[person].recv()))):
            pass
        return frame

    def connect(self, person: str) -> websocket.WebSocket:
        context = ssl.create_default_context(cafile=CA) if CA else None
        request = urllib.request.Request(
            f"{WORLD['api_url']}/v1/users/{self.room[person]}/token",
            json.dumps({"expires_in": 900}).encode(),
            {"authorization": f"Bearer {token()}", "content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE, context=context) as answer:
            mine = json.load(answer)["access_token"]
        return websocket.create_connection(
            WORLD["sockets_url"],
            timeout=PATIENCE,
            subprotocols=["chat4all", f"bearer.{mine}"],
            sslopt={"ca_certs": CA} if CA else None,
        )

    def timed(self, name: str, act: Callable[[], Any]) -> Any:
        """What `act` answers; Locust counts it and how long it took."""
        begun = time.perf_counter()
        problem: Exception | None = None
        try:
            return act()
        except BROKEN as error:
            problem = error
            raise
        finally:
            events.request.fire(
                request_type="WS",
                name=name,
                response_time=(time.perf_counter() - begun) * 1000,
                response_length=0,
                exception=problem,
            )


def is_message(message_id: str) -> Callable[[dict[str, Any]], bool]:
    def wanted(frame: dict[str, Any]) -> bool:
        told = frame.get("type") == "message.accepted"
        return bool(told and frame["data"]["message_id"] == message_id)

    return wanted
