"""What the use cases are made of: the environment, the table's stores, queues, keys, the topic."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from chat4all.adapters.aws import client, files_client_outside
from chat4all.adapters.dynamodb import (
    DynamoAttemptStore,
    DynamoConnectionStore,
    DynamoConversationStore,
    DynamoEndpointStore,
    DynamoEventLog,
    DynamoFileStore,
    DynamoMessageStore,
    DynamoUserStore,
    Table,
)
from chat4all.adapters.kms import KmsSigner
from chat4all.adapters.s3 import S3ObjectStore
from chat4all.adapters.sns import SnsPublisher
from chat4all.adapters.sockets import ApiGatewaySockets
from chat4all.adapters.sqs import SqsQueue
from chat4all.events.announcing import Announcer
from chat4all.settings import Settings, from_environment
from chat4all.timestamps import SystemClock


@cache
def settings() -> Settings:
    return from_environment()


@cache
def table() -> Table:
    return Table(client("dynamodb"), settings().table_name)


@cache
def clock() -> SystemClock:
    return SystemClock()


@cache
def message_store() -> DynamoMessageStore:
    return DynamoMessageStore(table(), clock())


@cache
def conversation_store() -> DynamoConversationStore:
    return DynamoConversationStore(table())


@cache
def user_store() -> DynamoUserStore:
    return DynamoUserStore(table())


@cache
def file_store() -> DynamoFileStore:
    return DynamoFileStore(table())


@cache
def endpoint_store() -> DynamoEndpointStore:
    return DynamoEndpointStore(table())


@cache
def attempt_store() -> DynamoAttemptStore:
    return DynamoAttemptStore(table())


@cache
def connection_store() -> DynamoConnectionStore:
    return DynamoConnectionStore(table())


@cache
def event_log() -> DynamoEventLog:
    return DynamoEventLog(table(), clock())


@cache
def object_store() -> S3ObjectStore:
    outside = files_client_outside(settings().files_url)
    return S3ObjectStore(client("s3"), settings().files_bucket, outside)


@cache
def queue() -> SqsQueue:
    return SqsQueue(client("sqs"), settings().queue_url_prefix)


@cache
def sockets() -> ApiGatewaySockets:
    return ApiGatewaySockets.at(settings().sockets_url)


@cache
def signers() -> Sequence[KmsSigner]:
    """The first one signs."""
    return [KmsSigner(client("kms"), key) for key in settings().token_key_ids.split(",")]


@cache
def announcer() -> Announcer:
    publisher = SnsPublisher(client("sns"), settings().events_topic_arn)
    return Announcer(publisher, endpoint_store(), connection_store(), clock())
