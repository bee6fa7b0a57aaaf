"""A user's app: connected, told of messages, and saying that it has them."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import httpx

from infra.client.errors import ClientError, Stopped
from infra.client.realtime import RealtimeClient
from infra.local.client import Api
from infra.local.running import Addresses

ACK_EVERY = 0.5  # seconds
TOKEN_PATIENCE = 120.0  # seconds


def token_of(api: Api, user_id: str) -> str:
    """Asked for until the API answers."""
    deadline = time.monotonic() + TOKEN_PATIENCE
    while True:
        try:
            return api.as_user(user_id).token
        except (AssertionError, httpx.HTTPError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


class Device(RealtimeClient):
    """Every message that its user was shown, in that order."""

    def __init__(self, stack: Addresses, api: Api, user_id: str) -> None:
        super().__init__(stack.sockets_url, lambda: token_of(api, user_id), waits=(0.1, 0.5, 1))
        self.had: list[str] = []
        self._up_to: dict[str, int] = {}
        for target in (self._collect, self._acknowledge):
            threading.Thread(target=target, daemon=True).start()

    def _collect(self) -> None:
        with suppress(Stopped):
            for event in self.events():
                if event["type"] == "message.accepted":
                    data = event["data"]
                    self.had.append(data["message_id"])
                    self._up_to[data["conversation_id"]] = data["seq"]

    def _acknowledge(self) -> None:
        told: dict[str, int] = {}
        while not self._stopping.wait(ACK_EVERY):
            for conversation, seq in list(self._up_to.items()):
                if told.get(conversation) != seq:
                    with suppress(ClientError):  # asked again in a moment
                        self.ack(conversation, seq)
                        told[conversation] = seq
