"""Trace ids: read from clients by W3C's rules, else the message's own; spans whose ids derive."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all import tracing
from chat4all.tracing import Trace, carried, parse, trace_of
from tests.builders import an_id

pytestmark = pytest.mark.req("RNF-008")
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CLIENTS = f"00-{TRACE}-{SPAN}-01"
HEX = st.text("0123456789abcdef")


@pytest.mark.parametrize(
    ("header", "sampled"),
    [
        (CLIENTS, True),
        (f"00-{TRACE}-{SPAN}-00", False),
        (f"00-{TRACE}-{SPAN}-02", False),
        (f"00-{TRACE}-{SPAN}-ff", True),
        (f"01-{TRACE}-{SPAN}-01", True),
        (f"cc-{TRACE}-{SPAN}-01-what-the-future-will-be-like", True),
        (f"cc-{TRACE}-{SPAN}-01-", True),
    ],
)
def test_a_header_of_this_version_or_a_later_one_is_read(header: str, sampled: bool) -> None:
    """The examples of W3C's test suite."""
    assert parse(header) == Trace(TRACE, SPAN, sampled)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}-01-",
        f"00-{TRACE}-{SPAN}-01-more",
        f"cc-{TRACE}-{SPAN}-01.what-the-future-will-not-be-like",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN.upper()}-01",
        f"00-{TRACE[:-1]}-{SPAN}-01",
        f"00-{TRACE}0-{SPAN}-01",
        f"00-{TRACE}-{SPAN[:-1]}-01",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}-0x",
        f"0-{TRACE}-{SPAN}-01",
        f" {CLIENTS}",
        f"{CLIENTS}\n",
        f"{CLIENTS},{CLIENTS}",
        f"٠٠-{TRACE}-{SPAN}-01",
        TRACE,
    ],
)
def test_anything_else_counts_as_if_it_had_not_been_sent(header: str | None) -> None:
    assert parse(header) is None
    assert carried(header) is None


@given(st.text() | st.from_regex(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}.{0,3}"))
def test_whatever_a_client_sends_what_is_kept_is_a_header_or_nothing(header: str) -> None:
    kept = carried(header)

    assert kept is None or re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", kept)
    assert carried(kept) == kept


def test_a_message_belongs_to_its_clients_trace_or_to_one_of_its_own_digits() -> None:
    message_id = "5f0c4a52-0a3e-4c0b-9d0f-0242ac130003"

    assert trace_of(message_id, CLIENTS) == Trace(TRACE, SPAN, True)
    assert trace_of(message_id).trace_id == message_id.replace("-", "")
    assert trace_of(message_id, "nonsense").trace_id == message_id.replace("-", "")


@given(st.text(min_size=1) | st.uuids().map(str) | st.just("00000000-0000-0000-0000-000000000000"))
def test_whatever_has_an_id_has_a_trace_that_w3c_allows(key: str) -> None:
    found = trace_of(key)

    header = tracing.accepted(found, key).header
    assert parse(header) is not None
    assert trace_of(key) == found


def test_a_share_of_the_traces_that_begin_with_us_is_sampled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where clients count their messages' ids upwards."""
    monkeypatch.setattr(tracing, "share", lambda: 0.25)

    sampled = sum(trace_of(an_id(number)).sampled for number in range(2_000))

    assert 400 < sampled < 600


def test_each_hop_knows_its_parent_without_being_told() -> None:
    trace, message_id, event_id = trace_of(an_id(1), CLIENTS), an_id(1), "event-1"
    sent: dict[str, Any] = {
        "id": event_id,
        "type": "message.sent",
        "data": {"message_id": message_id},
    }
    read = {**sent, "type": "message.read"}

    accepted = tracing.accepted(trace, message_id)
    routed = tracing.routed(trace, message_id)
    delivered = tracing.delivered(trace, message_id, 0, choice=0)
    called_back = tracing.called_back(trace, message_id, 0, "read")
    relayed = tracing.relayed(trace, sent, 0)
    queued = tracing.queued(trace, event_id, "webhook", "1.0", "")
    posted = tracing.posted(trace, event_id, "webhook", "1.0", "")
    pushed = tracing.pushed(trace, event_id)

    assert accepted.parent_id == SPAN
    assert routed.parent_id == accepted.span_id
    assert delivered.parent_id == routed.span_id
    assert called_back.parent_id == delivered.span_id
    assert relayed.parent_id == delivered.span_id
    assert tracing.relayed(trace, read, 0).parent_id == called_back.span_id
    assert tracing.relayed(trace, read, None).parent_id == routed.span_id
    assert queued.parent_id == pushed.parent_id == relayed.span_id
    assert posted.parent_id == queued.span_id
    spans = (accepted, routed, delivered, called_back, relayed, queued, posted, pushed)
    assert len({span.span_id for span in spans}) == len(spans)
    assert {span.trace_id for span in spans} == {TRACE}


def test_another_choice_follows_the_delivery_that_failed() -> None:
    trace = trace_of(an_id(1))

    first = tracing.delivered(trace, an_id(1), 0, choice=0)

    assert tracing.delivered(trace, an_id(1), 1, choice=1).parent_id == first.span_id


def test_what_did_not_succeed_has_an_id_of_its_own() -> None:
    trace = trace_of(an_id(1))

    attempts = [tracing.delivered(trace, an_id(1), 0, 0, again) for again in (1, 2)]
    sent = tracing.delivered(trace, an_id(1), 0, 0)

    assert len({span.span_id for span in (*attempts, sent)}) == 3
    assert {span.parent_id for span in (*attempts, sent)} == {sent.parent_id}


def test_what_a_person_writes_begins_with_the_callback_that_brought_it() -> None:
    trace = trace_of(an_id(1))

    received = tracing.received(trace, an_id(1))

    assert received.parent_id is None
    accepted = tracing.accepted(trace, an_id(1), by_channel=True)
    assert accepted.parent_id == received.span_id
    assert tracing.routed(trace, an_id(1)).parent_id == accepted.span_id


def test_the_same_trace_as_x_ray_writes_it() -> None:
    assert (
        tracing.xray(CLIENTS) == f"Root=1-0af76519-16cd43dd8448eb211c80319c;Parent={SPAN};Sampled=1"
    )
    assert tracing.xray(f"00-{TRACE}-{SPAN}-00").endswith(";Sampled=0")
