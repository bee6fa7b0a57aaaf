"""Programs that run one step of the chain against the running stack and die in the middle of it:
`os._exit`, as a killed worker does, with no clean-up. Run as `python -m tests.e2e.dying STEP …`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from chat4all import bootstrap
from chat4all.adapters.aws import client
from chat4all.adapters.dynamodb import DynamoFileStore, DynamoMessageStore
from chat4all.adapters.s3 import S3ObjectStore
from chat4all.adapters.sqs import SqsQueue
from chat4all.caller import Caller, CallerKind
from chat4all.delivery import Delivery, Outgoing, ToRoute
from chat4all.file_jobs import FetchMedia, FinishUpload
from chat4all.message import NewMessage
from chat4all.sending import Received

DIED = 9
HIDDEN_SECONDS = 2
"""What we received and did not finish comes back after so long."""


def accept(conversation_id: str, sender: str, message_id: str) -> None:
    """Dies between the put and the send to `inbound`."""
    SqsQueue.send = _die  # type: ignore[method-assign]
    new = NewMessage.model_validate(
        {
            "message_id": message_id,
            "conversation_id": conversation_id,
            "from": sender,
            "payload": {"type": "text", "text": "from a dying front"},
        }
    )
    caller = Caller(os.environ["CALLER"], CallerKind.SERVICE)
    bootstrap.messaging().accept(caller, new)


def route(sends: str) -> None:
    """Dies after sequencing and so many channels' sends."""
    _die_after(int(sends))
    records = _receive("inbound")
    bootstrap.routing().route([ToRoute.model_validate_json(r["Body"]) for r in records])


def deliver(channel: str) -> None:
    """Dies after the provider has accepted and before that is recorded."""
    DynamoMessageStore.record = _die  # type: ignore[method-assign]
    batch = [
        Received(Delivery.model_validate_json(r["Body"]), r["ReceiptHandle"], r["MessageId"])
        for r in _receive(f"channel-{channel}")
    ]
    bootstrap.delivering().deliver(batch)


def finish() -> None:
    """Dies when the store has put the parts together and nobody has noted it."""
    DynamoFileStore.move = _die  # type: ignore[method-assign]
    [record] = _receive("uploads")
    bootstrap.finishing().finish(FinishUpload.model_validate_json(record["Body"]).file_id)


def fetch() -> None:
    """Dies with some of a person's file in the store."""
    S3ObjectStore.finish = _die  # type: ignore[method-assign]
    [record] = _receive("media")
    bootstrap.fetching().fetch(FetchMedia.model_validate_json(record["Body"]))


def _receive(queue: str) -> list[dict[str, Any]]:
    answer = client("sqs").receive_message(
        QueueUrl=bootstrap.queue().url(queue),
        MaxNumberOfMessages=10,
        VisibilityTimeout=HIDDEN_SECONDS,
        WaitTimeSeconds=5,
    )
    found: list[dict[str, Any]] = answer["Messages"]
    return found


def _die(*_: object, **__: object) -> None:
    os._exit(DIED)


def _die_after(sends: int) -> None:
    real, left = SqsQueue.send, iter(range(sends))

    def send(self: SqsQueue, queue: str, messages: Sequence[Outgoing]) -> None:
        if next(left, None) is None:
            os._exit(DIED)
        real(self, queue, messages)

    SqsQueue.send = send  # type: ignore[method-assign]


if __name__ == "__main__":
    steps = (accept, route, deliver, finish, fetch)
    {step.__name__: step for step in steps}[sys.argv[1]](*sys.argv[2:])  # type: ignore[operator]
