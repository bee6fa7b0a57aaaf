"""Real time: connections and their frames."""

from __future__ import annotations

from functools import cache

from chat4all.bootstrap.access import cursors, limits, token_verifier
from chat4all.bootstrap.chat import conversations, messaging
from chat4all.bootstrap.parts import (
    announcer,
    clock,
    connection_store,
    conversation_store,
    message_store,
    sockets,
    user_store,
)
from chat4all.bootstrap.syncing import syncing
from chat4all.realtime.acting import Acting
from chat4all.realtime.connecting import Connecting
from chat4all.realtime.resuming import Resuming


@cache
def connecting() -> Connecting:
    return Connecting(connection_store(), token_verifier(), user_store(), limits(), clock())


@cache
def acting() -> Acting:
    return Acting(
        connection_store(),
        sockets(),
        connecting(),
        messaging(),
        conversations(),
        Resuming(message_store(), conversation_store(), syncing(), cursors()),
        announcer(),
        limits(),
        clock(),
    )
