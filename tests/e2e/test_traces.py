"""A message's trace: from its client, through every hop, to its subscribers; and drawn."""

from __future__ import annotations

import json
import os
import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chat4all.tracing import parse
from infra.local import aws
from infra.local.client import Api, Sandbox, wait_until
from infra.local.receiver import Receiver
from infra.local.running import Addresses
from infra.local.traces import Hop, hops_of, lines_about, lines_of_file
from tests.e2e.conftest import People
from tests.e2e.realtime import connected
from tests.e2e.webhooks import Subscriber, Subscribers
from tests.support.over_grpc import GrpcApi

pytestmark = pytest.mark.req("RNF-008")
REPO = Path(__file__).parents[2]
TOLD = ("message.accepted", "message.sent", "message.delivered", "message.read")


def a_trace() -> tuple[str, str]:
    """A trace id, and the header that a client sends with it."""
    trace_id = uuid.uuid4().hex
    return trace_id, f"00-{trace_id}-b7ad6b7169203331-01"


def hops(
    stack: Addresses, message_id: str, enough: set[str], again: Callable[[], object]
) -> list[Hop]:
    """Those of a message, once the logs have all of these: hops by their names, or by that and the
    event's type. The emulator of a busy machine may hold lines back until their function runs
    `again`."""
    logs = aws.client(stack.aws_endpoint_url, "logs")
    names: set[str] = set()
    for _ in range(30):
        lines = list(lines_about(logs, stack.stage, message_id))
        lines += lines_of_file(Path(stack.home) / "grpc.log", message_id)
        found = hops_of(lines, message_id)
        names = {h.name for h in found}
        names |= {f"{h.name} {kind}" for h in found if (kind := h.details.get("event_type"))}
        if enough <= names:
            return found
        time.sleep(2)
        again()
    raise AssertionError(f"the logs lack {sorted(enough - names)} of {message_id}")


def headers(subscriber: Subscriber, message_id: str) -> dict[str, str]:
    """The `traceparent` of each event of a message, once all came."""
    for kind in TOLD:
        subscriber.wait_for(kind, message_id=message_id, seconds=60)
    return {
        event["type"]: delivery.headers["traceparent"]
        for delivery in subscriber.deliveries()
        if (event := json.loads(delivery.body))["data"].get("message_id") == message_id
    }


def test_every_hop_of_a_message_has_its_clients_trace(
    stack: Addresses, api: Api, people: People, subscribers: Subscribers
) -> None:
    (ana, _), (bo, _) = people.on(), people.on("whatsapp")
    conversation, subscriber = api.conversation(ana, bo), subscribers.add(*TOLD)
    trace_id, header = a_trace()
    body = {"conversation_id": conversation, "from": ana, "payload": {"type": "text", "text": "hi"}}

    with connected(stack, api, ana) as device:
        sent = api.ok("POST", "/v1/messages", body, headers={"traceparent": header})
        message_id = sent["message_id"]
        device.wait_for("message.read", message_id=message_id, seconds=60)

    told = {kind: parse(given) for kind, given in headers(subscriber, message_id).items()}
    all_of_them = {"accept", "route", "deliver", "receive", "callback"}
    all_of_them |= {f"{hop} {kind}" for hop in ("relay", "queue", "post", "push") for kind in TOLD}
    found = hops(stack, message_id, all_of_them, lambda: api.send(conversation, ana, "again"))
    spans = {hop.span_id: hop for hop in found}
    [accept] = [hop for hop in found if hop.name == "accept"]
    assert accept.parent_id == "b7ad6b7169203331"
    assert {hop.trace_id for hop in found} == {trace_id}
    assert [hop for hop in found if hop is not accept and hop.parent_id not in spans] == []
    marks = {hop.details["mark"] for hop in found if hop.name == "callback"}
    assert {"delivered", "read"} <= marks
    assert {trace.trace_id for trace in told.values() if trace} == {trace_id}
    for kind in TOLD:
        trace = told[kind]
        assert trace is not None and trace.span_id is not None
        assert spans[trace.span_id].details["event_type"] == kind


def test_without_one_it_is_the_messages_own_digits_also_over_grpc_and_from_a_person(
    stack: Addresses, api: Api, over_grpc: GrpcApi, people: People, sandbox: Sandbox
) -> None:
    (ana, _), (bo, addresses) = people.on(), people.on("whatsapp")
    conversation = over_grpc.conversation(ana, bo)
    by_grpc = over_grpc.send(conversation, ana, "hi")
    api.wait_for_status(by_grpc, "READ")
    sandbox.writes(addresses["whatsapp"], "whatsapp", "hello")
    answer = wait_until(lambda: api.history(conversation)[1:], "the answer")[0]["message_id"]

    def again() -> None:
        over_grpc.send(conversation, ana, "again")
        sandbox.writes(addresses["whatsapp"], "whatsapp", "again")

    for message_id, first in ((by_grpc, "accept"), (answer, "receive")):
        found = hops(stack, message_id, {first, "accept", "route"}, again)
        assert {hop.trace_id for hop in found} == {message_id.replace("-", "")}
        assert found[0].name == first
        assert found[0].parent_id is None


class TracedGrpc(GrpcApi):
    """Its calls belong to a trace."""

    header = ""

    def _metadata(self) -> list[tuple[str, str]]:
        return [*super()._metadata(), *([("traceparent", self.header)] if self.header else [])]


def test_grpc_takes_it_as_metadata(stack: Addresses, people: People) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    trace_id, header = a_trace()
    caller = TracedGrpc(stack)
    conversation = caller.conversation(ana, bo)

    caller.header = header
    message_id = caller.send(conversation, ana, "hi")

    wanted = {"accept", "route", "relay"}
    found = hops(stack, message_id, wanted, lambda: caller.send(conversation, ana, "again"))
    assert {hop.trace_id for hop in found} == {trace_id}
    assert found[0].function == "grpc-front"


def drawn(stack: Addresses, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [REPO / "scripts" / "trace", *options],
        cwd=REPO,
        env={**os.environ, "CHAT4ALL_HOME": stack.home},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_journey_is_drawn_and_can_be_sent_to_a_collector(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _), (bo, _) = people.on(), people.on("whatsapp")
    conversation = api.conversation(ana, bo)
    message_id = api.send(conversation, ana, "hi")
    api.wait_for_status(message_id, "READ")
    wanted = {"accept", "route", "deliver", "callback", "relay message.read"}
    found = hops(stack, message_id, wanted, lambda: api.send(conversation, ana, "again"))

    with Receiver() as collector:
        shown = drawn(stack, message_id, "--otlp", collector.url(""))
        posted: list[Any] = [json.loads(d.body) for d in collector.deliveries("/v1/traces")]
    as_json = json.loads(drawn(stack, message_id, "--json").stdout)

    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert message_id.replace("-", "") in lines[0]
    assert [line.split()[0] for line in lines[2:5]][:2] == ["accept", "route"]
    assert sum(line.lstrip().startswith("callback ") for line in lines) >= 2
    assert "connector-whatsapp" in shown.stdout
    assert len(as_json) >= len(found)
    sent = [s for p in posted for r in p["resourceSpans"] for s in r["scopeSpans"][0]["spans"]]
    assert {s["name"] for s in sent} >= {"accept", "route", "deliver", "callback", "relay"}


def test_an_id_that_nobody_logged_is_an_error_that_says_what_to_do(stack: Addresses) -> None:
    unknown, nonsense = drawn(stack, str(uuid.uuid4())), drawn(stack, "nonsense")

    assert (unknown.returncode, nonsense.returncode) == (1, 2)
    assert "No log line tells of" in unknown.stderr
    assert "no message id" in nonsense.stderr
