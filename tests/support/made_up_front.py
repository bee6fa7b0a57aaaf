"""A gRPC front with calls that are made up, for tests of the server itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from grpc_front.server import OPTIONS, Front
from grpc_front.tls import Listening

ANY_PORT = Listening(address="127.0.0.1:0")
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Calls:
    """`/test/Echo` answers what came, after `waits` seconds; `/test/Flow` goes on until a drain."""

    def __init__(self, waits: float = 0) -> None:
        self.waits = waits
        self.flowing = 0
        self.drained = asyncio.Event()

    async def echo(self, request: bytes, context: Any) -> bytes:
        await asyncio.sleep(self.waits)
        return request

    async def flow(self, request: bytes, context: Any) -> None:
        await context.write(b"begun")
        self.flowing += 1
        await self.drained.wait()
        await context.abort(grpc.StatusCode.UNAVAILABLE, "draining at cursor 7")

    async def drain(self) -> None:
        self.drained.set()
        await asyncio.sleep(0.05)

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        methods = {
            "Echo": grpc.unary_unary_rpc_method_handler(self.echo),
            "Flow": grpc.unary_stream_rpc_method_handler(self.flow),
        }
        return [grpc.method_handlers_generic_handler("test", methods)]


@asynccontextmanager
async def serving(
    calls: Calls,
    listening: Listening = ANY_PORT,
    options: Sequence[tuple[str, int]] = OPTIONS,
) -> AsyncIterator[tuple[Front, int]]:
    front = Front(listening, calls.handlers(), calls.drain, options)
    port = front.open()
    await front.start()
    try:
        yield front, port
    finally:
        await front.stop(grace=0)


def plain(port: int, **more: Any) -> grpc.aio.Channel:
    return grpc.aio.insecure_channel(f"127.0.0.1:{port}", **more)


async def echo(channel: grpc.aio.Channel, content: bytes, **more: Any) -> bytes:
    return bytes(await channel.unary_unary("/test/Echo")(content, timeout=5, **more))


async def health(channel: grpc.aio.Channel, service: str = "") -> Any:
    request = health_pb2.HealthCheckRequest(service=service)
    return (await health_pb2_grpc.HealthStub(channel).Check(request, timeout=5)).status
