"""Deliver queued messages. Trigger: one channel's queue (SQS FIFO, group = conversation#user)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from chat4all.batches import BatchAnswer, failures
from chat4all.bootstrap.chat import delivering
from chat4all.delivery import Delivery
from chat4all.errors import Chat4AllError
from chat4all.observability import logger
from chat4all.sending import Received


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
    batch: list[Received] = []
    unreadable: list[str] = []
    for record in event["Records"]:
        try:
            delivery = Delivery.model_validate_json(record["body"])
        except ValidationError:
            unreadable.append(record["messageId"])
            continue
        batch.append(Received(delivery, record["receiptHandle"], record["messageId"]))
    try:
        again = delivering().deliver(batch, lambda: context.get_remaining_time_in_millis() / 1000)
    except Chat4AllError as error:
        logger().warning("batch stopped", reason=str(error))
        again = [received.item_id for received in batch]
    logger().info(
        "delivered",
        messages=[r.delivery.message_id for r in batch],
        again=len(again),
        unreadable=unreadable,
    )
    return failures(event["Records"], [*again, *unreadable])
