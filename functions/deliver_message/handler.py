"""Deliver queued messages. Trigger: one channel's queue (SQS FIFO, group = conversation#user)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from chat4all.batches import BatchAnswer, failures, receives
from chat4all.bootstrap.chat import delivering
from chat4all.delivery import Delivery
from chat4all.errors import Chat4AllError
from chat4all.observability import logger, observed
from chat4all.sending import Received


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
    batch: list[Received] = []
    unreadable: list[str] = []
    for record in event["Records"]:
        try:
            delivery = Delivery.model_validate_json(record["body"])
        except ValidationError:
            unreadable.append(record["messageId"])
            continue
        ids = (record["receiptHandle"], record["messageId"])
        batch.append(Received(delivery, *ids, receives(record)))
    try:
        again = delivering().deliver(batch, lambda: context.get_remaining_time_in_millis() / 1000)
    except Chat4AllError as error:
        logger().warning("batch stopped", reason=str(error))
        again = [received.item_id for received in batch]
    logger().info("batch delivered", messages=len(batch), again=len(again), unreadable=unreadable)
    return failures(event["Records"], [*again, *unreadable])
