"""The services of proto/, served: each call passes what every door asks, then meets its operation.

    raw bytes ─▶ caller ─▶ rule, standing ─▶ form ─▶ limit ─▶ operation ─▶ bytes
      event loop │                    a thread of the pool

In this order, as over HTTP: nobody learns what a method wants who may not call it, and what is
refused here costs the caller nothing of their minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, NamedTuple, TypeVar

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from chat4all.access.rules import Who
from chat4all.access.tokens import Verified
from chat4all.api.admission import may, spend
from chat4all.api.limiting import headers_of
from chat4all.caller import Caller
from chat4all.errors import TooLarge, Unavailable
from grpc_front.admission import Bucket, address_of, verified
from grpc_front.calls import Answer, Method, Run
from grpc_front.converting import to_message
from grpc_front.errors import BadMessage, DeadlineExceeded
from grpc_front.generated.chat4all.v1 import (
    audit_pb2,
    auth_pb2,
    clients_pb2,
    conversations_pb2,
    events_pb2,
    files_pb2,
    messages_pb2,
    users_pb2,
    webhooks_pb2,
)
from grpc_front.methods import METHODS
from grpc_front.telling import Trailers, telling

LONGEST_S = 25.0
"""Seconds that a call may take of which its client says nothing."""
MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""What clients take when nobody tells them otherwise, and so what the server sends."""
Result = TypeVar("Result")
MODULES = (
    audit_pb2,
    auth_pb2,
    clients_pb2,
    conversations_pb2,
    events_pb2,
    files_pb2,
    messages_pb2,
    users_pb2,
    webhooks_pb2,
)


class Runtime(NamedTuple):
    pool: ThreadPoolExecutor
    """Where operations run: they wait for the network."""
    streams: Any
    """A `streams.Streams`: what serves the methods that stream."""


def handlers(runtime: Runtime) -> list[grpc.GenericRpcHandler]:
    """What a server is given. A method of proto/ that METHODS lacks is a KeyError."""
    return [_served(runtime, service) for service in services()]


def services() -> list[ServiceDescriptor]:
    found = [s for module in MODULES for s in module.DESCRIPTOR.services_by_name.values()]
    return sorted(found, key=lambda service: service.full_name)


def _served(runtime: Runtime, service: ServiceDescriptor) -> grpc.GenericRpcHandler:
    made = {method.name: _handler(runtime, method) for method in service.methods}
    return grpc.method_handlers_generic_handler(service.full_name, made)


def _handler(runtime: Runtime, of: MethodDescriptor) -> grpc.RpcMethodHandler:
    name = f"{of.containing_service.full_name}/{of.name}"
    call = _Call(runtime, name, METHODS[name], GetMessageClass(of.input_type))
    written = GetMessageClass(of.output_type)
    if of.client_streaming:
        return grpc.stream_stream_rpc_method_handler(
            call.stream, response_serializer=written.SerializeToString
        )
    if of.server_streaming:
        return grpc.unary_stream_rpc_method_handler(
            call.subscribe, response_serializer=written.SerializeToString
        )
    run = call.method.run
    if run is None:
        raise TypeError(f"{name} is no stream, and runs nothing")
    return grpc.unary_unary_rpc_method_handler(_Unary(call, run, written).answer)


async def blocking(pool: ThreadPoolExecutor, function: Callable[..., Result], *args: Any) -> Result:
    """Run what waits for the network in the pool. One that has not begun when nobody waits for it
    any more is not begun."""
    run = copy_context().run  # what is logged there has the call's request id
    return await asyncio.get_running_loop().run_in_executor(pool, run, function, *args)


class _Call:
    def __init__(self, runtime: Runtime, name: str, method: Method, asked: type[Message]) -> None:
        self.runtime = runtime
        self.name = name
        self.method = method
        self._asked = asked

    async def subscribe(self, raw: bytes, context: grpc.aio.ServicerContext) -> None:
        async with telling(context, self.name) as trailers:
            caller = await self._opened(context, trailers)
            await self.runtime.streams.subscribe(caller, self.read(raw), context)

    async def stream(self, raw: AsyncIterator[bytes], context: grpc.aio.ServicerContext) -> None:
        async with telling(context, self.name) as trailers:
            caller = await self._opened(context, trailers)
            await self.runtime.streams.stream(caller, self._each(raw), context)

    async def _opened(self, context: grpc.aio.ServicerContext, trailers: Trailers) -> Verified:
        found = await verified(context, self.runtime.pool)
        trailers.asked_by(found.caller)
        await blocking(self.runtime.pool, may, self.method.rule, found.caller)
        return found

    async def _each(self, raw: AsyncIterator[bytes]) -> AsyncIterator[Message]:
        async for one in raw:
            yield self.read(one)

    def read(self, raw: bytes) -> Message:
        try:
            return self._asked.FromString(raw)
        except DecodeError as error:
            raise BadMessage() from error


class Waits:
    """Whether anybody still waits for what a thread does."""

    anybody = True

    def must_be_somebody(self) -> None:
        if not self.anybody:
            raise DeadlineExceeded()


class _Unary:
    def __init__(self, call: _Call, run: Run, response: type[Message]) -> None:
        self._call = call
        self._run = run
        self._method = call.method
        self._pool = call.runtime.pool
        self._response = response
        self._open = Bucket()

    async def answer(self, raw: bytes, context: grpc.aio.ServicerContext) -> bytes:
        async with telling(context, self._call.name) as trailers:
            left = context.time_remaining()
            if left is not None and left <= 0:
                raise DeadlineExceeded()
            waits = Waits()
            try:
                work = self._worked(raw, context, trailers, waits)
                return await asyncio.wait_for(work, min(left or LONGEST_S, LONGEST_S))
            except TimeoutError as error:
                if left is not None and left < LONGEST_S:
                    raise DeadlineExceeded() from error
                raise Unavailable("it took too long") from error
            finally:
                waits.anybody = False

    async def _worked(
        self, raw: bytes, context: grpc.aio.ServicerContext, trailers: Trailers, waits: Waits
    ) -> bytes:
        by: Caller | str = address_of(context)
        if self._method.rule.who is Who.ANYONE:
            self._open.take()
        else:
            by = (await verified(context, self._pool)).caller
            trailers.asked_by(by)
        return await blocking(self._pool, self._work, raw, by, trailers, waits)

    def _work(self, raw: bytes, by: Caller | str, trailers: Trailers, waits: Waits) -> bytes:
        if isinstance(by, Caller):
            may(self._method.rule, by)
        request = self._call.read(raw)
        waits.must_be_somebody()
        if isinstance(by, Caller) and self._method.writes:
            trailers |= headers_of(spend(by))
            waits.must_be_somebody()
        answer = self._run(by, request)
        if isinstance(answer, Answer):
            trailers |= headers_of(answer.allowance)
            answer = answer.view
        written = to_message(answer or {}, self._response()).SerializeToString()
        if len(written) > MAX_ANSWER_BYTES:
            raise TooLarge("answer_too_large", "Ask for fewer at once: a lower `limit`.")
        return written
