"""A door of the emulator that speaks TLS, and what its plain one refuses then.

AWS has no plain HTTP for an API, so a stack with TLS has none either: the plain door is for
this machine's functions, scripts and AWS tools, which reach queues and tables by it and post to
sockets. MiniStack itself can serve TLS (USE_SSL), but on one port for all, so that every call of
every function would pay for it.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]
REFUSED = {"message": "This API is served by https and wss only."}


def through_tls(app: App) -> App:
    """Tell functions that the request came by TLS, whatever the client says of that."""

    async def behind(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket"):
            kept = [h for h in scope["headers"] if not h[0].lower().startswith(b"x-forwarded-")]
            scope = {**scope, "headers": [*kept, (b"x-forwarded-proto", b"https")]}
        await app(scope, receive, send)

    return behind


def without_apis(app: App, address: Callable[[str, str], Any]) -> App:
    """Refuse what is for an API, but for the pushes of functions.

    `address` tells API, stage and path of a request from its host and path, if it is for one.
    """

    async def plain(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http" and _is_for_an_api(scope, address):
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": json.dumps(REFUSED).encode()})
        else:
            await app(scope, receive, send)

    return plain


def _is_for_an_api(scope: Scope, address: Callable[[str, str], Any]) -> bool:
    host = next((v.decode("latin-1") for n, v in scope["headers"] if n.lower() == b"host"), "")
    found = address(host, scope["path"])
    return bool(found) and not str(found[2]).startswith("/@connections/")


class Beside(uvicorn.Server):
    """Ends with the other one, which hears the signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Main(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, beside: Beside) -> None:
        super().__init__(config)
        self._beside = beside

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._beside.should_exit = True
        super().handle_exit(sig, frame)


def serve_both(plain: uvicorn.Config, tls: uvicorn.Config) -> None:
    """In one loop, until a signal. The application is started and stopped by the plain one."""
    beside = Beside(tls)
    main = Main(plain, beside)

    async def both() -> None:
        await asyncio.gather(main.serve(), beside.serve())

    with asyncio.Runner(loop_factory=plain.get_loop_factory()) as runner:
        runner.run(both())
