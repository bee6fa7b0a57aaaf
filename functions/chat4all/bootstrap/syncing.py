"""Who is there, and what is new: what the API answers of real time."""

from __future__ import annotations

from functools import cache

from chat4all.bootstrap.chat import conversations
from chat4all.bootstrap.parts import (
    clock,
    connection_store,
    conversation_store,
    message_store,
    user_store,
)
from chat4all.realtime.presence import Presence
from chat4all.realtime.syncing import Syncing


@cache
def syncing() -> Syncing:
    return Syncing(message_store(), conversation_store(), clock())


@cache
def presence() -> Presence:
    return Presence(connection_store(), conversations(), user_store(), clock())
