"""Events.Subscribe over a log in memory: real gRPC servers in a thread, and clients that may or
may not read."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc

from chat4all.access.tokens import Verified
from chat4all.adapters.memory import MemoryStore
from chat4all.adapters.memory.event_log import MemoryEventLog
from chat4all.caller import Caller
from chat4all.events import Event, event_id
from chat4all.streaming.tail import Tail
from chat4all.timestamps import SystemClock
from grpc_front.generated.chat4all.v1 import events_pb2
from grpc_front.streams import Streams
from grpc_front.streams.live import Live
from grpc_front.streams.subscribe import Subscribing
from grpc_front.telling import telling
from tests.builders import CURSORS, SERVICE, an_id
from tests.support.grpc_server import Answered, refusal

METHOD = "/chat4all.v1.Events/Subscribe"


class Happening:
    """The log of the real time, and what was logged."""

    def __init__(self) -> None:
        self.clock = SystemClock()
        self.log = MemoryEventLog(self.clock, most=10)
        self.all: list[str] = []

    def happen(self, number: int, kind: str = "user.updated", size: int = 0) -> list[str]:
        """So many events; their ids."""
        ids = [event_id(self.clock.now(), str(len(self.all) + n)) for n in range(number)]
        self.log.append([an_event(i, kind, size) for i in ids])
        self.all += ids
        return ids


def an_event(own_id: str, kind: str, size: int) -> Event:
    data = {"user_id": "ana" + "x" * size, "conversation_id": an_id(900), "up_to_seq": 1}
    return {"id": own_id, "type": kind, "timestamp": "2026-11-23T00:00:00.000Z", "data": data}


class Instance:
    """One server. `caller` is who asks, for `seconds` more."""

    def __init__(self, of: Happening) -> None:
        self._of = of
        self.caller: Caller = SERVICE
        self.seconds = 900.0
        self.loop = asyncio.new_event_loop()
        self._pool = ThreadPoolExecutor(4)
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self._server, self.port = self.run(self._start())
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")

    def run(self, work: Any, timeout: float = 10) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    async def _start(self) -> tuple[Any, int]:
        self.streams = streams = Streams(self._pool)
        log, clock = self._of.log, self._of.clock
        self.tail = Tail(log, clock)
        streams.live = Live(self.tail, MemoryStore(), self._pool)
        vars(streams)["_subscribing"] = Subscribing(
            log, CURSORS, clock, streams.live, self._pool, streams._draining
        )
        server = grpc.aio.server()
        handler = grpc.unary_stream_rpc_method_handler(
            self._subscribe,
            events_pb2.EventsSubscribeRequest.FromString,
            events_pb2.EventsSubscribeResponse.SerializeToString,
        )
        methods = grpc.method_handlers_generic_handler("chat4all.v1.Events", {"Subscribe": handler})
        server.add_generic_rpc_handlers((methods,))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, port

    async def _subscribe(self, request: Any, context: Any) -> None:
        until = int(self._of.clock.now() / 1000 + self.seconds)
        async with telling(context, "Events/Subscribe"):
            await self.streams.subscribe(Verified(self.caller, until), request, context)

    def subscribe(self, **asked: Any) -> Subscriber:
        call = self.channel.unary_stream(
            METHOD,
            request_serializer=events_pb2.EventsSubscribeRequest.SerializeToString,
            response_deserializer=events_pb2.EventsSubscribeResponse.FromString,
        )
        return Subscriber(call(events_pb2.EventsSubscribeRequest(**asked), timeout=20))

    def stop(self) -> None:
        self.channel.close()
        self.run(self._server.stop(0.2))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self._pool.shutdown()
        self.streams.live.close()


class Subscriber:
    """A client that reads when it is told to, and keeps the last cursor that came."""

    def __init__(self, call: Any) -> None:
        self.call = call
        self.ids: list[str] = []
        self.cursor = ""
        self.responses = 0
        self.end: Answered | None = None

    def read(self, responses: int = 1) -> list[str]:
        """So many responses, or fewer if the stream ends; the ids of their events."""
        before = len(self.ids)
        for _ in range(responses):
            try:
                response = next(self.call)
            except grpc.RpcError as error:
                self.end = refusal(error)
                break
            self.responses += 1
            self.cursor = response.cursor
            self.ids += [event.id for event in response.events]
        return self.ids[before:]

    def until(self, number: int) -> list[str]:
        """Read until there are so many events in all."""
        while len(self.ids) < number and self.end is None:
            self.read()
        return self.ids


@contextmanager
def serving(of: Happening) -> Iterator[Instance]:
    instance = Instance(of)
    try:
        yield instance
    finally:
        instance.stop()
