"""The emulator's queues, used by several threads at once: nothing is lost, nothing comes back."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
import threading
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from infra.local.emulator_sqs import keep_messages

PARKED = 400
"""Received and never deleted, so that going through the queue takes its time."""


@pytest.fixture
def queues() -> Iterator[ModuleType]:
    """The emulator's own module, loaded for this test alone, with the patch."""
    spec = importlib.util.find_spec("ministack.services.sqs")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(spec.name)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
        keep_messages(module)
        yield module
    finally:
        if before is None:
            del sys.modules[spec.name]
        else:
            sys.modules[spec.name] = before


def act(queues: ModuleType, action: str, **request: Any) -> Any:
    """As a request does it."""
    answer = queues._HANDLERS[action](request, request.get("QueueUrl", ""))
    return asyncio.run(answer) if asyncio.iscoroutine(answer) else answer


def a_queue(queues: ModuleType) -> str:
    attributes = {"FifoQueue": "true", "VisibilityTimeout": "600"}
    made = act(queues, "CreateQueue", QueueName="numbers.fifo", Attributes=attributes)
    return str(made["QueueUrl"])


def send(queues: ModuleType, url: str, number: int, group: str = "") -> None:
    act(
        queues,
        "SendMessage",
        QueueUrl=url,
        MessageBody=str(number),
        MessageGroupId=group or f"g{number % 3}",
        MessageDeduplicationId=str(number),
    )


def test_what_is_sent_while_others_delete_is_neither_lost_nor_received_twice(
    queues: ModuleType,
) -> None:
    url, total = a_queue(queues), 1500
    for number in range(-PARKED, 0):
        send(queues, url, number, group=f"parked{number}")
    for _ in range(PARKED // 10):
        queues._receive_messages_for_esm(url, 10)
    seen: list[int] = []
    done = threading.Event()
    interval = sys.getswitchinterval()

    def consume(by_request: bool) -> None:
        while not (done.is_set() and len(seen) >= total):
            batch = queues._receive_messages_for_esm(url, 10)
            if not batch and done.is_set():
                return
            seen.extend(int(message["body"]) for message in batch)
            handles = {message["receipt_handle"] for message in batch}
            if by_request and batch:
                entries = [{"Id": str(n), "ReceiptHandle": h} for n, h in enumerate(handles)]
                act(queues, "DeleteMessageBatch", QueueUrl=url, Entries=entries)
            queues._delete_messages_for_esm(url, handles)

    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=consume, args=(by,)) for by in (True, True, False)]
        for thread in threads:
            thread.start()
        for number in range(total):
            send(queues, url, number)
        done.set()
        for thread in threads:
            thread.join(60)
    finally:
        sys.setswitchinterval(interval)

    assert sorted(seen) == list(range(total))
    assert len(queues._queues[url]["messages"]) == PARKED


def test_a_request_deletes_what_it_received_and_nothing_else(queues: ModuleType) -> None:
    url = a_queue(queues)
    for number in range(5):
        send(queues, url, number)

    [first] = act(queues, "ReceiveMessage", QueueUrl=url)["Messages"]
    act(queues, "DeleteMessage", QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])

    assert [m["body"] for m in queues._queues[url]["messages"]] == ["1", "2", "3", "4"]
    with pytest.raises(queues._Err):
        act(queues, "DeleteMessage", QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])


def test_what_was_received_too_often_still_goes_to_the_dead_letters(queues: ModuleType) -> None:
    dead = act(queues, "CreateQueue", QueueName="dead.fifo", Attributes={"FifoQueue": "true"})
    arn = queues._queues[dead["QueueUrl"]]["attributes"]["QueueArn"]
    url = a_queue(queues)
    policy = f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": "1"}}'
    attributes = {"RedrivePolicy": policy, "VisibilityTimeout": "0"}
    act(queues, "SetQueueAttributes", QueueUrl=url, Attributes=attributes)
    send(queues, url, 1)

    assert len(queues._receive_messages_for_esm(url, 10)) == 1
    assert queues._receive_messages_for_esm(url, 10) == []

    assert queues._queues[url]["messages"] == []
    assert [m["body"] for m in queues._queues[dead["QueueUrl"]]["messages"]] == ["1"]
