"""Delayed and Offered: what waits its time in SQS, and what is taken off it early."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from chat4all.adapters.delayed import SqsDelayed, SqsOffered
from chat4all.adapters.memory.webhooks import MemoryDelayed
from chat4all.adapters.sqs import MAX_BATCH_BYTES
from chat4all.errors import Unavailable
from chat4all.ports.webhooks import Delayed, Later
from tests.contract.worlds import ADAPTERS, Aws, Reader, aws_of

pytestmark = pytest.mark.req("RF-009")


@dataclass
class Line:
    delayed: Delayed
    take: Callable[[], list[str]]


def a_queue(aws: Aws) -> str:
    return str(aws.client("sqs").create_queue(QueueName=aws.unique("webhooks"))["QueueUrl"])


@pytest.fixture(params=ADAPTERS)
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    if request.param == "memory":
        memory = MemoryDelayed()
        yield Line(memory, memory.take)
        return
    for aws in aws_of(request):
        url, sqs = a_queue(aws), aws.client("sqs")
        reader = Reader(sqs, str)
        yield Line(SqsDelayed(sqs, url), lambda u=url, r=reader: r.take(u, wait=3))


def test_all_come_and_more_than_ten_at_once(line: Line) -> None:
    bodies = [f"{number} ✓" for number in range(10, 35)]

    line.delayed.send([Later(body, 0) for body in bodies])
    line.delayed.send([])

    assert sorted(line.take()) == bodies


def test_the_same_body_may_come_twice(line: Line) -> None:
    line.delayed.send([Later("same", 0)])
    line.delayed.send([Later("same", 0)])

    assert line.take() == ["same", "same"]


def test_more_than_a_request_may_hold_is_sent_in_several(line: Line) -> None:
    size = MAX_BATCH_BYTES // 4
    line.delayed.send([Later(str(n) * size, 0) for n in range(6)])

    assert sorted(body[0] for body in line.take()) == list("012345")


def test_each_waits_for_its_own_time(aws: Aws) -> None:
    url, sqs = a_queue(aws), aws.client("sqs")
    delayed, reader = SqsDelayed(sqs, url), Reader(sqs, str)

    delayed.send([Later("late", 2), Later("soon", 0), Later("never", 900)])

    assert reader.take(url) == ["soon"]
    assert reader.take(url, wait=5) == ["late"]


def test_a_queue_that_is_not_there_is_unavailable(aws: Aws) -> None:
    url = a_queue(aws)

    with pytest.raises(Unavailable):
        SqsDelayed(aws.client("sqs"), url + "-gone").send([Later("x", 0)])


def test_what_is_taken_off_frees_its_group_before_the_invocation_ends(aws: Aws) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(
        QueueName=aws.unique("attempts") + ".fifo",
        Attributes={"FifoQueue": "true", "VisibilityTimeout": "120"},
    )["QueueUrl"]
    reader = Reader(sqs, str)
    for number in range(12):
        sqs.send_message(
            QueueUrl=url,
            MessageBody=str(number),
            MessageGroupId="one",
            MessageDeduplicationId=str(number),
        )
    first = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert reader.receive(url) == []

    SqsOffered(sqs, url).remove([message["ReceiptHandle"] for message in first])

    assert reader.receive(url, wait=1) == ["10", "11"]


def test_taking_off_is_best_effort(aws: Aws) -> None:
    SqsOffered(aws.client("sqs"), a_queue(aws) + "-gone").remove(["handle"])
    SqsOffered(aws.client("sqs"), a_queue(aws)).remove([])
