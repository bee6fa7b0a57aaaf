"""The emulator's WebSocket handshakes: with the subprotocol that was chosen for them."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from infra.local.emulator_sockets import answer_subprotocols, keep_log_lines


def handshake(
    answer: dict[str, Any] | None, offered: tuple[str, ...] = (), told: list[Any] | None = None
) -> dict[str, Any]:
    """What the emulator accepts a WebSocket with when $connect answered so; `told` gets the
    headers that the emulator saw."""
    sent: list[dict[str, Any]] = []

    async def invoke(*args: Any, **options: Any) -> Any:
        return answer

    async def handle(scope: Any, receive: Any, send: Any, api_id: str, path_override: str) -> None:
        if told is not None:
            told.extend(scope["headers"])
        await gateway._invoke_ws_lambda(api_id, event="CONNECT")
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": path_override})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    gateway = SimpleNamespace(_invoke_ws_lambda=invoke, handle_websocket=handle)
    answer_subprotocols(gateway)
    scope = {"headers": [(b"host", b"localhost")], "subprotocols": list(offered)}
    asyncio.run(gateway.handle_websocket(scope, None, send, "api", path_override="/v1"))
    accepted, other = sent
    assert other == {"type": "websocket.send", "text": "/v1"}
    return accepted


def test_the_subprotocol_that_the_function_answers_is_passed_on() -> None:
    accepted = handshake({"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "chat4all"}})

    assert accepted == {"type": "websocket.accept", "subprotocol": "chat4all"}


@pytest.mark.parametrize("answer", [None, {"statusCode": 200}, {"headers": {"x-other": "1"}}])
def test_a_handshake_without_one_stays_as_it_is(answer: dict[str, Any] | None) -> None:
    assert handshake(answer) == {"type": "websocket.accept"}


def test_what_a_client_offered_is_among_the_headers() -> None:
    told: list[Any] = []

    handshake({"statusCode": 200}, offered=("chat4all", "bearer.e.y.j"), told=told)

    assert told == [
        (b"host", b"localhost"),
        (b"sec-websocket-protocol", b"chat4all, bearer.e.y.j"),
    ]


def test_what_a_function_logs_for_a_socket_is_written_and_for_others_not_twice() -> None:
    written: list[Any] = []
    worker = SimpleNamespace(invoke=lambda event, request_id: {"status": "ok", "log": "a line"})
    runtime = SimpleNamespace(get_or_create_worker=lambda *args, **options: worker)
    service = SimpleNamespace(_emit_lambda_logs=lambda *told: written.append(told[:4]))

    async def invoke(event: str) -> Any:
        return runtime.get_or_create_worker("f", {"FunctionName": "f"}, b"").invoke(event, "r-1")

    gateway = SimpleNamespace(_invoke_ws_lambda=invoke)
    keep_log_lines(gateway, runtime, service)
    asyncio.run(gateway._invoke_ws_lambda("hello"))
    asyncio.run(invoke("by another way, which the dispatcher logs"))

    assert written == [({"config": {"FunctionName": "f"}}, "r-1", "a line", False)]
