"""Clients that send without a pause, each waiting for an answer before its next request, and
repeating what was not answered under the same ids."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

import grpc
import httpx

from infra.client.errors import ClientError
from infra.local.running import Addresses
from tests.fault.ledger import Ledger

Message = dict[str, Any]
Door = Callable[[Sequence[Message]], set[str]]
"""Asks for messages of one conversation; the ids of those that were accepted."""

PAUSE = 0.2  # seconds before a request is repeated
BROKEN = (OSError, HTTPException, httpx.HTTPError, ClientError, grpc.RpcError)
"""What a client meets when a part of the stack is down."""
FINAL = (400, 404, 409, 413, 422)
"""Answers that no repeat would change: a bug of ours, or of the stack."""


def rest(stack: Addresses, token: str) -> Door:
    """One connection, kept open as long as the server lets it."""
    target = urlsplit(stack.api_url)
    connection = HTTPConnection(target.netloc, timeout=30)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}

    def post(path: str, body: object) -> Any:
        try:
            connection.request("POST", target.path + path, json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException):
            connection.close()
            raise
        if answer.status in FINAL:
            raise AssertionError(f"{path}: {answer.status} {content!r}")
        return json.loads(content) if answer.status < 300 else None

    def ask(messages: Sequence[Message]) -> set[str]:
        if len(messages) == 1:
            answer = post("/v1/messages", messages[0])
            return {messages[0]["message_id"]} if answer else set()
        answer = post("/v1/messages/batch", {"messages": messages}) or {"items": []}
        return {item["message_id"] for item in answer["items"] if item["status"] == "accepted"}

    return ask


def over_grpc(call: Callable[..., httpx.Response]) -> Door:
    def ask(messages: Sequence[Message]) -> set[str]:
        found = set()
        for message in messages:
            answer = call("POST", "/v1/messages", message)
            if answer.status_code in FINAL:
                raise AssertionError(f"gRPC: {answer.status_code} {answer.text}")
            if answer.is_success:
                found.add(message["message_id"])
        return found

    return ask


def over_socket(send: Callable[..., str]) -> Door:
    """The device sends as its own user."""

    def ask(messages: Sequence[Message]) -> set[str]:
        return {send(m["conversation_id"], m["payload"], m["message_id"]) for m in messages}

    return ask


class Client(threading.Thread):
    """Sends in its conversations by turns until it is told to stop."""

    def __init__(
        self,
        name: str,
        door: Door,
        ledger: Ledger,
        conversations: Sequence[str],
        stopping: threading.Event,
        seed: int,
        sender: str = "",
        at_once: int = 1,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._door, self._ledger, self._stopping = door, ledger, stopping
        self._conversations, self._sender, self._at_once = conversations, sender, at_once
        self._random = random.Random(seed)
        self._turn = 0
        self.failed: Exception | None = None

    def run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._send()
        except Exception as error:
            self.failed = error

    def _send(self) -> None:
        conversation = self._random.choice(self._conversations)
        messages = [self._message(conversation) for _ in range(self._at_once)]
        ids = [message["message_id"] for message in messages]
        self._ledger.trying(self.name, conversation, ids)
        done, tries = set[str](), 0
        while missing := [m for m in messages if m["message_id"] not in done]:
            tries += 1
            with suppress(*BROKEN):
                done |= self._door(missing)
            if len(done) < len(messages):
                time.sleep(PAUSE)
        # a repeated request says nothing about the order of the messages in it
        turns = {m: self._turn + (n if tries == 1 else 1) for n, m in enumerate(ids, 1)}
        self._turn += len(messages)
        self._ledger.answered(turns)

    def _message(self, conversation: str) -> Message:
        message_id = str(uuid.uuid4())
        message: Message = {
            "message_id": message_id,
            "conversation_id": conversation,
            "payload": {
                "type": "text",
                "text": f"{message_id} {'x' * self._random.randint(0, 200)}",
            },
        }
        return message | ({"from": self._sender} if self._sender else {})
