"""The gRPC front as a real server of this process, and a client for it.

It listens on a free port of this machine. Its event loop has a thread of its own, so tests call it
as any client does.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2

from grpc_front.admission import known_tokens, refused
from grpc_front.errors import DETAILS
from grpc_front.services import Runtime, handlers, services

METHODS = {f"{s.name}/{m.name}": m for s in services() for m in s.methods}
"""By their names without the package, as `Messages/Send`."""


@dataclass(frozen=True)
class Answered:
    """What came back. A refusal has no `message`, but `details`, by their types' names."""

    code: grpc.StatusCode
    message: Any = None
    words: str = ""
    trailers: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The error's stable code; empty if there is none."""
        return str(self.details["ErrorInfo"].reason) if "ErrorInfo" in self.details else ""

    @property
    def http_status(self) -> int:
        return int(self.details["ErrorInfo"].metadata["http_status"])


class Client:
    """Calls one server, with a token or without."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.channel = grpc.insecure_channel(address)

    def call(
        self,
        name: str,
        request: Message | bytes | None = None,
        /,
        *,
        bearer: str | None = None,
        timeout: float | None = 10,
        sent: Sequence[tuple[str, str]] = (),
        **fields: Any,
    ) -> Answered:
        """One call with this bearer token; its request is given, or its fields. `sent` is more
        metadata."""
        of = METHODS[name]
        given = GetMessageClass(of.input_type)(**fields) if request is None else request
        metadata = [*sent, *_bearer(bearer)]
        method = self.channel.unary_unary(**_route(of))
        try:
            message, done = method.with_call(given, timeout=timeout, metadata=metadata)
        except grpc.RpcError as error:
            return refusal(error)
        return Answered(grpc.StatusCode.OK, message, trailers=dict(done.trailing_metadata()))

    def stream(
        self, name: str, *requests: Message | bytes, bearer: str | None = None, timeout: float = 10
    ) -> Answered:
        """A stream until it ends; of its messages, the last one. Without one, an empty one."""
        of = METHODS[name]
        opened = {False: self.channel.unary_stream, True: self.channel.stream_stream}
        asked: Any = iter(requests) if of.client_streaming else requests[0]
        call = opened[of.client_streaming](**_route(of))(
            asked, timeout=timeout, metadata=_bearer(bearer)
        )
        try:
            came = [GetMessageClass(of.output_type)(), *call]
        except grpc.RpcError as error:
            return refusal(error)
        return Answered(grpc.StatusCode.OK, came[-1], trailers=dict(call.trailing_metadata()))


def _bearer(token: str | None) -> list[tuple[str, str]]:
    return [] if token is None else [("authorization", f"Bearer {token}")]


def _route(of: MethodDescriptor) -> dict[str, Any]:
    return {
        "method": f"/{of.containing_service.full_name}/{of.name}",
        "request_serializer": lambda m: m if isinstance(m, bytes) else m.SerializeToString(),
        "response_deserializer": GetMessageClass(of.output_type).FromString,
    }


def refusal(error: Any) -> Answered:
    """What a client is told by an error of its library."""
    trailers = dict(error.trailing_metadata() or ())
    found = {}
    for packed in status_pb2.Status.FromString(trailers.get(DETAILS, b"")).details:
        kind = packed.type_url.rpartition(".")[2]
        found[kind] = getattr(error_details_pb2, kind)()
        packed.Unpack(found[kind])
    return Answered(error.code(), None, error.details() or "", trailers, found)


@contextmanager
def serving(
    streams: Callable[[ThreadPoolExecutor], Any] = lambda pool: None, threads: int = 8
) -> Iterator[Client]:
    """A server, and a client of it. `streams` makes what serves the methods that stream, in the
    server's event loop."""
    known_tokens.cache_clear()  # another server's, of another key
    refused.cache_clear()
    loop, pool = asyncio.new_event_loop(), ThreadPoolExecutor(threads)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> tuple[Any, int, Any]:
        server, made = grpc.aio.server(), streams(pool)
        server.add_generic_rpc_handlers(tuple(handlers(Runtime(pool, made))))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, port, made

    async def stop() -> None:
        if hasattr(made, "drain"):
            await made.drain()
        await server.stop(0.2)

    server, port, made = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    client = Client(f"127.0.0.1:{port}")
    try:
        yield client
    finally:
        client.channel.close()
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        pool.shutdown()
        loop.close()
