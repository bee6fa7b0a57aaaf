"""What a token must allow for each action on Messages.Stream: the scopes of the same over a socket.
Services act, too, for the user that they name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chat4all.access.rules import Who
from chat4all.caller import Caller
from chat4all.realtime import access

OVER_SOCKETS = {
    "start": "resume",
    "send": "send",
    "ack": "ack",
    "read": "read",
    "renew": "renew",
}
ACTIONS = {
    action: replace(access.ACTIONS[same], who=Who.CALLER) for action, same in OVER_SOCKETS.items()
}


def admit(caller: Caller, request: Any) -> str:
    """A frame's action, which may be none. It is looked at before its form: nobody learns what an
    action wants who may not take it. Raises Forbidden."""
    action = request.WhichOneof("action") or ""
    if action:
        ACTIONS[action].admit(caller)
    return action
