"""Check and close finished uploads. Trigger: `uploads` (SQS FIFO, group = file, one at a time)."""

from __future__ import annotations

import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from chat4all import facts
from chat4all.batches import BatchAnswer, failures, group_of, offer_again
from chat4all.bootstrap.chat import finishing
from chat4all.bootstrap.parts import queue
from chat4all.errors import Chat4AllError
from chat4all.file_jobs import UPLOADS, FinishUpload
from chat4all.observability import logger, observed


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
    failed: list[str] = []
    for record in event["Records"]:
        began = time.time()
        try:
            wanted = FinishUpload.model_validate_json(record["body"])
            file = finishing().finish(wanted.file_id)
        except (ValidationError, Chat4AllError) as error:
            logger().warning("upload not checked", file_id=group_of(record), reason=str(error))
            offer_again(queue(), UPLOADS, record)
            failed.append(record["messageId"])
            continue
        status, reason = (file.status, file.reason) if file else ("gone", None)
        facts.of_upload("upload checked", wanted, began, status=status, reason=reason)
    return failures(event["Records"], failed)
