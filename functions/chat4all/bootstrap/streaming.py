"""Streams: what follows the log of events."""

from __future__ import annotations

from chat4all.bootstrap.access import cursors
from chat4all.bootstrap.parts import clock, event_log, message_store, user_store
from chat4all.bootstrap.syncing import syncing
from chat4all.caller import Caller
from chat4all.realtime.sync_cursor import SyncCursor
from chat4all.streaming.errors import user_gone
from chat4all.streaming.inbox import Inbox
from chat4all.streaming.tail import Tail


def tail() -> Tail:
    """A new one: it remembers what it gave, and has one poller."""
    return Tail(event_log(), clock())


def must_be_there(caller: Caller, user_id: str, cursor: str = "") -> None:
    """Raises Unauthenticated, NotFound: there is no such user, or not any more."""
    if not user_store().is_there(user_id):
        raise user_gone(caller, cursor)


def inbox(caller: Caller, user_id: str | None, cursor: str | None) -> Inbox:
    """What is new for a user after a cursor; without one, what was never delivered.

    Raises:
        Invalid: the cursor is none of this user's, or a service does not say who.
        Forbidden: a user names somebody else.
        Unauthenticated, NotFound: there is no such user, or not any more.
    """
    whose = caller.acting_as(user_id, "user_id")
    must_be_there(caller, whose)
    start = SyncCursor() if cursor is None else SyncCursor.decoded(cursors(), whose, cursor)
    return Inbox(caller, whose, start, syncing(), message_store(), cursors(), clock())
