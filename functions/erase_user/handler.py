"""Erase people and delete files. Trigger: `erasures` (SQS, standard, one at a time)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from chat4all.batches import BatchAnswer, offer_again
from chat4all.bootstrap.parts import queue, settings
from chat4all.bootstrap.privacy import eraser
from chat4all.errors import Chat4AllError
from chat4all.observability import logger, observed
from chat4all.privacy.jobs import job_of


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
    failed: list[str] = []
    for record in event["Records"]:
        try:
            job = job_of(record["body"])
            eraser().run(job, lambda: context.get_remaining_time_in_millis() / 1000)
        except (ValidationError, Chat4AllError) as error:
            reason = type(error).__name__ if isinstance(error, ValidationError) else str(error)
            logger().warning("not erased", record=record["messageId"], reason=reason)
            offer_again(queue(), settings().erasures_queue_url, record)
            failed.append(record["messageId"])
            continue
        logger().info("erased", **job.model_dump(mode="json", include=_TOLD, exclude_none=True))
    return {"batchItemFailures": [{"itemIdentifier": item} for item in failed]}


_TOLD = {"kind", "user_id", "file_id", "again", "step"}
