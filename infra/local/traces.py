"""The spans of one message, out of the functions' log lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from chat4all import otlp
from chat4all.tracing import Span

AT_ONCE = 10_000
QUEUED = "callback queued"
"""A receipt that came in: it has no span, since its trace is looked up when it is applied."""
OF_A_SPAN = ("trace_id", "span_id", "parent_id", "hop", "start_ms", "duration_ms", "message")
_HIDDEN = {
    *OF_A_SPAN, "level", "location", "timestamp", "service", "function", "request_id",
    "api_request_id", "cold_start", "xray_trace_id", "failed",
}  # fmt: skip


@dataclass(frozen=True)
class Hop:
    """One line that tells of a message. Times in milliseconds since 1970."""

    name: str
    function: str
    fact: str
    start_ms: float
    duration_ms: float
    span_id: str
    parent_id: str | None
    trace_id: str
    cold_start: bool
    failed: bool
    details: Mapping[str, Any]

    @property
    def end_ms(self) -> float:
        return self.start_ms + self.duration_ms

    def shown(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def lines_about(logs: Any, stage: str, message_id: str, since: int = 0) -> Iterator[str]:
    """Every line of the stage's functions that has the id, since a time (ms)."""
    prefix = f"/aws/lambda/chat4all-{stage}-"
    groups = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
    names = [group["logGroupName"] for page in groups for group in page["logGroups"]]
    for name in (*names, f"/chat4all/{stage}/grpc-front"):
        try:
            yield from _found(logs, name, f'"{message_id}"', since)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise


def _found(logs: Any, group: str, pattern: str, since: int) -> Iterator[str]:
    asked = {"logGroupName": group, "filterPattern": pattern, "startTime": since, "limit": AT_ONCE}
    while True:
        page = logs.filter_log_events(**asked)
        for event in page["events"]:
            yield from event["message"].splitlines()
        if "nextToken" not in page:
            return
        asked["nextToken"] = page["nextToken"]


def lines_of_file(path: Path, message_id: str) -> Iterator[str]:
    if path.is_file():
        with path.open(errors="replace") as lines:
            yield from (line for line in lines if message_id in line)


def hops_of(lines: Iterable[str], message_id: str) -> list[Hop]:
    """The hops that these lines tell of, by their beginning."""
    found = [_hop(line) for line in map(_read, lines) if line.get("message_id") == message_id]
    hops = [hop for hop in found if hop is not None]
    trace = next((hop.trace_id for hop in hops if hop.trace_id), "")
    return sorted(
        (_placed(hop, hops, trace) for hop in hops), key=lambda hop: (hop.start_ms, hop.end_ms)
    )


def _read(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _hop(line: Mapping[str, Any]) -> Hop | None:
    if "start_ms" not in line or not ("span_id" in line or line.get("message") == QUEUED):
        return None
    return Hop(
        name=str(line.get("hop", "receive")),
        function=str(line.get("function") or line.get("service") or ""),
        fact=str(line["message"]),
        start_ms=float(line["start_ms"]),
        duration_ms=float(line["duration_ms"]),
        span_id=str(line.get("span_id", "")),
        parent_id=line.get("parent_id"),
        trace_id=str(line.get("trace_id", "")),
        cold_start=bool(line.get("cold_start")),
        failed=bool(line.get("failed")),
        details={k: v for k, v in line.items() if k not in _HIDDEN},
    )


def _placed(hop: Hop, hops: Sequence[Hop], trace: str) -> Hop:
    """A receipt that came in belongs below the delivery that it tells of."""
    if hop.span_id:
        return hop
    index = hop.details.get("index")
    sends = [h for h in hops if h.name == "deliver" and h.details.get("index") == index]
    sends.sort(key=lambda h: h.failed)
    parent = sends[0].span_id if sends else None
    own = f"receive.{index}.{hop.details.get('mark')}.{hop.start_ms}"
    return Hop(**{**hop.shown(), "span_id": own, "parent_id": parent, "trace_id": trace})


def to_collector(url: str, hops: Sequence[Hop]) -> str | None:
    """Send spans to a collector by OTLP/HTTP; what went wrong, or None."""
    for function in sorted({hop.function for hop in hops}):
        done = [_done(h) for h in hops if h.function == function and len(h.span_id) == 16]
        body = otlp.encoded(done, {"service.name": function})
        reason = otlp.post(url.rstrip("/"), body, timeout=10)
        if reason is not None:
            return reason
    return None


def _done(hop: Hop) -> otlp.Done:
    span = Span(hop.trace_id, hop.span_id, hop.parent_id, hop.name, True)
    attributes = {**hop.details, "failed": hop.failed or None}
    return otlp.Done(span, hop.fact, int(hop.start_ms * 1e6), int(hop.end_ms * 1e6), attributes)
