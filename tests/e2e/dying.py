"""Programs that run one step of the chain against the running stack and die in the middle of it:
`os._exit`, as a killed worker does, with no clean-up. Run as `python -m tests.e2e.dying STEP …`."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from chat4all.adapters.aws import client
from chat4all.adapters.dynamodb import DynamoFileStore, DynamoMessageStore
from chat4all.adapters.dynamodb.endpoints import DynamoAttemptStore
from chat4all.adapters.s3 import S3ObjectStore
from chat4all.adapters.sockets import ApiGatewaySockets
from chat4all.adapters.sqs import SqsQueue
from chat4all.bootstrap import chat, parts
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
    chat.messaging().accept(caller, new)


def route(sends: str) -> None:
    """Dies after sequencing and so many channels' sends."""
    _die_after(int(sends))
    records = _receive("inbound")
    chat.routing().route([ToRoute.model_validate_json(r["Body"]) for r in records])


def deliver(channel: str) -> None:
    """Dies after the provider has accepted and before that is recorded."""
    DynamoMessageStore.record = _die  # type: ignore[method-assign]
    batch = [
        Received(Delivery.model_validate_json(r["Body"]), r["ReceiptHandle"], r["MessageId"])
        for r in _receive(f"channel-{channel}")
    ]
    chat.delivering().deliver(batch)


def finish() -> None:
    """Dies when the store has put the parts together and nobody has noted it."""
    DynamoFileStore.move = _die  # type: ignore[method-assign]
    [record] = _receive("uploads")
    chat.finishing().finish(FinishUpload.model_validate_json(record["Body"]).file_id)


def fetch() -> None:
    """Dies with some of a person's file in the store."""
    S3ObjectStore.finish = _die  # type: ignore[method-assign]
    [record] = _receive("media")
    chat.fetching().fetch(FetchMedia.model_validate_json(record["Body"]))


def relay(about: str, publishes: str) -> None:
    """Dies when the log has a batch of changes and so many publishes of it were made."""
    _die_at(client("sns"), "publish_batch", int(publishes))
    _handle("relay_changes", _changes(about))


def match(url: str, sends: str) -> None:
    """Dies when so many sends of attempts were made."""
    _die_at(client("sqs"), "send_message_batch", int(sends))
    _handle("queue_attempts", _records(url))


def dispatch(url: str) -> None:
    """Dies after the subscribers have answered and before that is recorded."""
    DynamoAttemptStore.add = _die  # type: ignore[method-assign]
    _handle("dispatch_webhook", _records(url))


def push(url: str, posts: str) -> None:
    """Dies when so many clients have got their frames."""
    _die_at(ApiGatewaySockets, "post", int(posts))
    _handle("push_realtime", _records(url))


def _handle(function: str, records: list[dict[str, Any]]) -> None:
    context = SimpleNamespace(aws_request_id="dying", function_name=function)
    import_module(f"{function}.handler").lambda_handler({"Records": records}, context)


def _records(url: str) -> list[dict[str, Any]]:
    """A batch of a queue as Lambda gets it."""
    answer = client("sqs").receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        VisibilityTimeout=HIDDEN_SECONDS,
        WaitTimeSeconds=5,
        MessageSystemAttributeNames=["All"],
    )
    return [
        {
            "messageId": found["MessageId"],
            "receiptHandle": found["ReceiptHandle"],
            "body": found["Body"],
            "attributes": found["Attributes"],
        }
        for found in answer["Messages"]
    ]


def _changes(about: str) -> list[dict[str, Any]]:
    """The stream's records that name a conversation, as Lambda gets them."""
    streams = client("dynamodbstreams")
    [stream] = streams.list_streams(TableName=os.environ["TABLE_NAME"])["Streams"]
    shards = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"]
    records: list[dict[str, Any]] = []
    for shard in shards:
        iterator = streams.get_shard_iterator(
            StreamArn=stream["StreamArn"],
            ShardId=shard["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        while page := streams.get_records(ShardIterator=iterator):
            records += page["Records"]
            iterator = page.get("NextShardIterator")
            if iterator is None or not page["Records"]:
                break
    found = [record for record in records if about in str(record)]
    for record in found:
        change = record["dynamodb"]
        change["ApproximateCreationDateTime"] = change["ApproximateCreationDateTime"].timestamp()
    return found


def _die_at(owner: Any, method: str, calls: int) -> None:
    """Let a method die when it is called, after so many calls that came through."""
    real, left, lock = getattr(owner, method), iter(range(calls)), threading.Lock()

    def called(*given: Any, **named: Any) -> Any:
        with lock:
            if next(left, None) is None:
                os._exit(DIED)
            return real(*given, **named)

    setattr(owner, method, called)


def _receive(queue: str) -> list[dict[str, Any]]:
    answer = client("sqs").receive_message(
        QueueUrl=parts.queue().url(queue),
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
    steps = (accept, route, deliver, finish, fetch, relay, match, dispatch, push)
    {step.__name__: step for step in steps}[sys.argv[1]](*sys.argv[2:])
