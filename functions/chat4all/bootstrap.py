"""The composition root: builds each use case once per process, from the environment."""

from __future__ import annotations

from functools import cache

from chat4all.adapters.aws import client
from chat4all.adapters.dynamodb import (
    DynamoBreakerStore,
    DynamoClientStore,
    DynamoConversationStore,
    DynamoFileStore,
    DynamoMessageStore,
    DynamoUserStore,
    Table,
)
from chat4all.adapters.kms import KmsSigner
from chat4all.adapters.s3 import S3ObjectStore
from chat4all.adapters.sns import SnsPublisher
from chat4all.adapters.sqs import DeadLetters, SqsQueue
from chat4all.adapters.ssm import SsmChannelSettings
from chat4all.announcing import Announcing
from chat4all.attachments import Attachments
from chat4all.breaker import Breaker
from chat4all.channels import channel_names, connector_class
from chat4all.conversations import Conversations
from chat4all.delivering import Delivering
from chat4all.downloads import Downloads
from chat4all.fetching import Fetching
from chat4all.finishing import Finishing
from chat4all.history import History
from chat4all.inbound import Inbound
from chat4all.messaging import Messaging
from chat4all.ports import Connector
from chat4all.routing import Routing
from chat4all.settings import Settings, from_environment
from chat4all.sharing import Sharing
from chat4all.timestamps import SystemClock
from chat4all.tokens import Clients, Tokens, TokenVerifier
from chat4all.uploads import Uploads
from chat4all.users import Users


@cache
def settings() -> Settings:
    return from_environment()


@cache
def table() -> Table:
    return Table(client("dynamodb"), settings().table_name)


@cache
def _clock() -> SystemClock:
    return SystemClock()


@cache
def _messages() -> DynamoMessageStore:
    return DynamoMessageStore(table(), _clock())


@cache
def _conversations() -> DynamoConversationStore:
    return DynamoConversationStore(table())


@cache
def _users() -> DynamoUserStore:
    return DynamoUserStore(table())


@cache
def _files() -> DynamoFileStore:
    return DynamoFileStore(table())


@cache
def _objects() -> S3ObjectStore:
    return S3ObjectStore(client("s3"), settings().files_bucket)


@cache
def queue() -> SqsQueue:
    return SqsQueue(client("sqs"), settings().queue_url_prefix)


@cache
def messaging() -> Messaging:
    sharing = Sharing(_files(), _conversations(), _clock())
    return Messaging(_messages(), _conversations(), queue(), _clock(), channel_names(), sharing)


@cache
def uploads() -> Uploads:
    return Uploads(_files(), _objects(), _conversations(), _users(), queue(), _clock())


@cache
def downloads() -> Downloads:
    return Downloads(_files(), _objects(), _conversations(), _clock(), settings().public_url)


@cache
def finishing() -> Finishing:
    return Finishing(_files(), _objects())


@cache
def fetching() -> Fetching:
    return Fetching(_files(), _objects(), connector, _clock())


@cache
def history() -> History:
    return History(_messages(), _conversations(), _clock())


@cache
def conversations() -> Conversations:
    return Conversations(_conversations(), _messages(), _users(), _clock())


@cache
def users() -> Users:
    return Users(_users(), _clock(), channel_names())


@cache
def _signer() -> KmsSigner:
    return KmsSigner(client("kms"), settings().token_key_id)


@cache
def tokens() -> Tokens:
    return Tokens(_signer(), _users(), _clock(), settings().token_issuer)


@cache
def token_verifier() -> TokenVerifier:
    return TokenVerifier(_signer(), settings().token_issuer)


@cache
def clients() -> Clients:
    return Clients(DynamoClientStore(table()), _clock())


@cache
def routing() -> Routing:
    return Routing(_messages(), _conversations(), _users(), queue(), _clock())


@cache
def inbound() -> Inbound:
    media = Announcing(_files(), queue(), _clock())
    return Inbound(_messages(), _conversations(), _users(), queue(), _clock(), media)


@cache
def _channel_settings() -> SsmChannelSettings:
    return SsmChannelSettings(client("ssm"), settings().stage)


@cache
def connector(channel: str) -> Connector:
    """A channel's connector; its settings are read when they are first needed."""
    return connector_class(channel)(lambda: _channel_settings().get(channel))


@cache
def delivering() -> Delivering:
    channel = settings().channel
    return Delivering(
        channel,
        connector(channel),
        _messages(),
        queue(),
        Breaker(channel, DynamoBreakerStore(table()), _clock()),
        _clock(),
        Attachments(_files(), downloads()),
    )


@cache
def publisher() -> SnsPublisher:
    return SnsPublisher(client("sns"), settings().events_topic_arn)


@cache
def relay_dead_letters() -> DeadLetters:
    return DeadLetters(client("sqs"), settings().relay_dead_letter_queue_url)
