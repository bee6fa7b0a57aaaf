"""Push events to connected clients. Trigger: `realtime` (SQS, by the topic, raw)."""

from __future__ import annotations

import json
import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from chat4all import facts
from chat4all.batches import BatchAnswer, offer_again, receives, trace_attribute
from chat4all.bootstrap.parts import queue, settings
from chat4all.bootstrap.pushing import pushing
from chat4all.errors import Unavailable
from chat4all.events import Event
from chat4all.observability import logger, observed, without_data


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
    began = time.time()
    events: dict[str, Event] = {}
    failed: list[str] = []
    for record in event["Records"]:
        try:
            events[record["messageId"]] = _read(record["body"])
        except (ValueError, RecursionError) as error:
            reason = without_data(error)
            logger().error("unreadable event", reason=reason, record=record["messageId"])
            failed.append(record["messageId"])
    try:
        pushed = pushing().push(events)
    except Unavailable as error:
        logger().warning("not pushed", reason=str(error), events=len(events))
        return _again(event, [*failed, *events])
    for record in event["Records"]:
        item = record["messageId"]
        if item in events:
            trace, times = trace_attribute(record), receives(record)
            again = item in pushed.failed
            facts.pushed(events[item], trace, began, receives=times, again=again)
    logger().info("batch pushed", posts=pushed.posts, gone=pushed.gone, old=pushed.old)
    return _again(event, [*failed, *(i for i in events if i in pushed.failed)])


def _read(body: str) -> Event:
    """Raises ValueError for what is no event."""
    found = json.loads(body)
    if not isinstance(found, dict) or not isinstance(found.get("data"), dict):
        raise ValueError("no event")
    if not all(isinstance(found.get(name), str) for name in ("id", "type", "timestamp")):
        raise ValueError("no event")
    return found


def _again(event: dict[str, Any], records: list[str]) -> BatchAnswer:
    for record in event["Records"]:
        if record["messageId"] in records:
            offer_again(queue(), settings().realtime_queue_url, record)
    return {"batchItemFailures": [{"itemIdentifier": i} for i in records]}
