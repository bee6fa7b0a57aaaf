"""WebSocket handshakes of the local emulator, with the subprotocol that was chosen for them.

MiniStack 1.5.33 accepts every handshake without one. A browser that offered subprotocols (ours
carries its token in one) must get one of them back, else it closes the connection. And uvicorn
tells what was offered beside the headers, where MiniStack does not look.
"""

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
