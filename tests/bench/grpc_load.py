"""A client of the gRPC API with as little else as possible: one channel, called by many threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

from grpc_front.generated.chat4all.v1 import events_pb2 as events
from grpc_front.generated.chat4all.v1 import messages_pb2 as messages
from tests.bench.generator import Prepare, Result

WINDOW = 100
"""Messages that a stream has sent and that are not answered yet."""
Metadata = list[tuple[str, str]]


def of(token: str) -> Metadata:
    return [("authorization", f"Bearer {token}")]


def new(body: dict[str, Any]) -> messages.NewMessage:
    """Of what a REST client would send, if it is a text."""
    found = messages.NewMessage(
        conversation_id=body["conversation_id"], sender=body["from"], **_its_id(body)
    )
    found.payload.text.text = body["payload"]["text"]
    return found


def _its_id(body: dict[str, Any]) -> dict[str, str]:
    return {"message_id": body["message_id"]} if "message_id" in body else {}


def calling(
    channel: grpc.Channel, token: str, name: str, answer: Any, request: Callable[[int], Any]
) -> Callable[[], Prepare]:
    """For `generator.spread`: unary calls of a method, such as `Messages/Send`."""
    call = channel.unary_unary(
        f"/chat4all.v1.{name}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=answer.FromString,
    )
    metadata = of(token)

    def prepare(number: int) -> Callable[[], str]:
        message = request(number)

        def send() -> str:
            try:
                answered = call(message, metadata=metadata, timeout=60)
            except grpc.RpcError as error:
                return f"{name}: {error.code()} {error.details()}"
            refused = [o for o in getattr(answered, "outcomes", ()) if o.HasField("error")]
            return f"{name}: {refused[0].error.message}" if refused else ""

        return send

    return lambda: prepare


def streaming(channel: grpc.Channel, token: str, bodies: list[list[dict[str, Any]]]) -> Result:
    """Send each list over a stream of its own, WINDOW messages ahead of the answers.

    Raises:
        RuntimeError: one was refused.
        grpc.RpcError: a stream broke.
    """
    result = Result()
    begun = time.perf_counter()
    with ThreadPoolExecutor(len(bodies)) as pool:
        for times in pool.map(lambda each: _one_stream(channel, token, each), bodies):
            result.times += times
    result.elapsed = time.perf_counter() - begun
    return result


def _one_stream(channel: grpc.Channel, token: str, bodies: list[dict[str, Any]]) -> list[float]:
    asked: dict[str, float] = {}
    times: list[float] = []
    free = threading.Semaphore(WINDOW)

    def frames() -> Iterator[messages.MessagesStreamRequest]:
        for number, body in enumerate(bodies):
            frame = messages.MessagesStreamRequest(request_id=str(number), send=new(body))
            free.acquire()
            asked[frame.request_id] = time.perf_counter()
            yield frame

    for answer in open_stream(channel, token, frames()):
        if answer.HasField("error"):
            raise RuntimeError(f"Messages/Stream: {answer.error.message}")
        times.append(time.perf_counter() - asked[answer.request_id])
        free.release()
    if len(times) != len(bodies):
        raise RuntimeError(f"Messages/Stream: {len(times)} answers to {len(bodies)} messages")
    return times


def open_stream(channel: grpc.Channel, token: str, frames: Iterator[Any]) -> Any:
    """Messages.Stream: what is answered and pushed. It ends when `frames` does, and all is said."""
    return channel.stream_stream(
        "/chat4all.v1.Messages/Stream",
        request_serializer=messages.MessagesStreamRequest.SerializeToString,
        response_deserializer=messages.MessagesStreamResponse.FromString,
    )(frames, metadata=of(token))


class Listeners:
    """Hears of messages over some streams, each in a thread, from a cursor on."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel
        self._calls: list[Any] = []
        self._threads: list[threading.Thread] = []
        self._over = threading.Event()
        self.pushed: dict[str, float] = {}
        """When each message was first heard of, in seconds since 1970, by its id."""

    def subscribe(self, token: str) -> None:
        """To all that is logged of the type message.accepted."""
        call = self._channel.unary_stream(
            "/chat4all.v1.Events/Subscribe",
            request_serializer=events.EventsSubscribeRequest.SerializeToString,
            response_deserializer=events.EventsSubscribeResponse.FromString,
        )(events.EventsSubscribeRequest(types=["message.accepted"]), metadata=of(token))
        self._hear(call, lambda response: response.events)

    def stream(self, token: str) -> None:
        """What concerns a user."""

        def frames() -> Iterator[messages.MessagesStreamRequest]:
            yield messages.MessagesStreamRequest(request_id="1", start=messages.StreamStart())
            self._over.wait()

        call = open_stream(self._channel, token, frames())
        self._hear(call, lambda response: [response.event] if response.HasField("event") else [])

    def close(self) -> None:
        self._over.set()
        for call in self._calls:
            call.cancel()
        for thread in self._threads:
            thread.join()

    def _hear(self, call: Any, told: Callable[[Any], Any]) -> None:
        def hear() -> None:
            try:
                for response in call:
                    now = time.time()
                    for event in told(response):
                        if event.HasField("message_accepted"):
                            self.pushed.setdefault(event.message_accepted.message_id, now)
            except grpc.RpcError as error:
                if not self._over.is_set():
                    raise RuntimeError("a listener's stream broke") from error

        self._calls.append(call)
        self._threads.append(threading.Thread(target=hear, daemon=True))
        self._threads[-1].start()
