"""Apply callbacks. Trigger: `callbacks` (SQS FIFO; receipts grouped by the provider's message,
what people write by person)."""

from __future__ import annotations

import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import TypeAdapter, ValidationError

from chat4all.batches import BatchAnswer, failures, group_of
from chat4all.bootstrap import inbound, queue
from chat4all.delivery import CALLBACKS, InboundUpdate, StatusUpdate, Update
from chat4all.errors import Chat4AllError
from chat4all.observability import logger

UNKNOWN_FOR_MS = 600_000
"""A receipt for something that we have not recorded yet is kept for ten minutes."""
UNKNOWN_WAIT = 5
"""Seconds between looks."""

_update: TypeAdapter[StatusUpdate | InboundUpdate] = TypeAdapter(Update)
Record = dict[str, Any]


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
    statuses: dict[str, tuple[Record, StatusUpdate]] = {}
    inbounds: list[tuple[Record, InboundUpdate]] = []
    failed: list[str] = []
    for record in event["Records"]:
        try:
            update = _update.validate_json(record["body"])
        except ValidationError:
            failed.append(record["messageId"])
            continue
        if isinstance(update, StatusUpdate):
            statuses[record["messageId"]] = (record, update)
        else:
            inbounds.append((record, update))
    failed += _apply(list(statuses.values()))
    failed += _receive(inbounds)
    logger().info(
        "callbacks applied", statuses=len(statuses), inbound=len(inbounds), again=len(failed)
    )
    return failures(event["Records"], failed)


def _apply(items: list[tuple[Record, StatusUpdate]]) -> list[str]:
    if not items:
        return []
    try:
        applied = inbound().apply([update for _, update in items])
    except Chat4AllError as error:
        logger().warning("receipts not applied", reason=str(error))
        return [record["messageId"] for record, _ in items]
    unknown = [items[position][0] for position in applied.unknown]
    waiting = [record for record in unknown if _age_ms(record) < UNKNOWN_FOR_MS]
    for record in unknown:
        if record not in waiting:
            logger().warning("receipt for nothing of ours dropped", group=group_of(record))
    if waiting:
        queue().hide(CALLBACKS, [r["receiptHandle"] for r in waiting], UNKNOWN_WAIT)
    return [record["messageId"] for record in waiting]


def _receive(items: list[tuple[Record, InboundUpdate]]) -> list[str]:
    failed: list[str] = []
    stopped: set[str] = set()
    for record, update in items:
        if group_of(record) in stopped:
            continue
        try:
            message_id = inbound().receive(update)
            logger().info("message received", channel=update.channel, message_id=message_id)
        except Chat4AllError as error:
            logger().warning("inbound not taken", channel=update.channel, reason=str(error))
            stopped.add(group_of(record))
            failed.append(record["messageId"])
    return failed


def _age_ms(record: Record) -> int:
    return int(time.time() * 1000) - int(record["attributes"]["SentTimestamp"])
