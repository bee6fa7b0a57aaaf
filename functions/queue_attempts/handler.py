"""Queue attempts for whoever wants an event. Trigger: `webhooks` (SQS, standard)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from chat4all.batches import BatchAnswer, offer_again, trace_attribute
from chat4all.bootstrap.parts import queue, settings
from chat4all.bootstrap.webhooks import queueing
from chat4all.observability import logger, observed
from chat4all.webhooks.queueing import Incoming


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
    batch = [
        Incoming(record["messageId"], record["body"], trace_attribute(record))
        for record in event["Records"]
    ]
    done = queueing().queue(batch)
    for record in event["Records"]:
        if record["messageId"] in done.failed:
            offer_again(queue(), settings().webhooks_queue_url, record)
    if done.failed:
        logger().warning("not queued", items=done.failed, reasons=done.reasons)
    if not done.attempts:
        logger().info("nothing queued", records=len(batch), failed=len(done.failed))
    return {"batchItemFailures": [{"itemIdentifier": item} for item in done.failed]}
