"""Spans on their way out by OTLP/HTTP, in its JSON encoding: to a collector, if one was named.

https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Lock, Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from chat4all.settings import from_environment
from chat4all.tracing import Span
from chat4all.version import VERSION

TIMEOUT = 0.2
"""Seconds for all of a post. It comes at the end of an invocation, which it makes longer."""
PAUSE = 30.0
"""Seconds without a post after one that failed: a collector that hangs must not hold up every
invocation."""
MAX_SPANS = 2_000
"""That wait: more are dropped, the oldest first."""
_KINDS = {"receive": 2, "accept": 2, "deliver": 3, "post": 3, "push": 3}
"""SERVER and CLIENT; all other hops take something off a queue: CONSUMER."""
_CONSUMER, _ERROR = 5, 2


class Done(NamedTuple):
    """A hop that is over. Times are nanoseconds since 1970."""

    span: Span
    fact: str
    began: int
    ended: int
    attributes: Mapping[str, Any]


class Lost(NamedTuple):
    """How many spans nobody got, and why."""

    reason: str
    spans: int


class _Paused:
    """What a failure leaves behind."""

    until = 0.0  # time.monotonic
    dropped = 0


_waiting: list[Done] = []
_lock = Lock()


@cache
def endpoint() -> str:
    return from_environment().otlp_endpoint.rstrip("/")


def wanted(span: Span) -> bool:
    return span.sampled and bool(endpoint())


def collect(done: Done) -> None:
    """Keep it for the next `export`."""
    with _lock:
        _waiting.append(done)
        del _waiting[:-MAX_SPANS]


def waiting() -> bool:
    return bool(_waiting)


def export(resource: Mapping[str, Any]) -> Lost | None:
    """Post what waits, once: what is refused is gone, and so is what comes within `PAUSE` of that.
    What was lost is told after the next post, and of the first at once; None if nothing was."""
    with _lock:
        done = list(_waiting)
        _waiting.clear()
        if not done or not endpoint():
            return None
        if time.monotonic() < _Paused.until:
            _Paused.dropped += len(done)
            return None
        dropped, _Paused.dropped = _Paused.dropped, 0
    reason = post(endpoint(), encoded(done, resource))
    if reason is not None:
        _Paused.until = time.monotonic() + PAUSE
        return Lost(reason, len(done) + dropped)
    return Lost("after a failure", dropped) if dropped else None


def post(to: str, body: bytes, timeout: float = TIMEOUT) -> str | None:
    """What went wrong, or None; within so many seconds, however slowly the other side speaks.
    Nothing is raised: nobody's message may fail for it."""
    said: list[str | None] = []
    try:
        url = urlsplit(to)
        connect = HTTPSConnection if url.scheme == "https" else HTTPConnection
        connection = connect(url.hostname or "", url.port, timeout=timeout)
        # a socket's own time-out begins anew with each byte that comes
        asking = Thread(target=lambda: said.append(_asked(connection, url.path, body)), daemon=True)
        asking.start()
    except (OSError, HTTPException, ValueError, RuntimeError) as error:
        return type(error).__name__
    asking.join(timeout)
    if said:
        return said[0]
    _cut(connection)
    return TimeoutError.__name__


def _asked(connection: HTTPConnection, path: str, body: bytes) -> str | None:
    """By the status alone: of the answer's body nothing is read."""
    try:
        headers = {"content-type": "application/json", "connection": "close"}
        connection.request("POST", f"{path}/v1/traces", body, headers)
        status = connection.getresponse().status
    except (OSError, HTTPException, ValueError) as error:
        return type(error).__name__
    finally:
        connection.close()
    return None if status < 300 else f"HTTP {status}"


def _cut(connection: HTTPConnection) -> None:
    """End what still reads."""
    with suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)


def encoded(spans: Sequence[Done], resource: Mapping[str, Any]) -> bytes:
    """An ExportTraceServiceRequest."""
    scope = {"name": "chat4all", "version": VERSION}
    own = {"resource": {"attributes": _attributes(resource)}}
    inner = {"scopeSpans": [{"scope": scope, "spans": [_span(done) for done in spans]}]}
    return json.dumps({"resourceSpans": [own | inner]}, separators=(",", ":")).encode()


def _span(done: Done) -> dict[str, Any]:
    span = done.span
    made: dict[str, Any] = {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "name": span.hop,
        "kind": _KINDS.get(span.hop, _CONSUMER),
        "startTimeUnixNano": str(done.began),
        "endTimeUnixNano": str(done.ended),
        "attributes": _attributes({"chat4all.fact": done.fact, **done.attributes}),
        "flags": int(span.sampled),
    }
    if span.parent_id is not None:
        made["parentSpanId"] = span.parent_id
    if done.attributes.get("failed"):
        made["status"] = {"code": _ERROR}
    return made


def _attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": k, "value": _value(v)} for k, v in values.items() if v is not None]


def _value(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case _:
            return {"stringValue": str(value)}
