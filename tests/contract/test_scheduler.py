"""Scheduler: one message at a time to come, however often it is asked for."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from chat4all.adapters.memory.webhooks import MemoryScheduler
from chat4all.adapters.scheduler import EventBridgeScheduler
from chat4all.errors import Unavailable
from tests.contract.worlds import Aws, Reader

pytestmark = pytest.mark.req("RF-009")
HOUR = 3_600_000
NAME = "a" * 64
ROLE = "arn:aws:iam::000000000000:role/scheduler"
BODY = json.dumps({"kind": "attempt", "text": "olá ✓", "many": "x" * 20_000})


class Schedules:
    def __init__(self, aws: Aws, queue_arn: str = "arn:aws:sqs:us-east-1:000000000000:w") -> None:
        self.client = aws.client("scheduler")
        self.group = aws.unique("webhooks")
        self.client.create_schedule_group(Name=self.group)
        self.scheduler = EventBridgeScheduler(self.client, self.group, queue_arn, ROLE)

    def found(self, name: str = NAME) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get_schedule(GroupName=self.group, Name=name)
        return found


def now() -> int:
    return int(time.time() * 1000)


def test_a_schedule_is_for_one_time_in_utc_and_deletes_itself(aws: Aws) -> None:
    schedules, when = Schedules(aws), now() + HOUR

    schedules.scheduler.at(NAME, when, BODY)

    found = schedules.found()
    moment = datetime.fromtimestamp(when // 1000, UTC)
    assert found["ScheduleExpression"] == f"at({moment:%Y-%m-%dT%H:%M:%S})"
    assert found["ScheduleExpressionTimezone"] == "UTC"
    assert found["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert found["ActionAfterCompletion"] == "DELETE"
    assert (found["Target"]["RoleArn"], found["Target"]["Input"]) == (ROLE, BODY)


def test_a_name_that_is_known_changes_nothing(aws: Aws) -> None:
    schedules = Schedules(aws)
    schedules.scheduler.at(NAME, now() + HOUR, "first")

    schedules.scheduler.at(NAME, now() + 2 * HOUR, "second")

    assert schedules.found()["Target"]["Input"] == "first"


@pytest.mark.parametrize("aws", ["emulator"], indirect=True)
def test_a_group_that_is_not_there_is_unavailable(aws: Aws) -> None:
    gone = EventBridgeScheduler(aws.client("scheduler"), "nowhere", "arn:aws:sqs:a:1:q", ROLE)

    with pytest.raises(Unavailable):
        gone.at(NAME, now() + HOUR, BODY)


@pytest.mark.parametrize("aws", ["emulator"], indirect=True)
def test_when_its_time_has_come_the_body_is_on_the_queue(aws: Aws) -> None:
    """The emulator looks every ten seconds."""
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=aws.unique("webhooks"))["QueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    schedules = Schedules(aws, asked["Attributes"]["QueueArn"])

    schedules.scheduler.at(NAME, now() - 1000, BODY)

    assert Reader(sqs, str).take(url, wait=15) == [BODY]
    with pytest.raises(schedules.client.exceptions.ResourceNotFoundException):
        schedules.found()


def test_the_fake_hands_out_what_is_due_in_its_order_once() -> None:
    scheduler = MemoryScheduler()
    for name, when in (("late", 30), ("second", 20), ("first", 10)):
        scheduler.at(name, when, name)
    scheduler.at("first", 90, "another")

    assert scheduler.due(20) == ["first", "second"]
    assert scheduler.due(20) == []
