"""Every line of an invocation has its ids, and every fact of a message is one line, which is one
span of its trace."""

from __future__ import annotations

import importlib
import io
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from chat4all import metrics, observability, tracing
from chat4all.delivery import INBOUND, Delivery, ToRoute
from chat4all.errors import TryLater
from chat4all.metrics import Metric
from chat4all.observability import logger, observed
from chat4all.receipts import Mark
from tests.builders import a_new_message, an_id, as_user, received
from tests.cloud import CONTEXT
from tests.unit.test_architecture import HANDLERS
from tests.world import World

pytestmark = pytest.mark.req("RNF-008")
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CLIENTS = f"00-{TRACE}-{SPAN}-01"
Lines = list[dict[str, Any]]


class Logged:
    """What is logged, as the lines say it."""

    def __init__(self) -> None:
        self.out = io.StringIO()

    def lines(self, fact: str | None = None) -> Lines:
        found = [json.loads(line) for line in self.out.getvalue().splitlines()]
        return [line for line in found if fact in (None, line["message"])]


@pytest.fixture
def logged() -> Iterator[Logged]:
    found = Logged()
    added = logging.StreamHandler(found.out)
    added.setFormatter(logger().registered_formatter)
    level = logger().level
    logger().setLevel("INFO")
    logger().addHandler(added)
    yield found
    logger().removeHandler(added)
    logger().setLevel(level)


@pytest.mark.parametrize("handler", HANDLERS)
def test_every_handler_is_observed(handler: str) -> None:
    found = importlib.import_module(f"{handler}.handler").lambda_handler

    assert found.__wrapped__.__name__ == "lambda_handler"
    assert found.__code__ is observed(lambda event, context: None).__code__


def test_each_line_of_an_invocation_has_its_ids_and_a_cold_start_is_told_once(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observability._Process, "cold", True)

    @observed
    def handler(event: dict[str, Any], context: Any) -> None:
        logger().info("one")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(logger().info, "two").result()

    handler({"requestContext": {"requestId": "of the gateway"}}, CONTEXT)
    first = logged.lines()
    handler({}, CONTEXT)

    assert [line["message"] for line in first] == ["one", "two"]
    for line in first:
        assert line["request_id"] == CONTEXT.aws_request_id
        assert line["api_request_id"] == "of the gateway"
        assert line["function"] == CONTEXT.function_name
        assert line["cold_start"] is True
    [_, last] = logged.lines("one")
    assert last["cold_start"] is False
    assert "api_request_id" not in last


def test_what_was_counted_is_written_however_an_invocation_ends(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @observed
    def handler(event: dict[str, Any], context: Any) -> None:
        metrics.count(Metric.RETRIES, step="route")
        raise OSError

    metrics.flush()
    capsys.readouterr()
    with pytest.raises(OSError):
        handler({}, CONTEXT)

    assert '"retries_total"' in capsys.readouterr().out


def test_what_was_counted_is_written_before_spans_wait_for_a_collector(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    monkeypatch.setattr(
        observability, "export_spans", lambda *_: written.append(capsys.readouterr().out)
    )

    observed(lambda event, context: metrics.count(Metric.RETRIES, step="route"))({}, CONTEXT)

    assert '"retries_total"' in written[0]


def a_traced_message(world: World, trace: str | None = CLIENTS, **fields: Any) -> str:
    conversation = world.conversation("ana", "bo")
    caller = replace(as_user("ana"), trace=trace)
    return world.messaging.accept(caller, a_new_message(conversation, **fields)).message_id


def test_a_message_is_one_line_and_one_span_at_each_hop(logged: Logged) -> None:
    world = World()
    world.user("bo", whatsapp="bo")
    message_id = a_traced_message(world)
    world.drain()
    world.report(message_id, Mark.DELIVERED)
    world.report(message_id, Mark.READ)

    lines = [line for line in logged.lines() if line.get("message_id") == message_id]

    assert [line["message"] for line in lines] == [
        "message accepted",
        "message delivered",
        "status applied",
        "status applied",
    ]
    accepted, delivered, arrived, read = lines
    assert accepted["parent_id"] == SPAN
    assert (delivered["channel"], delivered["outcome"]) == ("whatsapp", "sent")
    assert arrived["parent_id"] == read["parent_id"] == delivered["span_id"]
    assert (arrived["mark"], read["mark"]) == ("delivered", "read")
    for line in lines:
        assert line["trace_id"] == TRACE
        assert line["conversation_id"] == world.place(message_id).conversation_id
        assert line["start_ms"] > 1.7e12
        assert line["duration_ms"] >= 0


def test_without_a_clients_trace_it_is_the_messages_own_and_nothing_is_stored(
    logged: Logged,
) -> None:
    world = World()
    world.user("bo", whatsapp="bo")
    message_id = a_traced_message(world, trace=None)
    [queued] = world.queue.queues[INBOUND]
    world.drain()

    lines = [line for line in logged.lines() if line.get("message_id") == message_id]

    assert {line["trace_id"] for line in lines} == {message_id.replace("-", "")}
    assert "parent_id" not in lines[0]
    assert (queued.trace, "trace" in queued.body) == (None, False)
    assert world.store.messages[message_id].trace is None
    assert world.place(message_id).trace is None


def test_a_clients_trace_goes_with_the_message_through_the_queues_and_the_table() -> None:
    world = World()
    world.user("bo", whatsapp="bo")
    message_id = a_traced_message(world)
    [to_route] = world.queue.queues[INBOUND]
    world.route()
    [to_send] = world.queue.queues["channel-whatsapp"]

    assert ToRoute.model_validate_json(to_route.body).trace == CLIENTS
    assert Delivery.model_validate_json(to_send.body).trace == CLIENTS
    assert world.store.messages[message_id].trace == CLIENTS
    assert world.place(message_id).trace == CLIENTS
    for queued in (to_route, to_send):
        assert queued.trace is not None
        assert queued.trace.startswith(f"00-{TRACE}-")
        assert SPAN not in queued.trace


def test_what_a_channel_does_not_take_now_says_why_and_has_spans_of_its_own(
    logged: Logged,
) -> None:
    world = World()
    world.user("bo", whatsapp="bo")
    message_id = a_traced_message(world)
    world.route()
    [queued] = world.queue.queues["channel-whatsapp"]
    offered = received(Delivery.model_validate_json(queued.body))
    world.whatsapp.fails("bo", TryLater("131056", "too fast"), TryLater("131056", "too fast"))
    for receives in (1, 2, 3):
        world.delivering["whatsapp"].deliver([replace(offered, receives=receives)])

    one, two = logged.lines("message not delivered")
    [sent] = logged.lines("message delivered")
    assert (one["outcome"], one["code"], two["receives"]) == ("later", "131056", 2)
    assert len({line["span_id"] for line in (one, two, sent)}) == 3
    assert one["parent_id"] == two["parent_id"] == sent["parent_id"]
    assert sent["message_id"] == message_id


def test_the_same_message_with_another_trace_is_a_repeat_and_keeps_its_first_one(
    logged: Logged,
) -> None:
    world = World()
    other = f"00-{'a' * 32}-{'b' * 16}-01"
    conversation = world.conversation("ana", "bo")
    new = a_new_message(conversation, message_id=an_id(1))

    for trace in (CLIENTS, other, None):
        world.messaging.accept(replace(as_user("ana"), trace=trace), new)

    lines = logged.lines("message accepted")
    assert [line["replayed"] for line in lines] == [False, True, True]
    assert {line["trace_id"] for line in lines} == {TRACE}
    assert {line["parent_id"] for line in lines} == {SPAN}
    assert len({line["span_id"] for line in lines}) == 3
    first = tracing.accepted(tracing.trace_of(an_id(1), CLIENTS), an_id(1))
    assert lines[0]["span_id"] == first.span_id
    assert world.store.messages[an_id(1)].trace == CLIENTS


def test_all_messages_of_a_request_share_its_trace(logged: Logged) -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    caller = replace(as_user("ana"), trace=CLIENTS)

    world.messaging.accept_batch(caller, [a_new_message(conversation) for _ in range(3)])

    lines = logged.lines("message accepted")
    assert {(line["trace_id"], line["parent_id"]) for line in lines} == {(TRACE, SPAN)}
    assert len({line["span_id"] for line in lines}) == 3
