"""Queue: FIFO queues. A fake can show what was taken, in which order, and what only once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from chat4all.adapters.memory import MemoryQueue
from chat4all.adapters.sqs import MAX_BATCH_BYTES, SqsQueue
from chat4all.delivery import Outgoing
from chat4all.errors import Unavailable
from chat4all.ports import Queue
from tests.contract.worlds import ADAPTERS, Aws, Reader, aws_of


@dataclass
class Line:
    """A queue, and a consumer that takes all that waits and succeeds with it."""

    queue: Queue
    take: Callable[[], list[str]]


def line_of(request: pytest.FixtureRequest) -> Iterator[Line]:
    if request.param == "memory":
        memory = MemoryQueue()
        yield Line(memory, lambda: memory.take("inbound"))
        return
    for aws in aws_of(request):
        queue, reader = sqs_queue(aws)
        yield Line(queue, lambda reader=reader: reader.take("inbound", wait=0.5))


@pytest.fixture(params=ADAPTERS)
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    yield from line_of(request)


@pytest.fixture(params=["memory", "emulator"])
def exact_line(request: pytest.FixtureRequest) -> Iterator[Line]:
    """Without moto, which looks for duplicates in the whole queue and among what waits only."""
    yield from line_of(request)


def sqs_queue(aws: Aws) -> tuple[SqsQueue, Reader]:
    """`inbound` as template.yaml has it, with a name of its own."""
    prefix, sqs = aws.unique("chat4all"), aws.client("sqs")
    url = sqs.create_queue(
        QueueName=f"{prefix}-inbound.fifo",
        Attributes={
            "FifoQueue": "true",
            "DeduplicationScope": "messageGroup",
            "FifoThroughputLimit": "perMessageGroupId",
            "VisibilityTimeout": "120",
        },
    )["QueueUrl"]
    queue = SqsQueue(sqs, url.removesuffix("inbound.fifo"))
    return queue, Reader(sqs, queue.url)


def outgoing(number: int, group: str = "one", body: str = "") -> Outgoing:
    return Outgoing(
        body=body or f"{group} {number}", group=group, deduplication_id=f"{group}-{number}"
    )


def test_what_was_sent_comes_in_order(line: Line) -> None:
    line.queue.send("inbound", [outgoing(1)])
    line.queue.send("inbound", [outgoing(2), outgoing(3)])
    line.queue.send("inbound", [])

    assert line.take() == ["one 1", "one 2", "one 3"]


def test_characters_that_sqs_refuses_arrive_all_the_same(line: Line) -> None:
    odd = json.dumps({"text": "\ufffe and \uffff"}, ensure_ascii=False)

    line.queue.send("inbound", [Outgoing(body=odd, group="g", deduplication_id="1")])

    assert [json.loads(body) for body in line.take()] == [json.loads(odd)]


def test_more_than_ten_at_once_keep_their_order_within_each_group(line: Line) -> None:
    sent = [outgoing(n, group) for n in range(1, 13) for group in ("one", "two")]

    line.queue.send("inbound", sent)

    taken = line.take()
    for group in ("one", "two"):
        mine = [body for body in taken if body.startswith(group)]
        assert mine == [f"{group} {n}" for n in range(1, 13)]
    assert len(taken) == 24


def test_the_same_deduplication_id_is_taken_once(line: Line) -> None:
    line.queue.send("inbound", [outgoing(1), outgoing(2)])
    line.queue.send("inbound", [outgoing(1, body="again")])
    line.queue.send("inbound", [outgoing(2, body="again"), outgoing(3)])

    assert line.take() == ["one 1", "one 2", "one 3"]


def test_it_is_remembered_after_it_was_taken(exact_line: Line) -> None:
    exact_line.queue.send("inbound", [outgoing(1)])
    assert exact_line.take() == ["one 1"]

    exact_line.queue.send("inbound", [outgoing(1, body="again"), outgoing(2)])

    assert exact_line.take() == ["one 2"]


def test_bodies_come_as_they_were_sent(line: Line) -> None:
    bodies = ['{"text": "olá ✓ \\u0007 👩‍👩‍👧"}', " spaces \n and lines ", "x" * 20_000]

    line.queue.send("inbound", [outgoing(n, body=body) for n, body in enumerate(bodies)])

    assert line.take() == bodies


def test_more_than_a_request_may_hold_is_sent_in_several(line: Line) -> None:
    size = MAX_BATCH_BYTES // 4
    sent = [outgoing(n, group=f"group-{n}", body=str(n) * size) for n in range(6)]

    line.queue.send("inbound", sent)

    assert sorted(body[0] for body in line.take()) == list("012345")


def test_deduplication_is_per_group(exact_line: Line) -> None:
    same = [
        Outgoing(body=group, group=group, deduplication_id="1") for group in ("one", "two", "one")
    ]

    for message in same:
        exact_line.queue.send("inbound", [message])

    assert sorted(exact_line.take()) == ["one", "two"]


def test_what_is_hidden_is_offered_again_when_its_time_has_come(aws: Aws) -> None:
    queue, reader = sqs_queue(aws)
    queue.send("inbound", [outgoing(n, group=f"group-{n}") for n in range(12)])
    first = sorted(reader.receive("inbound", wait=0.5))
    assert len(first) == 12
    assert reader.receive("inbound") == []

    queue.hide("inbound", reader.handles, 0)

    assert sorted(reader.receive("inbound", wait=0.5)) == first


def test_a_standard_queue_goes_by_its_url(aws: Aws) -> None:
    sqs = aws.client("sqs")
    attributes = {"VisibilityTimeout": "120"}
    url = sqs.create_queue(QueueName=aws.unique("realtime"), Attributes=attributes)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="one")
    reader = Reader(sqs, str)
    assert reader.receive(url, wait=0.5) == ["one"]
    assert reader.receive(url) == []

    SqsQueue(sqs, "").hide(url, reader.handles, 0)

    assert reader.receive(url, wait=0.5) == ["one"]


def test_hiding_what_is_gone_is_no_error(aws: Aws) -> None:
    """Its visibility time-out is over, or it was deleted: best effort."""
    queue, reader = sqs_queue(aws)
    queue.send("inbound", [outgoing(1)])
    reader.receive("inbound", wait=0.5)
    [handle] = reader.handles
    reader.sqs.delete_message(QueueUrl=queue.url("inbound"), ReceiptHandle=handle)

    queue.hide("inbound", [handle], 5)
    queue.hide("inbound", [], 5)


def test_a_queue_that_is_not_there_is_unavailable(aws: Aws) -> None:
    queue, _ = sqs_queue(aws)

    for messages in ([outgoing(1)], [outgoing(1), outgoing(2)]):
        with pytest.raises(Unavailable):
            queue.send("nowhere", messages)


def test_the_fake_that_is_down_is_unavailable_and_takes_nothing() -> None:
    queue = MemoryQueue()
    queue.down = True

    with pytest.raises(Unavailable):
        queue.send("inbound", [outgoing(1)])

    assert queue.take("inbound") == []
