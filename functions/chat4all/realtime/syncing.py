"""Everything new for a user, across conversations, page by page: for devices that were away.

A round goes up to a time that is fixed when it begins, through the conversations by their ids, so
that what happens meanwhile moves nothing out of sight. docs/decisions/0020 tells why a device gets
each message once, and what happens when the index is late.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chat4all.caller import Caller
from chat4all.conversation import Member, activity_hour
from chat4all.conversations import ListEntry
from chat4all.history import MessageView
from chat4all.ports import Clock, ConversationStore, MessageStore
from chat4all.realtime.sync_cursor import MAX_POSITIONS, SyncCursor
from chat4all.realtime.sync_page import (
    BEYOND,
    Draft,
    Looked,
    Part,
    SyncPage,
    changed_since,
    spoke_lately,
)
from chat4all.realtime.thread import Thread
from chat4all.receipts import Mark, Receipts

BEHIND_MS = 30_000
"""A message has its time before it is stored, and is shown some time after: never this much."""
STATUS_MS = 86_400_000
"""Statuses are looked for in conversations that were active so long before."""
LOOKED_AT_ONCE = 50
MOST_LOOKED_AT = 200
"""Conversations for one page: it may be empty, and there be more."""


class Syncing:
    def __init__(
        self, messages: MessageStore, conversations: ConversationStore, clock: Clock
    ) -> None:
        self._messages = messages
        self._conversations = conversations
        self._clock = clock

    def page(
        self,
        caller: Caller,
        user_id: str | None,
        cursor: SyncCursor | None,
        limit: int,
        *,
        deliver: bool = True,
        forget_left: bool = False,
    ) -> SyncPage:
        """Up to `limit` messages that came after the cursor, in the order of each conversation;
        without one, those that were never delivered to the user's app.

        With the user's own token it delivers, as reading the history does, unless told not to.
        A conversation that the user left keeps its place in the cursor, unless told to forget it.
        """
        whose = caller.acting_as(user_id, "user_id")
        draft = Draft(self._begun(cursor or SyncCursor()), limit)
        ids = self._to_look_at(whose, draft.start)
        left = ids[:MOST_LOOKED_AT]
        for looked in self._look(whose, left):
            self._add(draft, looked)
            draft.take(looked)
            if draft.over or draft.room == 0:
                break
        else:
            draft.done = left[-1] if left else draft.done
        if forget_left:
            draft.forget_left()
        more = draft.over or (bool(ids) and draft.done < ids[-1])
        if deliver and not caller.is_service:
            self._deliver(draft.found)
        return SyncPage(
            self._parts(draft.found),
            draft.cursor(more=more),
            more,
            draft.complete,
            draft.reached,
            draft.full,
        )

    def stretch(
        self, user_id: str, cursor: SyncCursor, conversation_id: str, limit: int
    ) -> tuple[list[MessageView], bool]:
        """Up to `limit` messages of one conversation that came after a cursor of between two
        rounds, and whether there is more: `cursor.at` says what is had then. None of a
        conversation that the user is not in."""
        for looked in self._look(user_id, [conversation_id]):
            thread = Thread(self._messages, conversation_id)
            looked.after = self._position(thread, looked, cursor)
            self._read(thread, looked, limit)
            return looked.views, looked.reached < looked.head.last_seq
        return [], False

    def _begun(self, cursor: SyncCursor) -> SyncCursor:
        if cursor.until:
            return cursor
        until = max(self._clock.now() - BEHIND_MS, cursor.since, 1)
        return cursor.model_copy(update={"until": until, "done": ""})

    def _to_look_at(self, user_id: str, start: SyncCursor) -> list[str]:
        """In the order of the ids: whatever becomes active meanwhile keeps its place in it."""
        hour = activity_hour(max(0, start.since - STATUS_MS))
        active = self._conversations.active_since(user_id, hour)
        return sorted(i for i in {*active, *start.positions} if i > start.done)

    def _look(self, user_id: str, ids: Sequence[str]) -> Iterator[Looked]:
        for first in range(0, len(ids), LOOKED_AT_ONCE):
            some = list(ids[first : first + LOOKED_AT_ONCE])
            heads = self._conversations.heads(some, fresh=True)
            there = self._conversations.get(some)
            mine = [c for c in there.values() if user_id in c.members]
            members = self._conversations.members_of(mine)
            for conversation_id in some:
                them = members.get(conversation_id, {})
                if user_id in them and conversation_id in heads:
                    yield Looked(
                        there[conversation_id], heads[conversation_id], them[user_id], them
                    )

    def _add(self, draft: Draft, looked: Looked) -> None:
        """Serve what is new in a conversation, as far as the page and its cursor have room."""
        thread = Thread(self._messages, looked.conversation_id)
        start, head = draft.start, looked.head
        if start.since and spoke_lately(looked, looked.member.user_id):
            thread.newest()  # read for the statuses: the messages may be among them
        looked.begun = draft.cursor(more=True)
        looked.after = self._position(thread, looked, start)
        rows = self._read(thread, looked, draft.room)
        last = looked.reached
        later = max(head.last_activity, looked.member.joined_at) > start.until
        if last >= head.last_seq:
            if later and not draft.can_keep(looked.conversation_id, BEYOND):
                looked.views = _placed_by(looked, start.until)
                later, draft.full = False, True
            draft.finish(looked, last if later else None)
        elif len(rows) == draft.room == len(looked.views):
            draft.pause(looked, last)
        else:  # the rest is stored, and not shown yet
            draft.complete = False
            if draft.can_keep(looked.conversation_id, MAX_POSITIONS - 1):
                draft.finish(looked, last)
            else:
                draft.over, looked.views = True, []
        looked.changed = changed_since(thread, looked, looked.member.user_id, start.since)

    def _position(self, thread: Thread, looked: Looked, start: SyncCursor) -> int:
        """The last seq that the device has."""
        known = start.positions.get(looked.conversation_id)
        if known is not None:
            return known
        if start.since == 0:
            return self._never_delivered_after(looked.member, start.until + BEHIND_MS)
        if looked.member.joined_at > start.since:
            return 0
        if looked.head.last_activity <= start.since:
            return looked.head.last_seq
        return thread.reached_at(start.since)

    def _never_delivered_after(self, member: Member, began: int) -> int:
        """As it stood when the round began: whoever asks for a page again, because the answer was
        lost, gets it again, though it counts as delivered since."""
        if max(member.delivered_at, member.read_at) <= began:
            return member.delivered_seq
        return self._conversations.delivered_by(member.conversation_id, member.user_id, began)

    def _read(self, thread: Thread, looked: Looked, limit: int) -> list[Receipts]:
        """The places that follow, of which `views` gets those whose message is there."""
        last, rows = looked.head.last_seq, list[Receipts]()
        if looked.after < last:
            rows = [r for r in thread.after(looked.after, limit) if r.seq <= last]
        looked.views = self._views(rows, looked)
        return rows

    def _views(self, rows: list[Receipts], looked: Looked) -> list[MessageView]:
        messages = self._messages.get([r.message_id for r in rows])
        found: list[MessageView] = []
        for place in rows:
            if place.message_id not in messages:
                break
            found.append(MessageView(messages[place.message_id], place, looked.members))
        return found

    def _deliver(self, found: list[Looked]) -> None:
        for looked in found:
            seqs = [view.receipts.seq for view in looked.views if view.receipts]
            member = looked.member
            if seqs and seqs[0] <= member.delivered_seq + 1 and seqs[-1] > member.delivered_seq:
                self._conversations.advance(member, Mark.DELIVERED, seqs[-1], self._clock.now())
                raised = member.model_copy(update={"delivered_seq": seqs[-1]})
                looked.members[member.user_id] = raised

    def _parts(self, found: list[Looked]) -> list[Part]:
        last = [found_id for k in found if (found_id := k.head.last_message_id)]
        own = [r.message_id for k in found for r in k.changed]
        messages = self._messages.get([*last, *own])
        return [
            Part(
                ListEntry(
                    looked.conversation,
                    looked.head,
                    looked.member,
                    messages.get(looked.head.last_message_id or ""),
                ),
                looked.views,
                looked.members,
                [
                    MessageView(messages[r.message_id], r, looked.members)
                    for r in looked.changed
                    if r.message_id in messages
                ],
                looked.begun,
            )
            for looked in found
        ]


def _placed_by(looked: Looked, until: int) -> list[MessageView]:
    """What came before the round began; nothing of a conversation that was joined since."""
    if looked.member.joined_at > until:
        return []
    return [v for v in looked.views if v.receipts and v.receipts.sequenced_at <= until]
