"""Spans that go out: what a collector is sent, and what happens without one."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from chat4all import observability, otlp
from chat4all.tracing import Span, accepted, routed, trace_of
from infra.local.receiver import Answer, Receiver
from tests.builders import an_id
from tests.cloud import CONTEXT

pytestmark = pytest.mark.req("RNF-008")
CLIENTS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PATH = "/v1/traces"


@pytest.fixture(autouse=True)
def not_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    """No failure of another test is remembered, nor of these by others."""
    monkeypatch.setattr(otlp._Paused, "until", 0.0)
    monkeypatch.setattr(otlp._Paused, "dropped", 0)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A real HTTP server, and the setting that names it."""
    with Receiver() as receiver:
        monkeypatch.setattr(otlp, "endpoint", lambda: receiver.url(""))
        yield receiver


def tells(*spans: Span) -> None:
    @observability.observed
    def handler(event: dict[str, Any], context: Any) -> None:
        for span in spans:
            observability.tell("message accepted", span, 1_760_000_000.5, took=0.25, seq=7)

    handler({}, CONTEXT)


def read(body: bytes) -> ExportTraceServiceRequest:
    """As a collector does: ids are hexadecimal in OTLP's JSON, and unknown fields are errors."""
    found = json.loads(body)
    for resource in found["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for name in {"traceId", "spanId", "parentSpanId"} & span.keys():
                    span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
    return ParseDict(found, ExportTraceServiceRequest())


def test_a_collector_gets_the_spans_of_an_invocation_at_its_end(collector: Receiver) -> None:
    trace = trace_of(an_id(1), CLIENTS)
    first, second = accepted(trace, an_id(1)), routed(trace, an_id(1))

    tells(first, second)

    [posted] = collector.deliveries(PATH)
    assert posted.headers["content-type"] == "application/json"
    [of] = read(posted.body).resource_spans
    [scope] = of.scope_spans
    assert {a.key: a.value.string_value for a in of.resource.attributes} == {
        "service.name": CONTEXT.function_name,
        "faas.invocation_id": CONTEXT.aws_request_id,
    }
    one, other = scope.spans
    assert (one.trace_id.hex(), one.span_id.hex()) == (first.trace_id, first.span_id)
    assert one.parent_span_id.hex() == CLIENTS.split("-")[2]
    assert other.parent_span_id.hex() == first.span_id
    assert (one.name, one.kind, other.kind) == ("accept", 2, 5)
    assert one.end_time_unix_nano - one.start_time_unix_nano == 250_000_000
    assert {a.key for a in one.attributes} == {"chat4all.fact", "seq"}


def test_what_is_not_sampled_is_not_sent(collector: Receiver) -> None:
    tells(accepted(trace_of(an_id(1), CLIENTS[:-1] + "0"), an_id(1)))

    assert collector.deliveries(PATH) == []


@pytest.mark.parametrize("status", [400, 503])
def test_a_collector_that_refuses_is_one_warning_and_no_error(
    collector: Receiver, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    collector.always(Answer(status), path=PATH)

    tells(*[accepted(trace_of(an_id(n), CLIENTS), an_id(n)) for n in range(3)])
    tells()

    warnings = [record for record in caplog.records if record.levelname == "WARNING"]
    assert [record.message for record in warnings] == ["spans not exported"]
    assert warnings[0].__dict__["spans"] == 3
    assert len(collector.deliveries(PATH)) == 1


def test_a_collector_that_hangs_is_waited_for_once_and_then_left_alone_for_a_while(
    collector: Receiver, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    collector.answers(Answer(wait=3.0), path=PATH)
    span = accepted(trace_of(an_id(1), CLIENTS), an_id(1))

    for _ in range(3):
        tells(span)
    monkeypatch.setattr(otlp._Paused, "until", time.monotonic())
    tells(span)
    tells(span)

    warnings = [record.__dict__ for record in caplog.records if record.levelname == "WARNING"]
    told = [(warning["reason"], warning["spans"]) for warning in warnings]
    assert told == [("TimeoutError", 1), ("after a failure", 2)]
    assert len(collector.deliveries(PATH)) == 3


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_collector_that_drips_costs_no_more_than_one_that_hangs(head: bytes) -> None:
    """A byte each 50 ms, from the status on, within a header, or of the body."""
    ended = threading.Event()

    def drips(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(head)
            while not ended.wait(0.05):
                try:
                    connection.sendall(b"X")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        dripping = threading.Thread(target=drips, args=[listening])
        dripping.start()
        began = time.monotonic()
        reason = otlp.post(f"http://127.0.0.1:{listening.getsockname()[1]}", b"{}")
        took = time.monotonic() - began
        ended.set()
        dripping.join()

    assert reason == (None if head.endswith(b"\r\n\r\n") else "TimeoutError")
    assert took < otlp.TIMEOUT + 0.5


@pytest.mark.parametrize("where", ["http://127.0.0.1:9", "http://[", "no address"])
def test_a_collector_that_is_not_there_is_no_error(
    monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(otlp, "endpoint", lambda: where)

    tells(accepted(trace_of(an_id(1), CLIENTS), an_id(1)))

    assert not otlp.waiting()


def test_without_a_collector_nothing_is_kept() -> None:
    tells(accepted(trace_of(an_id(1), CLIENTS), an_id(1)))

    assert not otlp.waiting()


def test_more_spans_than_a_process_keeps_push_out_the_oldest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(otlp, "endpoint", lambda: "http://127.0.0.1:9")
    span = accepted(trace_of(an_id(1), CLIENTS), an_id(1))

    for number in range(otlp.MAX_SPANS + 5):
        otlp.collect(otlp.Done(span, str(number), 1, 2, {}))

    assert otlp._waiting[0].fact == "5"
    otlp.export({})
    assert not otlp.waiting()
