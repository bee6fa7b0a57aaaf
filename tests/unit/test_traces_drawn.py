"""`./scripts/trace`: the hops of one message, out of log lines, and how they are drawn."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rich.console import Console

from chat4all import tracing
from chat4all.tracing import Span, trace_of
from infra.local.receiver import Receiver
from infra.local.traces import Hop, hops_of, to_collector
from infra.local.waterfall import waterfall
from tests.builders import NOW, an_id

pytestmark = pytest.mark.req("RNF-008")
M1, M2 = an_id(1), an_id(2)
TRACE = trace_of(M1)


def a_line(span: Span, at: float, took: float, message_id: str = M1, **more: Any) -> str:
    ids = {"trace_id": span.trace_id, "span_id": span.span_id, "parent_id": span.parent_id}
    return json.dumps(
        {
            "level": "INFO",
            "message": "a fact",
            "function": f"chat4all-local-{span.hop}-it",
            "hop": span.hop,
            **{name: value for name, value in ids.items() if value},
            "start_ms": NOW + at,
            "duration_ms": took,
            "message_id": message_id,
            **more,
        }
    )


LINES = [
    a_line(tracing.called_back(TRACE, M1, 0, "read"), 90, 10, mark="read", channel="whatsapp"),
    a_line(tracing.delivered(TRACE, M1, 0, 0, 1), 30, 5, index=0, code="131056", failed=True),
    a_line(tracing.delivered(TRACE, M1, 0, 0), 50, 10, index=0, outcome="sent", receives=2),
    a_line(tracing.accepted(TRACE, M1), 0, 10, replayed=False, cold_start=True,
           conversation_id=an_id(7)),
    a_line(tracing.routed(TRACE, M1), 20, 5),
    a_line(tracing.accepted(trace_of(M2), M2), 3, 1, message_id=M2),
    json.dumps({"message": "callback queued", "start_ms": NOW + 80, "duration_ms": 2,
                "message_id": M1, "index": 0, "mark": "read", "function": "receive-callback"}),
    json.dumps({"message": "a line without a span", "message_id": M1}),
    f"START RequestId: {M1}",
    '["no", "object"]',
    "{",
]  # fmt: skip


def drawn(hops: list[Hop]) -> list[str]:
    console = Console(width=140, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(waterfall(hops))
    return console.export_text().splitlines()


def test_a_messages_hops_are_found_among_all_that_is_logged() -> None:
    hops = hops_of(LINES, M1)

    assert [hop.name for hop in hops] == [
        "accept",
        "route",
        "deliver",
        "deliver",
        "receive",
        "callback",
    ]
    assert {hop.trace_id for hop in hops} == {TRACE.trace_id}
    assert hops[0].cold_start
    assert hops[2].failed
    receive, delivered = hops[4], hops[3]
    assert receive.parent_id == delivered.span_id
    assert hops_of(LINES, an_id(3)) == []


def test_each_hop_is_below_its_parent_and_waits_are_dots() -> None:
    lines = drawn(hops_of(LINES, M1))

    title, _, accept, route, *rest = lines
    assert title.startswith(f"trace {TRACE.trace_id}  6 hops")
    assert "100.0 ms" in title
    assert accept.startswith("accept")
    assert "accept-it (cold)" in accept
    assert route.startswith("  route")
    assert "···" in route
    assert all(line.startswith("    ") for line in rest)
    assert "mark=read" in next(line for line in rest if "callback" in line)
    assert "code=131056" in rest[0]


def test_hops_whose_parents_nobody_told_of_are_drawn_all_the_same() -> None:
    """Lines may be gone, or not there yet."""
    hops = hops_of([line for line in LINES if '"hop": "route"' not in line], M1)

    lines = drawn(hops)

    assert sum(line.lstrip().startswith(("deliver", "callback")) for line in lines) == 3
    assert any(line.startswith("deliver") for line in lines)


def test_a_replay_is_told_from_what_came_first() -> None:
    event = {"id": "e", "type": "message.sent", "data": {"message_id": M1}}
    first = tracing.posted(TRACE, event["id"], an_id(8), 1)
    again = tracing.posted(TRACE, event["id"], an_id(8), 1, an_id(9))
    lines = [
        *LINES,
        a_line(tracing.accepted(TRACE, M1, "again"), 2, 3, replayed=True),
        a_line(first, 60, 2, attempt=1, replay=None),
        a_line(again, 95, 2, attempt=1, replay=an_id(9)),
    ]

    shown = drawn(hops_of(lines, M1))

    accepts = [line for line in shown if line.startswith("accept")]
    assert ["replayed=True" in line for line in accepts] == [False, True]
    posts = [line for line in shown if line.lstrip().startswith("post")]
    assert [f"replay={an_id(9)[:8]}" in line for line in posts] == [False, True]


def test_what_was_told_twice_is_waited_for_from_its_first_end() -> None:
    twice = a_line(tracing.accepted(TRACE, M1), 18, 2)

    route = next(line for line in drawn(hops_of([*LINES, twice], M1)) if "route" in line)

    assert "···" in route


def test_a_collector_gets_hops_with_the_ids_that_they_are_about() -> None:
    with Receiver() as collector:
        reason = to_collector(collector.url(""), hops_of(LINES, M1))

        posted = [json.loads(d.body) for d in collector.deliveries("/v1/traces")]

    assert reason is None
    spans = [
        {a["key"]: a["value"].get("stringValue") for a in span["attributes"]}
        for each in posted
        for span in each["resourceSpans"][0]["scopeSpans"][0]["spans"]
    ]
    assert {span["message_id"] for span in spans} == {M1}
    assert an_id(7) in {span.get("conversation_id") for span in spans}
