"""Post events to subscribers. Trigger: `attempts` (SQS FIFO, group = endpoint)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from chat4all.batches import BatchAnswer, offer_again
from chat4all.bootstrap.parts import queue
from chat4all.bootstrap.webhooks import dispatching
from chat4all.observability import logger, observed
from chat4all.webhooks.dispatching import Received
from chat4all.webhooks.endpoint import ATTEMPTS, AttemptJob


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
    batch: list[Received] = []
    unreadable: list[str] = []
    for record in event["Records"]:
        try:
            job = AttemptJob.model_validate_json(record["body"])
        except ValidationError:
            unreadable.append(record["messageId"])
            continue
        batch.append(Received(job, record["receiptHandle"], record["messageId"]))
    done = dispatching().dispatch(batch)
    again = [*done.failed, *unreadable]
    for record in event["Records"]:
        if record["messageId"] in again:
            offer_again(queue(), ATTEMPTS, record)
    if again:
        logger().warning("not dispatched", items=again, reasons=done.reasons)
    if not done.attempts:
        logger().info("nothing dispatched", records=len(event["Records"]), again=len(again))
    # each item by itself: events of an endpoint have no order that a repeat would break
    return {"batchItemFailures": [{"itemIdentifier": item} for item in again]}
