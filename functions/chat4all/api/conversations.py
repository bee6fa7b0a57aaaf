"""Conversations: open, list, join, leave, read; and what is new across them."""

from __future__ import annotations

from typing import NamedTuple

from chat4all.api.views.conversations import (
    ConversationDetail,
    ConversationEntry,
    ConversationOut,
    ConversationPage,
    MemberOut,
)
from chat4all.api.views.sync import SyncOut
from chat4all.bootstrap.access import cursors
from chat4all.bootstrap.chat import conversations
from chat4all.bootstrap.syncing import syncing
from chat4all.caller import Caller
from chat4all.conversation import NewConversation
from chat4all.conversations import Position
from chat4all.realtime.sync_cursor import SyncCursor


class Opened(NamedTuple):
    conversation: ConversationOut
    created: bool
    """False: it was there already."""


def open(caller: Caller, new: NewConversation, idempotency_key: str | None = None) -> Opened:
    """A pair gets the conversation that it has."""
    conversation, created = conversations().open(caller, new, idempotency_key)
    return Opened(ConversationOut.of(conversation), created)


def page(
    caller: Caller, *, user_id: str | None = None, limit: int = 20, cursor: str | None = None
) -> ConversationPage:
    """A user's conversations, the latest activity first. `user_id`: for services, whose."""
    owner = caller.acting_as(user_id, "user_id")
    listing, after = f"conversations {owner}", None
    if cursor is not None:
        hour, at, conversation_id = cursors().decode(listing, cursor, str, int, str)
        after = Position(str(hour), int(at), str(conversation_id))
    entries, more = conversations().recent(owner, limit=limit, after=after)
    return ConversationPage(
        items=[ConversationEntry.of_entry(entry) for entry in entries],
        next_cursor=cursors().encode(listing, more.hour, more.last_activity, more.conversation_id)
        if more
        else None,
    )


def get(caller: Caller, conversation_id: str) -> ConversationDetail:
    return ConversationDetail.of_view(conversations().show(caller, conversation_id))


def add_member(caller: Caller, conversation_id: str, user_id: str) -> ConversationOut:
    """The group as it is with them."""
    conversations().join(caller, conversation_id, user_id)
    return ConversationOut.of(conversations().show(caller, conversation_id).conversation)


def remove_member(caller: Caller, conversation_id: str, user_id: str) -> None:
    conversations().leave(caller, conversation_id, user_id)


def read(
    caller: Caller, conversation_id: str, up_to_seq: int, user_id: str | None = None
) -> MemberOut:
    """A member has read everything up to a seq. `user_id`: for services, who."""
    return MemberOut.of(conversations().read(caller, conversation_id, user_id, up_to_seq))


def delivered(
    caller: Caller, conversation_id: str, up_to_seq: int, user_id: str | None = None
) -> MemberOut:
    """A member's app has everything up to a seq. `user_id`: for services, who."""
    return MemberOut.of(conversations().delivered(caller, conversation_id, user_id, up_to_seq))


def sync(
    caller: Caller, *, user_id: str | None = None, limit: int = 50, cursor: str | None = None
) -> SyncOut:
    """Everything new for a user; without a cursor from what was never delivered on."""
    whose = caller.acting_as(user_id, "user_id")
    start = SyncCursor.decoded(cursors(), whose, cursor) if cursor is not None else None
    found = syncing().page(caller, whose, start, limit)
    return SyncOut.of(found, found.cursor.encoded(cursors(), whose))
