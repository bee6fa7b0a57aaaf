"""The server: its limits, its health, what it tells of itself, and how it ends.

SIGTERM ─▶ health NOT_SERVING ─▶ streams end, each with its cursor ─▶ (linger: calls that the
balancer still sends are answered) ─▶ no call is taken, those that run end ─▶ exit 0
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any

import grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2

from chat4all.errors import Unavailable
from grpc_front.accepting import Accepting
from grpc_front.described import services
from grpc_front.errors import refuse
from grpc_front.health import SERVICE_NAME, Health
from grpc_front.tls import BadSettings, Listening, credentials

MAX_REQUEST_BYTES = 256 * 1024
"""As a body over HTTP. gRPC itself refuses a larger one: RESOURCE_EXHAUSTED, before it is read."""
MAX_RESPONSE_BYTES = 4 * 1024 * 1024
"""What clients take when nobody tells them otherwise."""
GRACE = 20.0
"""Seconds that a call may take when the process is to end."""
REFLECTION_S = 30.0
REFLECTIONS = 20
"""At once: a tool needs one, for a moment."""
NO_COMPRESSION = 1
"""Only `identity`: gRPC counts a request's bytes before it unpacks them, and a few bytes may
become a thousand times as many."""
OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", MAX_REQUEST_BYTES),
    ("grpc.max_send_message_length", MAX_RESPONSE_BYTES),
    ("grpc.compression_enabled_algorithms_bitset", NO_COMPRESSION),
    ("grpc.max_concurrent_streams", 200),  # on one connection; the client's next ones wait
    ("grpc.keepalive_time_ms", 30_000),  # who does not answer our ping in 10 s is gone
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),  # clients may ping so often
    # Connections begin anew after half an hour, on whatever instances there are then. A stream
    # may go on for longer than a token of ours lasts, so that it ends by itself, with a cursor.
    ("grpc.max_connection_age_ms", 30 * 60_000),
    ("grpc.max_connection_age_grace_ms", 16 * 60_000),
    ("grpc.so_reuseport", 0),  # a port that is taken is an error
)


class Front:
    """One server. Made, started and stopped in one event loop."""

    def __init__(
        self,
        listening: Listening,
        handlers: Iterable[grpc.GenericRpcHandler],
        drain: Callable[[], Awaitable[None]],
        options: Sequence[tuple[str, int]] = OPTIONS,
    ) -> None:
        """`drain` ends the streams that there are and refuses new ones."""
        self._listening = listening
        self._drain = drain
        names = [service.full_name for service in services()]
        self._health = Health(names)
        told = Reflection([*names, SERVICE_NAME, reflection.SERVICE_NAME])
        self._server = Accepting([*handlers, self._health.handler(), told.handler()], options)

    def open(self) -> int:
        """Take the port and answer it. Nobody who connects is answered yet.

        Raises:
            BadSettings: the port is taken, the address is none, or a certificate is not good.
        """
        address, own = self._listening.address, credentials(self._listening)
        try:
            port = self._server.listen(address, own)
        except RuntimeError:
            port = 0
        if not port:
            raise BadSettings(f"{address} cannot be listened on: is it taken?")
        return port

    async def start(self) -> None:
        """Answer, when everything is ready: balancers of AWS look whether health is answered, and
        not whether it says NOT_SERVING."""
        self._health.serving()
        await self._server.start()

    async def over(self) -> None:
        """Until it is stopped. Raises what ended it otherwise, which is a bug."""
        await self._server.over()

    async def stop(self, grace: float = GRACE) -> None:
        """Return once nothing runs any more, after `linger` and `grace` seconds at the latest."""
        self._health.ending()
        await self._drain()
        await asyncio.sleep(self._listening.linger)
        await self._server.stop(grace)


class Reflection(reflection.aio.ReflectionServicer):
    """Asks for no token, so a line to it is short, and there are few: whoever needs more time opens
    another."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(names)
        self._places = REFLECTIONS

    def handler(self) -> grpc.GenericRpcHandler:
        serve = grpc.stream_stream_rpc_method_handler(
            self.ServerReflectionInfo,
            request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
            response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
        )
        return grpc.method_handlers_generic_handler(
            reflection.SERVICE_NAME, {"ServerReflectionInfo": serve}
        )

    async def ServerReflectionInfo(
        self, requests: AsyncIterator[Any], context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[Any]:
        if not self._places:
            await refuse(context, Unavailable("too many lines to reflection"))
        self._places -= 1
        try:
            async with asyncio.timeout(REFLECTION_S):
                async for answer in super().ServerReflectionInfo(requests, context):
                    yield answer
        except TimeoutError:
            await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "Open another line.")
        finally:
            self._places += 1
