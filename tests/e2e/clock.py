"""Turn the clock: what EventBridge Scheduler keeps for later happens now."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from infra.local import aws
from infra.local.client import wait_until
from infra.local.running import Addresses


def turn(addresses: Addresses, hours: float) -> int:
    """Do what the Scheduler would do within so many hours; how many schedules that were.

    What SQS itself delays, up to fifteen minutes, is not hurried.
    """
    scheduler = aws.client(addresses.aws_endpoint_url, "scheduler")
    sqs = aws.client(addresses.aws_endpoint_url, "sqs")
    due = [
        one for one in _schedules(scheduler, addresses) if _at(one) <= time.time() + hours * 3600
    ]
    for schedule in sorted(due, key=_at):
        target = schedule["Target"]
        queue = target["Arn"].rsplit(":", 1)[-1]
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        scheduler.delete_schedule(Name=schedule["Name"], GroupName=schedule["GroupName"])
        sqs.send_message(QueueUrl=url, MessageBody=target["Input"])
    return len(due)


def turn_until(addresses: Addresses, hours: float, count: int = 1) -> None:
    """Turn it as soon as so many schedules are there."""
    wait_until(
        lambda: (
            len(_schedules(aws.client(addresses.aws_endpoint_url, "scheduler"), addresses)) >= count
        ),
        f"{count} schedules",
    )
    turn(addresses, hours)


def _schedules(scheduler: Any, addresses: Addresses) -> list[Any]:
    group = f"chat4all-{addresses.stage}-webhooks"
    pages = scheduler.get_paginator("list_schedules").paginate(GroupName=group)
    return [
        scheduler.get_schedule(Name=found["Name"], GroupName=group)
        for page in pages
        for found in page["Schedules"]
    ]


def _at(schedule: Any) -> float:
    """Seconds since 1970 of a one-time schedule, which is in UTC."""
    text = schedule["ScheduleExpression"].removeprefix("at(").removesuffix(")")
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
