"""The standard queues `webhooks` and `erasures`, which delay each message by itself, and the
consumer's side of the FIFO queue `attempts`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from chat4all.adapters.aws import available
from chat4all.adapters.sqs import SEND_AT_ONCE, batches
from chat4all.errors import Unavailable
from chat4all.ports.webhooks import Later
from chat4all.sendable import sendable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsDelayed:
    def __init__(self, client: SQSClient, url: str, name: str = "webhooks queue") -> None:
        self._client = client
        self._url = url
        self._name = name

    def send(self, messages: Sequence[Later]) -> None:
        for batch in batches(messages):
            with available(self._name):
                answer = self._client.send_message_batch(
                    QueueUrl=self._url,
                    Entries=[
                        {
                            "Id": str(number),
                            "MessageBody": sendable(message.body),
                            "DelaySeconds": message.seconds,
                        }
                        for number, message in enumerate(batch)
                    ],
                )
            if answer.get("Failed"):
                raise Unavailable(f"{self._name}: {answer['Failed'][0].get('Code')}")


class SqsOffered:
    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def remove(self, receipt_handles: Sequence[str]) -> None:
        for start in range(0, len(receipt_handles), SEND_AT_ONCE):
            handles = receipt_handles[start : start + SEND_AT_ONCE]
            with suppress(Unavailable), available("attempts queue"):
                self._client.delete_message_batch(
                    QueueUrl=self._url,
                    Entries=[
                        {"Id": str(number), "ReceiptHandle": handle}
                        for number, handle in enumerate(handles)
                    ],
                )
