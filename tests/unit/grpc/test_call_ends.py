"""How a call ends, and what is logged of it."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

from chat4all.bootstrap import chat
from chat4all.errors import Unavailable
from chat4all.observability import logger
from grpc_front import services
from grpc_front.generated.chat4all.v1 import events_pb2
from grpc_front.server import MAX_RESPONSE_BYTES
from tests.support.grpc_server import Client, serving
from tests.support.matrix_world import MatrixWorld

pytestmark = pytest.mark.req("RF-008")
NO_UUID = "00000000-0000-4000-8000-000000000404"


def a_text(world: MatrixWorld, **fields: Any) -> dict[str, Any]:
    payload = {"text": {"text": "hi"}}
    return {"conversation_id": world.group, "sender": "ana", "payload": payload, **fields}


def test_a_call_has_one_line_in_the_log(world: MatrixWorld, server: Client) -> None:
    token = world.service()
    with logged() as log:
        done = server.call(
            "Messages/Send",
            bearer=token,
            message=a_text(world),
            sent=[("x-request-id", "mine-1")],
        )
        waited_for(lambda: '"call"' in log.getvalue())
    lines = [json.loads(line) for line in log.getvalue().splitlines()]

    [line] = [line for line in lines if line["message"] == "call"]
    assert (line["method"], line["code"]) == ("chat4all.v1.Messages/Send", "OK")
    assert (line["subject"], line["kind"]) == (world.client.client_id, "service")
    assert line["duration_ms"] > 0
    accepted = next(line for line in lines if line["message"] == "message accepted")
    assert accepted["request_id"] == line["request_id"] == "mine-1"
    assert done.trailers["x-request-id"] == "mine-1"
    assert token not in str(lines)


def test_a_refusal_is_logged_by_its_code(world: MatrixWorld, server: Client) -> None:
    with logged() as log:
        server.call("Users/Get", bearer=world.service(), user_id="nobody")
        waited_for(lambda: '"call"' in log.getvalue())

    line = json.loads(log.getvalue().splitlines()[-1])
    assert (line["message"], line["code"]) == ("call", "NOT_FOUND")
    assert line["reason"] == "user_not_found"


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What is logged meanwhile."""
    log, [handler] = io.StringIO(), logger().handlers
    before = handler.setStream(log)  # type: ignore[attr-defined]
    logger().setLevel("INFO")
    try:
        yield log
    finally:
        logger().setLevel("WARNING")
        handler.setStream(before)  # type: ignore[attr-defined]


def test_a_request_id_that_is_no_line_of_text_is_replaced(server: Client) -> None:
    done = server.call("Auth/GetKeys", sent=[("x-request-id", "a" * 65)])

    assert len(done.trailers["x-request-id"]) == 36


def test_what_failed_under_us_may_be_repeated(
    world: MatrixWorld, server: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any) -> None:
        raise Unavailable("table: no")

    monkeypatch.setattr(chat.users(), "show", down)

    refused = server.call("Users/Get", bearer=world.service(), user_id="ana")

    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAVAILABLE, "unavailable")


def test_a_bug_is_told_without_its_words(
    world: MatrixWorld, server: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("a secret")

    monkeypatch.setattr(chat.users(), "show", broken)

    refused = server.call("Users/Get", bearer=world.service(), user_id="ana")

    assert (refused.code, refused.reason) == (grpc.StatusCode.INTERNAL, "internal_error")
    assert "secret" not in str(refused)


def test_nothing_is_done_for_whom_nobody_waits_any_more(
    world: MatrixWorld, server: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, sent = Slow(), []
    monkeypatch.setattr(services, "may", slow.wait)
    monkeypatch.setattr(chat.messaging(), "accept", lambda *_: sent.append(1))

    with logged() as log:
        over = server.call(
            "Messages/Send", bearer=world.service(), message=a_text(world), timeout=0.3
        )
        waited_for(lambda: '"call"' in log.getvalue())  # the server knows it too
        slow.go_on.set()
        time.sleep(0.2)

    assert over.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert sent == []


def test_a_client_without_patience_of_its_own_does_not_wait_for_ever(
    world: MatrixWorld, server: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow()
    monkeypatch.setattr(services, "may", slow.wait)
    monkeypatch.setattr(services, "LONGEST_S", 0.2)

    refused = server.call("Users/Get", bearer=world.service(), user_id="ana", timeout=None)
    slow.go_on.set()

    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAVAILABLE, "unavailable")


def test_a_page_that_no_client_would_take_is_refused_in_words(
    world: MatrixWorld, server: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MAX_ANSWER_BYTES", 20)

    refused = server.call("Messages/List", bearer=world.service(), conversation_id=world.group)

    assert (refused.http_status, refused.reason) == (413, "answer_too_large")


def test_what_is_answered_is_what_the_server_sends() -> None:
    assert services.MAX_ANSWER_BYTES == MAX_RESPONSE_BYTES


class Slow:
    def __init__(self) -> None:
        self.go_on = threading.Event()

    def wait(self, *_: Any) -> None:
        self.go_on.wait(10)


class Flood:
    """A stream that has more to say than anybody reads."""

    def __init__(self, pool: object) -> None:
        self.ended: list[BaseException] = []

    async def subscribe(self, caller: object, request: object, context: Any) -> None:
        event = events_pb2.Event(id="e" * 60_000)
        try:
            while True:
                await context.write(events_pb2.EventsSubscribeResponse(events=[event]))
        except BaseException as error:
            self.ended.append(error)
            raise


def test_a_client_that_goes_away_while_it_is_written_to_is_no_bug(world: MatrixWorld) -> None:
    flood = Flood(None)
    with serving(lambda pool: flood) as client, logged() as log:
        subscribe = client.channel.unary_stream("/chat4all.v1.Events/Subscribe")
        token = ("authorization", f"Bearer {world.service()}")
        stream = subscribe(b"", metadata=[token])
        next(stream)
        time.sleep(0.3)
        stream.cancel()
        waited_for(lambda: '"call"' in log.getvalue())

    line = json.loads(log.getvalue().splitlines()[-1])
    assert flood.ended
    assert "unexpected error" not in log.getvalue()
    assert (line["message"], line["code"]) == ("call", "CANCELLED")


def waited_for(happened: Callable[[], bool], seconds: float = 5) -> None:
    until = time.monotonic() + seconds
    while not happened() and time.monotonic() < until:
        time.sleep(0.02)
