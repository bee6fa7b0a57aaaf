"""The services of proto/, served: each call passes what every door asks, then meets its operation.

    caller ─▶ raw bytes ─▶ rule, standing ─▶ form ─▶ limit ─▶ operation ─▶ bytes
           event loop │                    a thread of the pool

In this order, as over HTTP: nobody learns what a method wants who may not call it, and what is
refused here costs the caller nothing of their minute. Nothing is read of who has no token.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

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
from grpc_front.described import services
from grpc_front.errors import BadMessage, DeadlineExceeded
from grpc_front.methods import METHODS
from grpc_front.pool import blocking
from grpc_front.receiving import only
from grpc_front.room import Room, Share
from grpc_front.telling import Trailers, telling

LONGEST_S = 25.0
"""Seconds that a call may take of which its client says nothing."""
MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""What clients take when nobody tells them otherwise, and so what the server sends."""


class Runtime(NamedTuple):
    pool: ThreadPoolExecutor
    """Where operations run: they wait for the network."""
    streams: Any
    """A `streams.Streams`: what serves the methods that stream."""


def handlers(runtime: Runtime) -> list[grpc.GenericRpcHandler]:
    """What a server is given. A method of proto/ that METHODS lacks is a KeyError."""
    room = Room()
    return [_served(runtime, room, service) for service in services()]


def _served(runtime: Runtime, room: Room, service: ServiceDescriptor) -> grpc.GenericRpcHandler:
    made = {method.name: _handler(runtime, room, method) for method in service.methods}
    return grpc.method_handlers_generic_handler(service.full_name, made)


def _handler(runtime: Runtime, room: Room, of: MethodDescriptor) -> grpc.RpcMethodHandler:
    name = f"{of.containing_service.full_name}/{of.name}"
    call = _Call(runtime, room, name, METHODS[name], GetMessageClass(of.input_type))
    written = GetMessageClass(of.output_type)
    if of.client_streaming:
        return grpc.stream_stream_rpc_method_handler(
            call.stream, response_serializer=written.SerializeToString
        )
    if of.server_streaming:
        return grpc.stream_stream_rpc_method_handler(
            call.subscribe, response_serializer=written.SerializeToString
        )
    run = call.method.run
    if run is None:
        raise TypeError(f"{name} is no stream, and runs nothing")
    return grpc.stream_unary_rpc_method_handler(_Unary(call, run, written).answer)


class _Call:
    def __init__(
        self, runtime: Runtime, room: Room, name: str, method: Method, asked: type[Message]
    ) -> None:
        self.runtime = runtime
        self.room = room
        self.name = name
        self.method = method
        self._asked = asked

    async def subscribe(self, raw: AsyncIterator[bytes], context: grpc.aio.ServicerContext) -> None:
        async with telling(context, self.name) as trailers:
            with self.room.place():
                caller = await self._opened(context, trailers)
                share = self.room.take(caller.caller)
                try:
                    asked = self.read(await only(raw))
                finally:
                    share.give_back()
                await self.runtime.streams.subscribe(caller, asked, context)

    async def stream(self, raw: AsyncIterator[bytes], context: grpc.aio.ServicerContext) -> None:
        async with telling(context, self.name) as trailers:
            with self.room.place():
                caller = await self._opened(context, trailers)
                await self.runtime.streams.stream(caller, self._each(raw), context)

    async def _opened(self, context: grpc.aio.ServicerContext, trailers: Trailers) -> Verified:
        found = await verified(context, self.runtime.pool)
        trailers.asked_by(found.caller)
        await blocking(self.runtime.pool, may, self.method.rule, found.caller)
        # Now, and not with the first response: one that waits for the client would be sent twice.
        await context.send_initial_metadata(())
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

    async def answer(self, raw: AsyncIterator[bytes], context: grpc.aio.ServicerContext) -> bytes:
        """The answer, which gRPC keeps until it is taken."""
        async with telling(context, self._call.name) as trailers:
            with self._call.room.place():
                return await self._in_time(raw, context, trailers)

    async def _in_time(
        self, raw: AsyncIterator[bytes], context: grpc.aio.ServicerContext, trailers: Trailers
    ) -> bytes:
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
        self,
        raw: AsyncIterator[bytes],
        context: grpc.aio.ServicerContext,
        trailers: Trailers,
        waits: Waits,
    ) -> bytes:
        by: Caller | str = address_of(context)
        if self._method.rule.who is Who.ANYONE:
            self._open.take()
        else:
            by = (await verified(context, self._pool)).caller
            trailers.asked_by(by)
        share = self._share(by, context)
        asked = await only(raw)
        answer = await blocking(self._pool, self._work, asked, by, trailers, waits)
        share.hold(answer, done=self._method.changes)
        return answer

    def _share(self, by: Caller | str, context: grpc.aio.ServicerContext) -> Share:
        """Given back when the answer is taken, or its client is gone."""
        share = self._call.room.take(by)
        context.add_done_callback(lambda _: share.give_back())
        return share

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
