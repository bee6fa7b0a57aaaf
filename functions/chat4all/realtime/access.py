"""What a client's token must allow, to connect and for each action. An action that is not in here
is not there."""

from __future__ import annotations

from typing import Any

from chat4all.access.rules import user
from chat4all.caller import Caller

CONNECTING = user("messages:read")
"""Messages are pushed to whoever is connected, so a token without that scope connects nobody."""

ACTIONS = {
    "send": user("messages:write"),
    "read": user("messages:read"),
    "ack": user("messages:read"),
    # Only who may write can be about to.
    "typing": user("messages:write"),
    "resume": user("conversations", "messages:read"),
    "ping": user(),
    "renew": user(),
}


def admit(caller: Caller, frame: Any) -> None:
    """Look at a frame's action, before its form: nobody learns what an action wants who may not
    take it. Raises Forbidden."""
    action = frame.get("action") if isinstance(frame, dict) else None
    if isinstance(action, str) and action in ACTIONS:
        ACTIONS[action].admit(caller)
