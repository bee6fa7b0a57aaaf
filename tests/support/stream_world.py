"""People who talk on the imitated stack, and clients of Messages.Stream who follow it."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from google.rpc import error_details_pb2

from chat4all.access.tokens import SCOPES
from chat4all.api import conversations, messages, tokens, users
from chat4all.api.requests import UserTokenRequest
from chat4all.bootstrap.chat import routing
from chat4all.bootstrap.parts import event_log, message_store
from chat4all.conversation import ConversationType, NewConversation
from chat4all.delivery import ToRoute
from chat4all.events import Event, accepted_event
from chat4all.user import UserProfile
from grpc_front.generated.chat4all.v1 import messages_pb2
from grpc_front.streams import Streams
from tests.builders import SERVICE, a_new_message, as_user
from tests.cloud import Cloud, cloud
from tests.support.forging import altered
from tests.support.grpc_server import Answered, Client, refusal, serving

SECONDS = 10.0
Request, Response = messages_pb2.MessagesStreamRequest, messages_pb2.MessagesStreamResponse


class StreamWorld:
    def __init__(
        self, stack: Cloud, client: Client, streams: Streams, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.stack, self.client, self.streams = stack, client, streams
        self._loop = loop

    def drain(self) -> None:
        """As before the process ends."""
        asyncio.run_coroutine_threadsafe(self.streams.drain(), self._loop).result(SECONDS)

    def conversation(self, *members: str, days: int | None = None) -> str:
        for member in members:
            users.put(SERVICE, member, UserProfile(name=member))
        kind = ConversationType.PRIVATE if len(members) == 2 else ConversationType.GROUP
        new = NewConversation(type=kind, members=members, retention_days=days)
        return conversations.open(SERVICE, new).conversation.conversation_id

    def say(self, conversation_id: str, sender: str, *words: str) -> list[Event]:
        """Accepted and placed; the events of it are in no log yet."""
        for text in words:
            messages.send(as_user(sender), a_new_message(conversation_id, text))
        return self.route()

    def route(self) -> list[Event]:
        """Give all that was accepted its place."""
        waiting = [ToRoute.model_validate(body) for body in self.stack.received("inbound")]
        for first in range(0, len(waiting), 10):
            assert not routing().route(waiting[first : first + 10]).failed
        ids = [w.message_id for w in waiting]
        places, there = message_store().receipts(ids), message_store().get(ids)
        return [accepted_event(places[i], there[i]) for i in ids]

    def log(self, *events: Event) -> None:
        event_log().append(events)

    def token(self, user_id: str) -> str:
        return tokens.for_user(SERVICE, user_id, UserTokenRequest()).access_token

    def service_token(self) -> str:
        kind = {"sub": SERVICE.subject, "kind": "service", "scope": " ".join(SCOPES)}
        return altered(self.token("bo"), **kind)

    def stream(self, token: str, *, reads: bool = True) -> Talk:
        return Talk(self.client, token, reads=reads)


class Talk:
    """One stream. What comes is kept as it comes; one that does not read waits for `read`."""

    def __init__(self, client: Client, token: str, *, reads: bool = True) -> None:
        self._said: queue.Queue[Any] = queue.Queue()
        self.frames: list[Any] = []
        self.end: Answered | None = None
        self._channel = client.channel
        if not reads:  # and its connection takes no more because it is fast
            self._channel = grpc.insecure_channel(client.address, [("grpc.http2.bdp_probe", 0)])
        open_stream = self._channel.stream_stream(
            "/chat4all.v1.Messages/Stream",
            request_serializer=lambda m: m if isinstance(m, bytes) else m.SerializeToString(),
            response_deserializer=Response.FromString,
        )
        metadata = [("authorization", f"Bearer {token}")]
        self.call = open_stream(iter(self._said.get, None), metadata=metadata)
        self._thread = threading.Thread(target=self._hear, daemon=True)
        if reads:
            self.read()

    def read(self) -> None:
        self._thread.start()

    def say_raw(self, said: bytes) -> None:
        self._said.put(said)

    def say(self, request_id: str = "", **action: Any) -> None:
        self._said.put(Request(request_id=request_id, **action))

    def close(self) -> None:
        """Nothing more is said."""
        self._said.put(None)

    def cut(self) -> None:
        self.call.cancel()
        self._said.put(None)
        self._thread.join(SECONDS)

    def _hear(self) -> None:
        try:
            for frame in self.call:
                self.frames.append(frame)
            self.end = Answered(grpc.StatusCode.OK)
        except grpc.RpcError as error:
            self.end = refusal(error)

    def ended(self) -> Answered:
        self._thread.join(SECONDS)
        assert self.end is not None, "it has not ended"
        return self.end

    def until(self, there: Callable[[], Any]) -> Any:
        """What is looked for, once it is there."""
        deadline = time.monotonic() + SECONDS
        while not (found := there()):
            assert time.monotonic() < deadline and self.end is None, (self.end, self.frames)
            time.sleep(0.01)
        return found

    def answer(self, request_id: str) -> Any:
        return self.until(lambda: [f for f in self.frames if f.request_id == request_id])[0]

    def caught_up(self) -> Any:
        return self.until(lambda: self.of("caught_up"))[-1]

    def of(self, kind: str) -> list[Any]:
        return [f for f in self.frames if f.WhichOneof("frame") == kind]

    def messages(self, how_many: int = 0) -> list[Any]:
        """Frames with a message, as many as are waited for."""

        def found() -> list[Any]:
            return [f for f in self.of("event") if f.event.HasField("message_accepted")]

        if len(found()) < how_many:
            self.until(lambda: len(found()) >= how_many)
        return found()

    @property
    def cursor(self) -> str:
        """The last one that came."""
        return str([f.cursor for f in self.frames if f.cursor][-1])


def seqs(frames: list[Any]) -> list[int]:
    return [f.event.message_accepted.seq for f in frames]


def a_text(conversation_id: str, words: str = "hi", **more: Any) -> dict[str, Any]:
    return {"conversation_id": conversation_id, "payload": {"text": {"text": words}}, **more}


def reason(frame: Any) -> str:
    info = error_details_pb2.ErrorInfo()
    frame.error.details[0].Unpack(info)
    return str(info.reason)


@contextmanager
def stream_world() -> Iterator[StreamWorld]:
    made: list[tuple[Streams, asyncio.AbstractEventLoop]] = []

    def streams(pool: Any) -> Streams:
        made.append((Streams(pool), asyncio.get_running_loop()))
        return made[0][0]

    with cloud() as stack, serving(streams) as client:
        world = StreamWorld(stack, client, *made[0])
        try:
            yield world
        finally:
            world.drain()
