"""Health, by gRPC's own protocol (grpc.health.v1).

It asks for no token, and takes no place that calls have. So nobody may keep a call open here:
`Watch` is not there, for which a client by the book takes the server as healthy.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2

from chat4all.errors import Rejected
from grpc_front.errors import BadMessage, refuse
from grpc_front.receiving import only

SERVICE_NAME = "grpc.health.v1.Health"
SOON_S = 2.0
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Health:
    def __init__(self, names: Iterable[str]) -> None:
        """Of these services, and of the server as a whole."""
        self._names = frozenset(["", *names])
        self._told = NOT_SERVING

    def serving(self) -> None:
        self._told = SERVING

    def ending(self) -> None:
        self._told = NOT_SERVING

    def handler(self) -> grpc.GenericRpcHandler:
        methods = {
            "Check": grpc.stream_unary_rpc_method_handler(self.check),
            "Watch": grpc.stream_unary_rpc_method_handler(self.watch),
        }
        return grpc.method_handlers_generic_handler(SERVICE_NAME, methods)

    async def check(
        self, raw: AsyncIterator[bytes], context: grpc.aio.ServicerContext[Any, Any]
    ) -> bytes:
        try:
            asked = health_pb2.HealthCheckRequest.FromString(await only(raw, SOON_S))
        except (Rejected, DecodeError) as error:
            await refuse(context, error if isinstance(error, Rejected) else BadMessage())
        if asked.service not in self._names:
            await context.abort(grpc.StatusCode.NOT_FOUND, "There is no such service.")
        return bytes(health_pb2.HealthCheckResponse(status=self._told).SerializeToString())

    async def watch(
        self, raw: AsyncIterator[bytes], context: grpc.aio.ServicerContext[Any, Any]
    ) -> bytes:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "Ask Check from time to time.")
        return b""
