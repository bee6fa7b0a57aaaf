"""Messages, conversations, users, files and channels."""

from __future__ import annotations

from functools import cache

from chat4all.adapters.aws import client
from chat4all.adapters.dynamodb import DynamoBreakerStore, DynamoKeyStore
from chat4all.adapters.ssm import SsmChannelSettings
from chat4all.announcing import Announcing
from chat4all.attachments import Attachments
from chat4all.bootstrap.parts import (
    clock,
    conversation_store,
    file_store,
    message_store,
    object_store,
    queue,
    settings,
    table,
    user_store,
)
from chat4all.breaker import Breaker
from chat4all.channels import channel_names, connector_class
from chat4all.conversations import Conversations
from chat4all.delivering import Delivering
from chat4all.downloads import Downloads
from chat4all.fetching import Fetching
from chat4all.finishing import Finishing
from chat4all.history import History
from chat4all.inbound import Inbound
from chat4all.meeting import Meeting, people_key
from chat4all.messaging import Messaging
from chat4all.ports import Connector
from chat4all.routing import Routing
from chat4all.sharing import Sharing
from chat4all.uploads import Uploads
from chat4all.users import Users


@cache
def messaging() -> Messaging:
    conversations = conversation_store()
    sharing = Sharing(file_store(), conversations, clock())
    return Messaging(message_store(), conversations, queue(), clock(), channel_names(), sharing)


@cache
def uploads() -> Uploads:
    stores = (file_store(), object_store(), conversation_store(), user_store())
    return Uploads(*stores, queue(), clock())


@cache
def downloads() -> Downloads:
    stores = (file_store(), object_store(), conversation_store())
    return Downloads(*stores, clock(), settings().public_url)


@cache
def finishing() -> Finishing:
    return Finishing(file_store(), object_store())


@cache
def fetching() -> Fetching:
    return Fetching(file_store(), object_store(), connector, clock())


@cache
def history() -> History:
    return History(message_store(), conversation_store(), clock())


@cache
def conversations() -> Conversations:
    return Conversations(conversation_store(), message_store(), user_store(), clock())


@cache
def users() -> Users:
    return Users(user_store(), clock(), channel_names())


@cache
def routing() -> Routing:
    stores = (message_store(), conversation_store(), user_store())
    return Routing(*stores, queue(), clock())


@cache
def inbound() -> Inbound:
    media = Announcing(file_store(), queue(), clock())
    stores = (message_store(), conversation_store(), user_store())
    people = Meeting(user_store(), clock(), _people_key)
    return Inbound(*stores, queue(), clock(), media, people)


@cache
def _people_key() -> bytes:
    return people_key(DynamoKeyStore(table()))


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
        message_store(),
        queue(),
        Breaker(channel, DynamoBreakerStore(table()), clock()),
        clock(),
        Attachments(file_store(), downloads()),
    )
