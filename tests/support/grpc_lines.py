"""Clients of the two streams over gRPC, as simple as one can write them: they keep all that comes,
in its order, and the last cursor; whatever is more than that is the server's promise."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Generic, Self, TypeVar

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_status import rpc_status

from grpc_front.generated.chat4all.v1 import events_pb2, messages_pb2, types_pb2
from infra.local.client import wait_until
from tests.support.grpc_routes import problem

R = TypeVar("R", messages_pb2.MessagesStreamResponse, events_pb2.EventsSubscribeResponse)
T = TypeVar("T")
Request = messages_pb2.MessagesStreamRequest
Response = messages_pb2.MessagesStreamResponse


class Collected(Generic[R]):
    """The answers of one call, read in a thread of their own until it ends."""

    def __init__(self, call: Any, on: Callable[[R], None] = lambda _: None) -> None:
        self.came: list[R] = []
        self.cursor = ""
        """The last one that came."""
        self.error: grpc.RpcError | None = None
        self._call, self._on = call, on
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for response in self._call:
                self.cursor = response.cursor or self.cursor
                self.came.append(response)
                self._on(response)
        except grpc.RpcError as error:
            self.error = error

    def cancel(self) -> None:
        """As a client does who goes; nothing comes after it."""
        self._call.cancel()
        self.ended()

    def ended(self, seconds: float = 20) -> Any:
        """The code that it ended with, once it has."""
        self._thread.join(seconds)
        assert not self._thread.is_alive(), f"it did not end within {seconds} s"
        return self._call.code()

    def all_events(self) -> list[events_pb2.Event]:
        raise NotImplementedError

    def events(self, kind: str = "", **data: Any) -> list[Any]:
        """What the events of a kind, such as `message_read`, say; those with these fields."""
        return told(self.all_events(), kind, data)

    def wait_for(self, kind: str, count: int = 1, seconds: float = 20, **data: Any) -> list[Any]:
        return self._wait(
            lambda: found if len(found := self.events(kind, **data)) >= count else None,
            f"{count} of {kind} {data}",
            seconds,
        )

    def _wait(self, look: Callable[[], T | None], what: str, seconds: float = 20) -> T:
        """What `look` finds; whoever waits for it does not expect the call to end before."""

        def looked() -> T | None:
            found = look()
            assert found or self._thread.is_alive(), f"{what}: it ended with {self.error}"
            return found

        return wait_until(looked, what, seconds)

    def problem(self) -> dict[str, Any]:
        """What it ended with, as REST would tell it."""
        self.ended()
        status = rpc_status.from_call(self._call)
        assert status is not None, self.error
        return problem(status)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel()


class Line(Collected[Response]):
    """One call of Messages.Stream."""

    def __init__(
        self, channel: grpc.Channel, token: str, on: Callable[[Response], None] = lambda _: None
    ) -> None:
        self._said: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        method = channel.stream_stream(
            "/chat4all.v1.Messages/Stream",
            request_serializer=Request.SerializeToString,
            response_deserializer=Response.FromString,
        )
        super().__init__(
            method(iter(self._said.get, None), metadata=bearer(token), wait_for_ready=True), on
        )

    def tell(self, request_id: str = "", **action: Any) -> None:
        self._said.put(Request(request_id=request_id, **action))

    def start(self, cursor: str = "", user_id: str = "") -> None:
        self.tell("start", start=messages_pb2.StreamStart(cursor=cursor, user_id=user_id))

    def send(self, message: messages_pb2.NewMessage) -> None:
        """Its id is the request's, too."""
        self.tell(message.message_id, send=message)

    def mark(self, action: str, conversation_id: str, up_to_seq: int, request_id: str = "") -> None:
        """`ack` or `read`."""
        found = messages_pb2.StreamMark(conversation_id=conversation_id, up_to_seq=up_to_seq)
        self.tell(request_id or action, **{action: found})

    def cancel(self) -> None:
        self._call.cancel()
        self._said.put(None)  # lets go of gRPC's thread that waits for it
        self.ended()

    def no_more(self) -> None:
        """Half-closed: what was said is answered, then it ends."""
        self._said.put(None)

    def answer(self, request_id: str, seconds: float = 20) -> Response:
        return self._wait(
            lambda: next((r for r in self.came[:] if r.request_id == request_id), None),
            f"the answer to {request_id}",
            seconds,
        )

    def caught_up(self) -> None:
        self._wait(
            lambda: any(r.WhichOneof("frame") == "caught_up" for r in self.came[:]), "caught_up"
        )

    def all_events(self) -> list[events_pb2.Event]:
        return [r.event for r in self.came[:] if r.WhichOneof("frame") == "event"]


class Subscription(Collected[events_pb2.EventsSubscribeResponse]):
    """One call of Events.Subscribe."""

    def __init__(self, channel: grpc.Channel, token: str, cursor: str = "", **wanted: Any) -> None:
        method = channel.unary_stream(
            "/chat4all.v1.Events/Subscribe",
            request_serializer=events_pb2.EventsSubscribeRequest.SerializeToString,
            response_deserializer=events_pb2.EventsSubscribeResponse.FromString,
        )
        request = events_pb2.EventsSubscribeRequest(cursor=cursor, **wanted)
        super().__init__(method(request, metadata=bearer(token), wait_for_ready=True))

    def all_events(self) -> list[events_pb2.Event]:
        return [event for response in self.came[:] for event in response.events]


def told(events: Iterable[events_pb2.Event], kind: str, data: dict[str, Any]) -> list[Any]:
    """The data of those of a kind (any, if it is empty), with these fields."""
    kinds = [(event, event.WhichOneof("data")) for event in events]
    found = [getattr(event, which) for event, which in kinds if which and kind in ("", which)]
    return [d for d in found if all(getattr(d, name) == value for name, value in data.items())]


def bearer(token: str) -> list[tuple[str, str]]:
    return [("authorization", f"Bearer {token}")] if token else []


def milliseconds_ago(milliseconds: int) -> Timestamp:
    moment = Timestamp()
    moment.FromMilliseconds(time.time_ns() // 1_000_000 - milliseconds)
    return moment


def a_text(
    conversation_id: str, sender: str, text: str, message_id: str
) -> messages_pb2.NewMessage:
    return messages_pb2.NewMessage(
        message_id=message_id,
        conversation_id=conversation_id,
        sender=sender,
        payload=types_pb2.Payload(text=types_pb2.TextPayload(text=text)),
    )
