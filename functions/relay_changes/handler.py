"""Turn changes into events: in the log, and on the topic. Trigger: the table's stream.

A record that it cannot handle, or whose events nobody can tell, goes to a dead-letter queue of its
own and holds up nothing; only when the table, the topic or that queue does not answer
does it raise, and the whole batch comes again.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from chat4all.adapters.dynamodb.streams import events_of_record, for_dead_letters
from chat4all.bootstrap.events import relay_dead_letters, relaying
from chat4all.events import Event
from chat4all.events.encoding import UNREADABLE
from chat4all.observability import logger, without_data


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    events: list[Event] = []
    sources: dict[str, dict[str, Any]] = {}
    bad: list[dict[str, Any]] = []
    for record in event["Records"]:
        try:
            made = events_of_record(record)
        except UNREADABLE as error:
            _note(record, without_data(error))
            bad.append(record)
            continue
        events += made
        sources |= {one["id"]: record for one in made}
    untold = relaying().relay(events) if events else frozenset()
    for record in {id(sources[one]): sources[one] for one in sorted(untold)}.values():
        _note(record, "an event of it is no JSON, or too large")
        bad.append(record)
    if bad:
        relay_dead_letters().put_aside([for_dead_letters(record) for record in bad])
    logger().info("relayed", records=len(event["Records"]), events=len(events), bad=len(bad))


def _note(record: dict[str, Any], reason: str) -> None:
    logger().error("unreadable change", reason=reason, event_id=record.get("eventID"))
