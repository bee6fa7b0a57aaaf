"""The server: its limits, its health, what it tells of itself, and how it ends.

SIGTERM ─▶ health NOT_SERVING ─▶ streams end, each with its cursor ─▶ (linger: calls that the
balancer still sends are answered) ─▶ no call is taken, those that run end ─▶ exit 0
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc

from grpc_front.services import services
from grpc_front.tls import BadSettings, Listening, credentials

MAX_REQUEST_BYTES = 256 * 1024
"""As a body over HTTP. gRPC itself refuses a larger one: RESOURCE_EXHAUSTED, before it is read."""
MAX_RESPONSE_BYTES = 4 * 1024 * 1024
"""What clients take when nobody tells them otherwise."""
GRACE = 20.0
"""Seconds that a call may take when the process is to end."""
CONCURRENT = 1_500
"""Calls and streams at once; more are answered RESOURCE_EXHAUSTED. Streams have a limit of their
own, so that they leave room for calls."""
REFLECTION_S = 30.0
NO_COMPRESSION = 1
"""Only `identity`: gRPC counts a request's bytes before it unpacks them, and a few bytes may
become a thousand times as many."""
OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", MAX_REQUEST_BYTES),
    ("grpc.max_send_message_length", MAX_RESPONSE_BYTES),
    ("grpc.compression_enabled_algorithms_bitset", NO_COMPRESSION),
    ("grpc.max_concurrent_streams", 1_000),  # on one connection
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

SERVING = health_pb2.HealthCheckResponse.SERVING


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
        self._server = grpc.aio.server(options=options, maximum_concurrent_rpcs=CONCURRENT)
        self._server.add_generic_rpc_handlers(tuple(handlers))
        self._health = Health()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._names = [service.full_name for service in services()]
        names = [*self._names, health.SERVICE_NAME, reflection.SERVICE_NAME]
        reflection_pb2_grpc.add_ServerReflectionServicer_to_server(Reflection(names), self._server)

    def open(self) -> int:
        """Take the port and answer it. Nobody who connects is answered yet.

        Raises:
            BadSettings: the port is taken, the address is none, or a certificate is not good.
        """
        address, own = self._listening.address, credentials(self._listening)
        try:
            if own is None:
                port = self._server.add_insecure_port(address)
            else:
                port = self._server.add_secure_port(address, own)
        except RuntimeError as error:
            raise BadSettings(f"{address} cannot be listened on: is it taken?") from error
        return int(port)

    async def start(self) -> None:
        """Answer, when everything is ready: balancers of AWS look whether health is answered, and
        not whether it says NOT_SERVING."""
        for name in ("", *self._names):
            await self._health.set(name, SERVING)
        await self._server.start()

    async def stop(self, grace: float = GRACE) -> None:
        """Return once nothing runs any more, after `linger` and `grace` seconds at the latest."""
        await self._health.enter_graceful_shutdown()
        await self._drain()
        await asyncio.sleep(self._listening.linger)
        await self._server.stop(grace)


class Health(health.aio.HealthServicer):
    """Asks for no token. So nobody may keep a call open here: `Watch` is not there, for which a
    client by the book takes the server as healthy."""

    async def Watch(self, request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "Ask Check from time to time.")


class Reflection(reflection.aio.ReflectionServicer):
    """Asks for no token either, so a line to it is short: whoever needs more time opens another."""

    async def ServerReflectionInfo(
        self, requests: AsyncIterator[Any], context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[Any]:
        try:
            async with asyncio.timeout(REFLECTION_S):
                async for answer in super().ServerReflectionInfo(requests, context):
                    yield answer
        except TimeoutError:
            await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "Open another line.")
