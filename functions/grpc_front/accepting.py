"""A server of grpc.aio that no call can end.

grpcio (1.85) decodes each call's path in the loop that takes the calls; a path that is no UTF-8
ends that loop, and the server with it: whoever reaches the port could do that. So here the server
with the port, the `_Door`, takes no calls itself. A `_Taker`, a second server without a port, takes
them from it and serves them; when one ends, the next goes on. Connections stay, and so do the calls
that run; the one that was bad is reset.

         _Door                         _Taker
    port ─────▶ calls of the core ◀─ one at a time ─▶ path ─▶ handlers
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import grpc
from grpc._cython import cygrpc

from chat4all.observability import log_bug, logger

PAUSE_S = 0.1
"""After an end that we do not know: it may come again at once."""


class Accepting:
    """One server. Made, started and stopped in one event loop."""

    def __init__(
        self, handlers: Sequence[grpc.GenericRpcHandler], options: Sequence[tuple[str, int]]
    ) -> None:
        self._handlers = tuple(handlers)
        self._door = _Door(options)
        self._taking: asyncio.Task[None] | None = None

    def listen(self, address: str, credentials: grpc.ServerCredentials | None) -> int:
        """The port; 0 if it cannot be had."""
        if credentials is None:
            return int(self._door.add_insecure_port(address.encode()))
        return int(self._door.add_secure_port(address.encode(), credentials))

    async def start(self) -> None:
        await self._door.start()
        first = await _Taker.of(self._door, self._handlers)
        self._taking = asyncio.create_task(self._take(first))

    async def over(self) -> None:
        """Until it is stopped. Raises what ended it otherwise: a bug."""
        if self._taking is not None:
            await asyncio.shield(self._taking)

    async def stop(self, grace: float) -> None:
        """No call is taken; return once those that run have ended, in `grace` seconds."""
        self._door.closing.set()
        await self._door.shutdown(grace)
        if self._taking is not None:
            await asyncio.gather(self._taking, return_exceptions=True)

    async def _take(self, taker: _Taker) -> None:
        while True:
            await taker.ended.wait()
            before, bug = taker, taker.bug
            if self._door.closing.is_set():
                await before.shutdown(None)
                return
            if bug is not None:
                log_bug(bug)
                await asyncio.sleep(PAUSE_S)
            taker = await _Taker.of(self._door, self._handlers)
            await before.shutdown(None)


class _Door(cygrpc.AioServer):  # type: ignore[misc]
    """Has the port and the connections."""

    def __init__(self, options: Sequence[tuple[str, int]]) -> None:
        cygrpc.get_working_loop()
        self._in = asyncio.get_running_loop()
        super().__init__(self._in, None, (), None, tuple(options), None)
        self.closing = asyncio.Event()

    def _make_request_call_future(self, method: bytes | None) -> asyncio.Task[Any]:
        return self._in.create_task(self.closed())

    async def closed(self) -> None:
        """No call, until the end: then what the core says of one that it does not give."""
        await self.closing.wait()
        raise cygrpc._RequestCallError


class _Taker(cygrpc.AioServer):  # type: ignore[misc]
    """Takes the door's calls until one has a path that cannot be read."""

    door: _Door
    loop: asyncio.AbstractEventLoop
    ended: asyncio.Event
    bug: Exception | None

    @classmethod
    async def of(cls, door: _Door, handlers: Sequence[grpc.GenericRpcHandler]) -> _Taker:
        loop = asyncio.get_running_loop()
        taker = cls(loop, None, handlers, None, (), None)
        taker.door, taker.loop = door, loop
        taker.ended, taker.bug = asyncio.Event(), None
        await taker.start()
        return taker

    def _make_request_call_future(self, method: bytes | None) -> asyncio.Task[Any]:
        return self.loop.create_task(self._next())

    async def _next(self) -> Any:
        if self.door.closing.is_set():
            raise asyncio.CancelledError
        return await self.door._request_call()

    async def _server_main_loop(self, started: asyncio.Future[bool]) -> None:
        try:
            await super()._server_main_loop(started)
        except UnicodeDecodeError:
            logger().warning("a path is no text")
        except asyncio.CancelledError:
            if not self.door.closing.is_set():
                raise
        except Exception as error:
            self.bug = error
        finally:
            self.ended.set()
