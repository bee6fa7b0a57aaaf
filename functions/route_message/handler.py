"""Sequence and forward accepted messages. Trigger: `inbound` (SQS FIFO, group = conversation)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from chat4all.batches import BatchAnswer, failures
from chat4all.bootstrap.chat import routing
from chat4all.delivery import ToRoute
from chat4all.observability import logger


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
    batch: dict[str, ToRoute] = {}
    unreadable: list[str] = []
    for record in event["Records"]:
        try:
            batch[record["messageId"]] = ToRoute.model_validate_json(record["body"])
        except ValidationError:
            unreadable.append(record["messageId"])
    routed = routing().route(list(batch.values()))
    again = [item for item, wanted in batch.items() if wanted in routed.failed]
    logger().info(
        "routed",
        messages=[r.message_id for r in routed.placed],
        failed=[w.message_id for w in routed.failed],
        unreadable=unreadable,
    )
    return failures(event["Records"], [*again, *unreadable])
