"""Users: who they are, whether they are there, and their erasure."""

from __future__ import annotations

from chat4all.api.views.users import ErasureOut, PresenceOut, UserOut
from chat4all.bootstrap.chat import users
from chat4all.bootstrap.privacy import erasing
from chat4all.bootstrap.syncing import presence as presences
from chat4all.caller import Caller
from chat4all.user import UserProfile


def put(caller: Caller, user_id: str, profile: UserProfile) -> UserOut:
    return UserOut.of(users().put(caller, user_id, profile))


def get(caller: Caller, user_id: str) -> UserOut:
    return UserOut.of(users().show(caller, user_id))


def erase(caller: Caller, user_id: str) -> ErasureOut:
    """It is begun, and done in the background."""
    erasing().erase(caller, user_id)
    return ErasureOut.of(user_id)


def presence(caller: Caller, user_id: str) -> PresenceOut:
    return PresenceOut.of(presences().show(caller, user_id))
