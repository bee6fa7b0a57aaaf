"""Listen to the event log as a service does, over gRPC: one stream tells of every message."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Self

import grpc

from grpc_front.generated.chat4all.v1 import events_pb2 as events
from infra.local.running import Addresses
from tests.load.heard import Heard, Mark
from tests.support.over_grpc import channel_to

MARKS = {
    "message_delivered": Mark.DELIVERED,
    "message_read": Mark.READ,
    "message_failed": Mark.FAILED,
}
WATERMARKS = {"conversation_delivered": Mark.DELIVERED, "conversation_read": Mark.READ}
ON_CHANNELS = ("message.delivered", "message.read", "message.failed")
IN_THE_APP = (*ON_CHANNELS, "message.accepted", "conversation.delivered", "conversation.read")
AGAIN = 0.5  # seconds before a stream that broke is opened again
BEFORE = 2  # seconds: what is logged in them is heard and means nothing to us


class Hearing:
    """Fills a `Heard` in a thread, for the length of a block; goes on from its cursor when the
    stream ends, as it does when its token does."""

    def __init__(
        self, addresses: Addresses, token: Callable[[], str], heard: Heard, types: tuple[str, ...]
    ) -> None:
        self._token, self._heard, self._types = token, heard, types
        channel = channel_to(addresses.grpc_address, addresses.ca_file)
        self._subscribe = channel.unary_stream(
            "/chat4all.v1.Events/Subscribe",
            request_serializer=events.EventsSubscribeRequest.SerializeToString,
            response_deserializer=events.EventsSubscribeResponse.FromString,
        )
        self._call: Any = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._hear, daemon=True)
        self.breaks = 0

    def __enter__(self) -> Self:
        self._since = int(time.time()) - BEFORE
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._call is not None:
            self._call.cancel()
        self._thread.join(10)

    def _hear(self) -> None:
        cursor = ""
        while not self._over.is_set():
            request = events.EventsSubscribeRequest(types=self._types, cursor=cursor)
            request.since.seconds = self._since
            metadata = [("authorization", f"Bearer {self._token()}")]
            self._call = self._subscribe(request, metadata=metadata)
            try:
                for response in self._call:
                    cursor = response.cursor or cursor
                    now = time.time()
                    for event in response.events:
                        take(self._heard, event, now)
            except grpc.RpcError:
                self.breaks += not self._over.is_set()
            self._over.wait(AGAIN)


def take(heard: Heard, event: Any, now: float) -> None:
    """Note what an event says; types that say nothing of a message's way are passed over."""
    name = event.WhichOneof("data")
    if name in MARKS:
        data = getattr(event, name)
        heard.note(data.message_id, data.user_id, MARKS[name], now)
    elif name in WATERMARKS:
        data = getattr(event, name)
        heard.watermark(data.conversation_id, data.user_id, data.up_to_seq, WATERMARKS[name], now)
    elif name == "message_accepted":
        data = event.message_accepted
        heard.placed(data.conversation_id, data.seq, data.message_id)
