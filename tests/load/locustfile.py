"""The users of the closed models who speak HTTP; those with WebSockets are in locust_sockets.py.
Locust runs this in `.venv-load`."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from locust import FastHttpUser, task

from tests.load.locust_sockets import Sockets
from tests.load.locust_world import (
    ATTEMPTS,
    FILE_BYTES,
    PADDING,
    PATIENCE,
    WORLD,
    begin,
    end,
    rooms,
    token,
    wait_time,
)
from tests.load.records import BUSY, code_in, wait_before

__all__ = ["Files", "Sockets", "Texts"]
FILE = b"\xff\xd8\xff\xe0" + bytes(FILE_BYTES - 4)
"""It begins as a JPEG does."""
LOOK = 0.1  # seconds


class Sending(FastHttpUser):
    """Sends to the conversations by turns, each message until it is answered for good."""

    abstract = True
    wait_time = wait_time

    def say(self, payload: dict[str, Any], message_id: str) -> None:
        asked = begin(message_id, next(rooms)["conversation_id"])
        body = {
            "message_id": message_id,
            "conversation_id": asked.conversation_id,
            "from": WORLD["sender"],
            "payload": payload,
        }
        try:
            for attempt in range(1, ATTEMPTS + 1):
                answer = self.ask("POST", "/v1/messages", body)
                asked.status = answer.status_code or 0
                asked.busy += asked.status in BUSY
                asked.code = "" if asked.status < 300 else code_in(answer.content or b"")
                if asked.status and asked.status not in BUSY:
                    break
                headers = answer.headers or {}
                time.sleep(wait_before(attempt, headers.get("retry-after")))
        finally:
            end(asked)

    def ask(self, method: str, path: str, body: Any = None, name: str | None = None) -> Any:
        headers = {"authorization": f"Bearer {token()}", "content-type": "application/json"}
        data = None if body is None else json.dumps(body)
        return self.client.request(method, path, name=name or path, data=data, headers=headers)


class Texts(Sending):
    @task
    def text(self) -> None:
        message_id = str(uuid.uuid4())
        self.say({"type": "text", "text": f"{message_id} {PADDING}"}, message_id)


class Files(Sending):
    """Uploads a file by signed URLs, waits until it is checked, and sends it."""

    @task
    def file(self) -> None:
        message_id = str(uuid.uuid4())
        begun = self.ask(
            "POST",
            "/v1/files/initiate",
            {
                "filename": "photo.jpg",
                "size": len(FILE),
                "content_type": "image/jpeg",
                "part_size": 5_242_880,
                "user_id": WORLD["sender"],
            },
        )
        if begun.status_code != 201 or not self.upload(begun.json()["upload_urls"]):
            return
        file_id = begun.json()["file_id"]
        self.ask("POST", f"/v1/files/{file_id}/complete", {}, "/v1/files/{id}/complete")
        if self.ready(file_id):
            self.say({"type": "file", "file_id": file_id, "caption": message_id}, message_id)

    def upload(self, parts: list[dict[str, Any]]) -> bool:
        """Whether S3 took all of it."""
        at = 0
        for part in parts:
            piece = FILE[at : at + part["size"]]
            at += part["size"]
            if self.client.put(part["url"], data=piece, name="a part to S3").status_code != 200:
                return False
        return True

    def ready(self, file_id: str) -> bool:
        deadline = time.time() + PATIENCE
        while time.time() < deadline:
            found = self.ask("GET", f"/v1/files/{file_id}", name="/v1/files/{id}")
            if found.status_code == 200 and found.json()["status"] != "CHECKING":
                return bool(found.json()["status"] == "READY")
            time.sleep(LOOK)
        return False
