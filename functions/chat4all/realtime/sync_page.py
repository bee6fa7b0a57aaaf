"""A page of what is new for a user, as it is put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chat4all.conversation import Conversation, Head, Member
from chat4all.conversations import ListEntry
from chat4all.history import MessageView
from chat4all.realtime.sync_cursor import SyncCursor
from chat4all.realtime.thread import NEWEST, Thread
from chat4all.receipts import Receipts

BEYOND = 32
"""Conversations of which a round serves what came after it began. Of others that comes with the
next round: there must be room for places in between."""
LATE_MS = 600_000
"""Receipts have the provider's time and may come so much later."""


@dataclass
class Looked:
    """A conversation as it was found, and what of it is new."""

    conversation: Conversation
    head: Head
    member: Member
    members: dict[str, Member]
    views: list[MessageView] = field(default_factory=list)
    changed: list[Receipts] = field(default_factory=list)
    begun: SyncCursor = field(default_factory=SyncCursor)
    after: int = 0
    """The seq before the first of `views`."""

    @property
    def conversation_id(self) -> str:
        return self.conversation.conversation_id

    @property
    def reached(self) -> int:
        return self.after + len(self.views)

    def noteworthy(self, start: SyncCursor) -> bool:
        """Beside its messages: somebody read, the user on another device too, or joined."""
        since = start.since
        if since == 0:
            return False
        known = self.conversation_id in start.positions
        return (
            bool(self.changed)
            or self.member.read_at > since
            or (self.member.joined_at > since and not known)
            or any(m is not self.member and _raised_at(m) > since for m in self.members.values())
        )


@dataclass(frozen=True)
class Part:
    """What is new in one conversation."""

    entry: ListEntry
    views: list[MessageView]
    members: dict[str, Member]
    changed: list[MessageView]
    """The user's own messages whose status may have risen."""
    begun: SyncCursor
    """As it stood before this conversation."""

    def cursor_after(self, seq: int) -> SyncCursor:
        """Goes on within this conversation, after one of its messages on this page."""
        return self.begun.at(self.entry.conversation.conversation_id, seq)


@dataclass(frozen=True)
class SyncPage:
    parts: list[Part]
    cursor: SyncCursor
    more: bool
    complete: bool
    """False when something is stored that the index does not show yet: it comes next time."""
    reached: dict[str, int]
    """Conversations that this page went through, each with the seq up to which all is had."""
    full: bool
    """The cursor had no room: what somebody said in the last seconds comes with the next round."""


class Draft:
    """The page while it grows: what is in it, and which places its cursor must keep."""

    def __init__(self, start: SyncCursor, limit: int) -> None:
        self.start = start
        self.room = limit
        self.positions = dict(start.positions)
        self.done = start.done
        self.found: list[Looked] = []
        self.complete = True
        self.full = False
        self.reached: dict[str, int] = {}
        self.over = False
        """The page ends here, whether there is room or not."""

    def can_keep(self, conversation_id: str, most: int) -> bool:
        return conversation_id in self.positions or len(self.positions) < most

    def finish(self, looked: Looked, position: int | None) -> None:
        """A conversation is done; its place is kept if the next round would not find it."""
        self.done = looked.conversation_id
        self.reached[self.done] = looked.reached
        self.positions.pop(self.done, None)
        if position is not None:
            self.positions[self.done] = position

    def pause(self, looked: Looked, position: int) -> None:
        """The page ends within a conversation."""
        self.positions[looked.conversation_id] = position
        self.over = True

    def take(self, looked: Looked) -> None:
        self.room -= len(looked.views)
        if looked.views or looked.noteworthy(self.start):
            self.found.append(looked)

    def forget_left(self) -> None:
        """The places in conversations that were passed by: the user is in them no more."""
        for conversation_id in self.start.positions:
            passed = self.start.done < conversation_id <= self.done
            if passed and conversation_id not in self.reached:
                self.positions.pop(conversation_id, None)

    def cursor(self, *, more: bool) -> SyncCursor:
        if more:
            update = {"done": self.done, "positions": dict(self.positions)}
            return self.start.model_copy(update=update)
        kept = {i: seq for i, seq in self.positions.items() if i <= self.done}
        return SyncCursor(since=self.start.until, positions=kept)


def spoke_lately(looked: Looked, user_id: str) -> bool:
    """One of the newest messages is the user's own."""
    return looked.head.said.get(user_id, 0) > max(0, looked.head.last_seq - NEWEST)


def changed_since(thread: Thread, looked: Looked, user_id: str, since: int) -> list[Receipts]:
    """The user's own among the newest messages whose status may have risen since."""
    if since == 0 or not spoke_lately(looked, user_id):
        return []
    earlier = looked.head.last_seq - NEWEST
    served = {view.message.message_id for view in looked.views}
    raised = [m for m in looked.members.values() if m.user_id != user_id and _raised_at(m) > since]
    return [
        r
        for r in thread.newest()
        if r.sender == user_id
        and r.seq > earlier
        and r.message_id not in served
        and (_reported(r.times.values(), since) or _seen_by(r, raised, since))
    ]


def _reported(times: Iterable[int], since: int) -> bool:
    return any(at > since - LATE_MS for at in times)


def _seen_by(place: Receipts, raised: list[Member], since: int) -> bool:
    recipients = {planned.user_id for planned in place.plan}
    return any(
        m.user_id in recipients
        and (
            (m.delivered_at > since and m.delivered_seq >= place.seq)
            or (m.read_at > since and m.read_seq >= place.seq)
        )
        for m in raised
    )


def _raised_at(member: Member) -> int:
    return max(member.delivered_at, member.read_at)
