"""Sequence and forward accepted messages. Trigger: `inbound` (SQS FIFO, group = conversation)."""

from __future__ import annotations

import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from chat4all import facts
from chat4all.batches import BatchAnswer, failures, receives
from chat4all.bootstrap.chat import routing
from chat4all.delivery import ToRoute
from chat4all.observability import logger, observed


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
    began = time.time()
    batch: dict[str, ToRoute] = {}
    times: dict[str, int] = {}
    unreadable: list[str] = []
    for record in event["Records"]:
        try:
            batch[record["messageId"]] = wanted = ToRoute.model_validate_json(record["body"])
            times[wanted.message_id] = receives(record)
        except ValidationError:
            unreadable.append(record["messageId"])
    routed = routing().route(list(batch.values()))
    again = [item for item, wanted in batch.items() if wanted in routed.failed]
    for place in routed.placed:
        facts.routed(place, began)
    for wanted in routed.failed:
        facts.not_routed(wanted, times[wanted.message_id], began)
    if unreadable:
        logger().error("unreadable messages", records=unreadable)
    return failures(event["Records"], [*again, *unreadable])
