"""Apply callbacks. Trigger: `callbacks` (SQS FIFO; receipts grouped by the provider's message,
what people write by person)."""

from __future__ import annotations

import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import TypeAdapter, ValidationError

from chat4all.batches import BatchAnswer, failures, group_of
from chat4all.bootstrap.chat import inbound
from chat4all.bootstrap.parts import queue
from chat4all.delivery import CALLBACKS, InboundUpdate, StatusBundle, StatusUpdate, Update
from chat4all.errors import Chat4AllError
from chat4all.observability import logger, observed

UNKNOWN_FOR_MS = 600_000
"""A receipt for something that we have not recorded yet is kept for ten minutes."""
UNKNOWN_WAIT = 5
"""Seconds between looks."""

_update: TypeAdapter[StatusUpdate | StatusBundle | InboundUpdate] = TypeAdapter(Update)
Record = dict[str, Any]


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
    statuses: list[tuple[Record, StatusUpdate]] = []
    inbounds: list[tuple[Record, InboundUpdate]] = []
    failed: list[str] = []
    for record in event["Records"]:
        try:
            update = _update.validate_json(record["body"])
        except ValidationError:
            failed.append(record["messageId"])
            continue
        if isinstance(update, InboundUpdate):
            inbounds.append((record, update))
        else:
            same = update.updates if isinstance(update, StatusBundle) else (update,)
            statuses += [(record, status) for status in same]
    failed += _apply(statuses)
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
    unknown = {items[i][0]["messageId"]: items[i][0] for i in applied.unknown}
    waiting = {i: record for i, record in unknown.items() if _age_ms(record) < UNKNOWN_FOR_MS}
    for record_id in unknown.keys() - waiting.keys():
        group = group_of(unknown[record_id])
        logger().warning("receipt for nothing of ours dropped", group=group)
    if waiting:
        handles = [record["receiptHandle"] for record in waiting.values()]
        queue().hide(CALLBACKS, handles, UNKNOWN_WAIT)
    return list(waiting)


def _receive(items: list[tuple[Record, InboundUpdate]]) -> list[str]:
    failed: list[str] = []
    stopped: set[str] = set()
    for record, update in items:
        if group_of(record) in stopped:
            continue
        try:
            inbound().receive(update)
        except Chat4AllError as error:
            logger().warning("inbound not taken", channel=update.channel, reason=str(error))
            stopped.add(group_of(record))
            failed.append(record["messageId"])
    return failed


def _age_ms(record: Record) -> int:
    return int(time.time() * 1000) - int(record["attributes"]["SentTimestamp"])
