"""Traces: which spans one message's journey has, and how they are named on the way.

A message's trace id is its client's, by W3C's `traceparent`, or the digits of its own id. Ids of
spans derive from the trace and the hop, so that each hop knows its parent without being told:

    (receive ─▶) accept ─▶ route ─▶ deliver(index) ─▶ callback(index, mark)
                             └────────────┴──────────────┴──▶ relay(event)
                                            relay ─▶ queue(endpoint, attempt) ─▶ post
                                              └────▶ push

So only what a client gave is stored and carried. https://www.w3.org/TR/trace-context-1/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from chat4all.settings import from_environment

HEADER = "traceparent"
_VERSION_0 = re.compile(
    r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII
)
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16
_SAMPLED = 1


class Trace(NamedTuple):
    """Where somebody else's part of a journey ends, and ours begins."""

    trace_id: str
    """32 hexadecimal digits."""
    span_id: str | None
    """The client's span, 16 hexadecimal digits. None for a trace that begins with us."""
    sampled: bool


class Span(NamedTuple):
    """One hop of ours."""

    trace_id: str
    span_id: str
    parent_id: str | None
    hop: str
    sampled: bool

    @property
    def header(self) -> str:
        """For whoever is called from this hop."""
        return f"00-{self.trace_id}-{self.span_id}-0{int(self.sampled)}"


def parse(traceparent: str | None) -> Trace | None:
    """What a client sent, as level 1 of W3C's recommendation wants it read; None for anything that
    is no such header, which counts as if it had not been sent."""
    found = _VERSION_0.fullmatch(traceparent or "")
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if version == "ff" or (version == "00" and more is not None):
        return None
    if trace_id == _NO_TRACE or span_id == _NO_SPAN:
        return None
    return Trace(trace_id, span_id, bool(int(flags, 16) & _SAMPLED))


def carried(traceparent: str | None) -> str | None:
    """What to keep of a client's header: 55 characters, or nothing."""
    found = parse(traceparent)
    if found is None:
        return None
    return f"00-{found.trace_id}-{found.span_id}-0{int(found.sampled)}"


def trace_of(key: str, kept: str | None = None) -> Trace:
    """The trace of a message by its id, or of whatever else has one: the client's, if it gave one,
    else its own digits."""
    given = parse(kept) if kept else None
    if given is not None:
        return given
    trace_id = _digits(key)
    return Trace(trace_id, None, _share_of(trace_id) < share())


def _digits(key: str) -> str:
    try:
        digits = UUID(key).hex
    except ValueError:
        digits = _NO_TRACE
    return sha256(key.encode()).hexdigest()[:32] if digits == _NO_TRACE else digits


def _share_of(trace_id: str) -> float:
    """Between 0 and 1, and the same at every hop. Clients choose ids: these may count upwards."""
    return int.from_bytes(sha256(trace_id.encode()).digest()[:7]) / 2**56


@cache
def share() -> float:
    """How many of the traces that begin with us count as sampled, 0 to 1."""
    return from_environment().trace_share


def span_id(trace_id: str, hop: str, *key: object) -> str:
    """The same for the same hop of the same trace, for ever."""
    named = "\x1f".join((trace_id, hop, *map(str, key)))
    return sha256(named.encode()).hexdigest()[:16]


def received(trace: Trace, message_id: str) -> Span:
    """A provider told us what a person wrote."""
    return _span(trace, None, "receive", message_id)


def accepted(trace: Trace, message_id: str, *again: object, by_channel: bool = False) -> Span:
    """All messages of one request have the client's span for their parent. `again` tells repeats
    apart: the id without it is that of what made the message, which routing follows."""
    parent = received(trace, message_id).span_id if by_channel else trace.span_id
    return _span(trace, parent, "accept", message_id, *again)


def routed(trace: Trace, message_id: str, *again: int) -> Span:
    """`again` numbers what did not succeed, here and below: the id without it is that of the hop
    which did, so that what follows finds its parent."""
    parent = span_id(trace.trace_id, "accept", message_id)
    return _span(trace, parent, "route", message_id, *again)


def delivered(trace: Trace, message_id: str, index: int, choice: int, *again: int) -> Span:
    """A first choice follows the routing; another, the delivery that failed over to it."""
    before = ("deliver", message_id, index - 1) if choice else ("route", message_id)
    parent = span_id(trace.trace_id, *before)
    return _span(trace, parent, "deliver", message_id, index, *again)


def called_back(trace: Trace, message_id: str, index: int, mark: str) -> Span:
    parent = span_id(trace.trace_id, "deliver", message_id, index)
    return _span(trace, parent, "callback", message_id, index, mark)


def after(hop: Callable[[Trace, str], Span], kept: str | None, message_id: str) -> str | None:
    """The `traceparent` of what follows a hop, where a client gave one: what derives from the
    message needs no carrying."""
    return None if kept is None else hop(trace_of(message_id, kept), message_id).header


def of_event(event: Mapping[str, Any], kept: str | None = None) -> Trace:
    """A message's events belong to its trace; any other event has one of its own."""
    data = event.get("data")
    message_id = data.get("message_id") if isinstance(data, Mapping) else None
    return trace_of(str(message_id or event["id"]), kept)


def relayed(trace: Trace, event: Mapping[str, Any], index: int | None) -> Span:
    """`index` is that of the delivery which the event tells of."""
    kind, message_id = str(event["type"]), event["data"].get("message_id")
    parent: str | None = None
    if message_id is not None:
        parent = span_id(trace.trace_id, *_cause(kind, str(message_id), index))
    return _span(trace, parent, "relay", event["id"])


def _cause(kind: str, message_id: str, index: int | None) -> tuple[str, *tuple[object, ...]]:
    if index is None:
        return "route", message_id
    mark = kind.rpartition(".")[2]
    if mark in ("delivered", "read"):
        return "callback", message_id, index, mark
    return "deliver", message_id, index


def queued(trace: Trace, event_id: str, *attempt: object) -> Span:
    parent = span_id(trace.trace_id, "relay", event_id)
    return _span(trace, parent, "queue", event_id, *attempt)


def posted(trace: Trace, event_id: str, *attempt: object) -> Span:
    parent = span_id(trace.trace_id, "queue", event_id, *attempt)
    return _span(trace, parent, "post", event_id, *attempt)


def pushed(trace: Trace, event_id: str, *again: int) -> Span:
    parent = span_id(trace.trace_id, "relay", event_id)
    return _span(trace, parent, "push", event_id, *again)


def of_file(trace: Trace, parent: str | None, hop: str, file_id: str) -> Span:
    return _span(trace, parent, hop, file_id)


def _span(trace: Trace, parent: str | None, hop: str, *key: object) -> Span:
    own = span_id(trace.trace_id, hop, *key)
    return Span(trace.trace_id, own, parent, hop, trace.sampled)


def xray(traceparent: str) -> str:
    """The same as X-Ray writes it. It takes any trace id of W3C, in its own form.
    https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html"""
    _, trace_id, parent, flags = traceparent.split("-")
    return f"Root=1-{trace_id[:8]}-{trace_id[8:]};Parent={parent};Sampled={int(flags, 16) & 1}"
