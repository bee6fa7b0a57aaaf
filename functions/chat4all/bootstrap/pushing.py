"""Pushes to connected clients: apart from the rest of real time, so that it starts fast."""

from __future__ import annotations

from functools import cache

from chat4all.bootstrap.parts import clock, connection_store, conversation_store, sockets
from chat4all.realtime.pushing import Pushing


@cache
def pushing() -> Pushing:
    return Pushing(connection_store(), conversation_store(), sockets(), clock())
