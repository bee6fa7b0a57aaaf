"""WebSockets of the local emulator: the subprotocol that was chosen, and the functions' log lines.

MiniStack 1.5.33 accepts every handshake without one. A browser that offered subprotocols (ours
carries its token in one) must get one of them back, else it closes the connection. And uvicorn
tells what was offered beside the headers, where MiniStack does not look.

What a function logs for a WebSocket it throws away: of its ways to run one, that is the only one
that does not go through the dispatcher, which writes CloudWatch's log.
"""

import time
from contextvars import ContextVar
from typing import Any


def answer_subprotocols(gateway: Any) -> None:
    """Accept with the Sec-WebSocket-Protocol of the $connect function's answer, as AWS does."""
    invoke, handle = gateway._invoke_ws_lambda, gateway.handle_websocket
    chosen: ContextVar[str | None] = ContextVar("chosen", default=None)

    async def invoke_noting(*args: Any, **options: Any) -> Any:
        answer = await invoke(*args, **options)
        for name, value in ((answer or {}).get("headers") or {}).items():
            if name.lower() == "sec-websocket-protocol":
                chosen.set(value)
        return answer

    async def handle_answering(
        scope: Any, receive: Any, send: Any, *args: Any, **more: Any
    ) -> None:
        async def send_chosen(message: dict[str, Any]) -> None:
            if message["type"] == "websocket.accept" and chosen.get():
                message = {**message, "subprotocol": chosen.get()}
            await send(message)

        chosen.set(None)
        if offered := scope.get("subprotocols"):
            told = (b"sec-websocket-protocol", ", ".join(offered).encode())
            scope = {**scope, "headers": [*scope["headers"], told]}
        await handle(scope, receive, send_chosen, *args, **more)

    gateway._invoke_ws_lambda, gateway.handle_websocket = invoke_noting, handle_answering


def keep_log_lines(gateway: Any, runtime: Any, lambda_service: Any) -> None:
    """Write what a function logs for a WebSocket to its log group, as for every other caller."""
    invoke, worker_of = gateway._invoke_ws_lambda, runtime.get_or_create_worker
    for_socket: ContextVar[bool] = ContextVar("for_socket", default=False)

    async def invoke_logging(*args: Any, **options: Any) -> Any:
        token = for_socket.set(True)
        try:
            return await invoke(*args, **options)
        finally:
            for_socket.reset(token)

    def worker_logging(name: str, config: Any, *args: Any, **options: Any) -> Any:
        worker = worker_of(name, config, *args, **options)
        return _Logging(worker, config, lambda_service) if for_socket.get() else worker

    gateway._invoke_ws_lambda, runtime.get_or_create_worker = invoke_logging, worker_logging


class _Logging:
    def __init__(self, worker: Any, config: Any, lambda_service: Any) -> None:
        self._worker = worker
        self._config = config
        self._lambda_service = lambda_service

    def invoke(self, event: Any, request_id: str, *args: Any) -> Any:
        began = time.monotonic()
        result = self._worker.invoke(event, request_id, *args)
        self._lambda_service._emit_lambda_logs(
            {"config": self._config},
            request_id,
            result.get("log", ""),
            result.get("status") == "error",
            int((time.monotonic() - began) * 1000),
        )
        return result
