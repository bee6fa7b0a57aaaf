"""Erasing people and deleting files: what the API begins, and the job that does it."""

from __future__ import annotations

from functools import cache

from chat4all.adapters.aws import client
from chat4all.adapters.delayed import SqsDelayed
from chat4all.bootstrap.access import audit, refresh_tokens
from chat4all.bootstrap.chat import uploads
from chat4all.bootstrap.parts import (
    clock,
    connection_store,
    conversation_store,
    file_store,
    message_store,
    object_store,
    settings,
    sockets,
    user_store,
)
from chat4all.privacy.deleting import Deleting
from chat4all.privacy.eraser import Eraser
from chat4all.privacy.erasing import Erasing
from chat4all.sharing import Sharing


@cache
def _jobs() -> SqsDelayed:
    return SqsDelayed(client("sqs"), settings().erasures_queue_url, "erasures queue")


@cache
def erasing() -> Erasing:
    return Erasing(user_store(), refresh_tokens(), _jobs(), audit(), clock())


@cache
def deleting() -> Deleting:
    sharing = Sharing(file_store(), conversation_store(), clock())
    return Deleting(file_store(), sharing, uploads(), _jobs(), audit())


@cache
def eraser() -> Eraser:
    return Eraser(
        user_store(),
        conversation_store(),
        message_store(),
        file_store(),
        object_store(),
        connection_store(),
        sockets(),
        refresh_tokens(),
        _jobs(),
        audit(),
        clock(),
    )
