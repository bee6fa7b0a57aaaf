"""Turn changes into events on the topic. Trigger: the table's stream.

A record that it cannot handle goes to a dead-letter queue of its own and
holds up nothing; only when the topic or that queue does not answer does it
raise, and the whole batch comes again.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from chat4all.adapters.dynamodb.streams import events_of_record
from chat4all.bootstrap import publisher, relay_dead_letters
from chat4all.events import Event
from chat4all.observability import logger


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    events: list[Event] = []
    bad: list[dict[str, Any]] = []
    for record in event["Records"]:
        try:
            events += events_of_record(record)
        except (LookupError, TypeError, ValueError) as error:
            logger().error("unreadable change", reason=repr(error), event_id=record.get("eventID"))
            bad.append(record)
    if bad:
        relay_dead_letters().put_aside(bad)
    if events:
        publisher().publish(events)
    logger().info("relayed", records=len(event["Records"]), events=len(events), bad=len(bad))
