"""FIFO queues. Names are short here (`inbound`, `channel-whatsapp`); the stage's prefix and the
address are added from the environment. A queue that is no FIFO queue goes by its URL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from chat4all.adapters.aws import available
from chat4all.delivery import Outgoing
from chat4all.errors import Unavailable
from chat4all.sendable import sendable
from chat4all.tracing import xray

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import (
        MessageSystemAttributeValueTypeDef,
        SendMessageBatchRequestEntryTypeDef,
        SendMessageRequestTypeDef,
    )

    _Attributes = dict[Literal["AWSTraceHeader"], MessageSystemAttributeValueTypeDef]

SEND_AT_ONCE = 10
MAX_BATCH_BYTES = 1_000_000
LONGEST_HIDE = 43_200


class HasBody(Protocol):
    @property
    def body(self) -> str: ...


Sent = TypeVar("Sent", bound=HasBody)


class SqsQueue:
    def __init__(self, client: SQSClient, url_prefix: str) -> None:
        """`url_prefix` + name + `.fifo` is a queue's URL."""
        self._client = client
        self._url_prefix = url_prefix

    def url(self, queue: str) -> str:
        return queue if "://" in queue else f"{self._url_prefix}{queue}.fifo"

    def send(self, queue: str, messages: Sequence[Outgoing]) -> None:
        if len(messages) == 1:
            message = messages[0]
            request: SendMessageRequestTypeDef = {
                "QueueUrl": self.url(queue),
                "MessageBody": sendable(message.body),
                "MessageGroupId": message.group,
                "MessageDeduplicationId": message.deduplication_id,
            }
            if message.trace is not None:
                request["MessageSystemAttributes"] = _traced(message.trace)
            with available(f"queue {queue}"):
                self._client.send_message(**request)
            return
        for batch in batches(messages):
            entries = [_entry(number, message) for number, message in enumerate(batch)]
            with available(f"queue {queue}"):
                answer = self._client.send_message_batch(QueueUrl=self.url(queue), Entries=entries)
            if answer.get("Failed"):
                raise Unavailable(f"queue {queue}: {answer['Failed'][0].get('Code')}")

    def hide(self, queue: str, receipt_handles: Sequence[str], seconds: int) -> None:
        for start in range(0, len(receipt_handles), SEND_AT_ONCE):
            with available(f"queue {queue}"):
                self._client.change_message_visibility_batch(
                    QueueUrl=self.url(queue),
                    Entries=[
                        {
                            "Id": str(number),
                            "ReceiptHandle": handle,
                            "VisibilityTimeout": min(max(0, seconds), LONGEST_HIDE),
                        }
                        for number, handle in enumerate(
                            receipt_handles[start : start + SEND_AT_ONCE]
                        )
                    ],
                )


def _entry(number: int, message: Outgoing) -> SendMessageBatchRequestEntryTypeDef:
    entry: SendMessageBatchRequestEntryTypeDef = {
        "Id": str(number),
        "MessageBody": sendable(message.body),
        "MessageGroupId": message.group,
        "MessageDeduplicationId": message.deduplication_id,
    }
    if message.trace is not None:
        entry["MessageSystemAttributes"] = _traced(message.trace)
    return entry


def _traced(trace: str) -> _Attributes:
    """For X-Ray: what takes it off the queue belongs to its trace."""
    return {"AWSTraceHeader": {"DataType": "String", "StringValue": xray(trace)}}


class DeadLetters:
    """A standard queue for records that nobody could handle."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def put_aside(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Keep each as JSON. Raises Unavailable if one was not taken."""
        for record in records:
            with available("dead letters"):
                self._client.send_message(
                    QueueUrl=self._url, MessageBody=json.dumps(record, default=str)
                )


def batches(messages: Sequence[Sent]) -> list[list[Sent]]:
    """In order, at most ten and about a megabyte each: SQS takes no more at once."""
    found: list[list[Sent]] = []
    size = 0
    for message in messages:
        length = len(message.body.encode())
        if not found or len(found[-1]) == SEND_AT_ONCE or size + length > MAX_BATCH_BYTES:
            found.append([])
            size = 0
        found[-1].append(message)
        size += length
    return found
