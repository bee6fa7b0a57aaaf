"""Fetch what people sent on channels. Trigger: `media` (SQS FIFO, group = file, one at a time)."""

from __future__ import annotations

import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from chat4all import facts
from chat4all.batches import BatchAnswer, failures, group_of, offer_again
from chat4all.bootstrap.chat import fetching
from chat4all.bootstrap.parts import queue
from chat4all.errors import Chat4AllError, TryLater
from chat4all.file_jobs import MEDIA, FetchMedia
from chat4all.observability import logger, observed


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
    failed: list[str] = []
    for record in event["Records"]:
        began = time.time()
        try:
            job = FetchMedia.model_validate_json(record["body"])
            file = fetching().fetch(job, lambda: context.get_remaining_time_in_millis() / 1000)
        except (ValidationError, Chat4AllError) as error:
            wait = error.retry_after if isinstance(error, TryLater) else None
            logger().warning("not fetched", file_id=group_of(record), reason=str(error), wait=wait)
            offer_again(queue(), MEDIA, record, wait)
            failed.append(record["messageId"])
            continue
        status, reason = (file.status, file.detail) if file else ("gone", None)
        facts.of_media("media fetched", job, began, status=status, reason=reason)
    return failures(event["Records"], failed)
