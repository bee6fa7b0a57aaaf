"""Turn changes into events: in the log, and on the topic. Trigger: the table's stream.

A record that it cannot handle, or whose events nobody can tell, goes to a dead-letter queue of its
own and holds up nothing; only when the table, the topic or that queue does not answer
does it raise, and the whole batch comes again.
"""

from __future__ import annotations

import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from chat4all import facts
from chat4all.adapters.dynamodb.streams import (
    cause_of_record,
    events_of_record,
    for_dead_letters,
)
from chat4all.bootstrap.events import relay_dead_letters, relaying
from chat4all.events import Event
from chat4all.events.encoding import UNREADABLE
from chat4all.observability import logger, observed, without_data
from chat4all.tracing import Span


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    began = time.time()
    events: list[Event] = []
    sources: dict[str, dict[str, Any]] = {}
    bad: list[dict[str, Any]] = []
    spans: dict[str, Span] = {}
    traces: dict[str, str] = {}
    for record in event["Records"]:
        try:
            made = events_of_record(record)
        except UNREADABLE as error:
            _note(record, without_data(error))
            bad.append(record)
            continue
        events += made
        sources |= {one["id"]: record for one in made}
        if made:
            kept, indices = cause_of_record(record)
            hops = {o["id"]: facts.relaying(o, kept, indices.get(o["id"])) for o in made}
            spans |= hops
            traces |= {one: hop.header for one, hop in hops.items()} if kept else {}
    untold = relaying().relay(events, traces) if events else frozenset()
    for told in events:
        if told["id"] not in untold:
            facts.relayed(told, spans[told["id"]], began)
    for record in {id(sources[one]): sources[one] for one in sorted(untold)}.values():
        _note(record, "an event of it is no JSON, or too large")
        bad.append(record)
    if bad:
        relay_dead_letters().put_aside([for_dead_letters(record) for record in bad])
    if not events:
        logger().info("nothing to relay", records=len(event["Records"]), bad=len(bad))


def _note(record: dict[str, Any], reason: str) -> None:
    logger().error("unreadable change", reason=reason, event_id=record.get("eventID"))
