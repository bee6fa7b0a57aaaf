"""What a client missed while it was not connected, as the very events that it would have got."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chat4all.caller import Caller
from chat4all.cursors import Cursors
from chat4all.errors import NotFound
from chat4all.events import Event, accepted_event
from chat4all.ports import ConversationStore, MessageStore
from chat4all.realtime.sync_cursor import SyncCursor
from chat4all.realtime.syncing import Syncing
from chat4all.realtime.thread import Thread
from chat4all.receipts import Receipts

MOST_EVENTS = 200
"""Of one answer: there is more after it."""
PATIENCE = 2.0
"""Seconds for which the index may be late."""
PAUSE = 0.1


@dataclass(frozen=True)
class Resumed:
    """`message.accepted` events, in the order of each conversation."""

    events: list[Event] = field(default_factory=list)
    cursor: str | None = None
    more: bool = False
    complete: bool = True
    """False when something is stored that is not shown yet: ask again from here."""
    gone: list[str] = field(default_factory=list)
    """Conversations that are none of the client's business, or not any more."""


class Resuming:
    def __init__(
        self,
        messages: MessageStore,
        conversations: ConversationStore,
        syncing: Syncing,
        cursors: Cursors,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._messages = messages
        self._conversations = conversations
        self._syncing = syncing
        self._cursors = cursors
        self._sleep = sleep

    def by_cursor(self, caller: Caller, cursor: str | None) -> Resumed:
        """From a cursor of `/v1/sync` or of the last answer on, across all conversations; without
        one, from what was never delivered. Nothing is delivered by it: the client says so.

        Raises:
            Invalid: that is no cursor.
        """
        whose = caller.subject
        start = None
        if cursor is not None:
            start = SyncCursor.decoded(self._cursors, whose, cursor)
        page = self._syncing.page(caller, None, start, MOST_EVENTS, deliver=False)
        views = [view for part in page.parts for view in part.views]
        return Resumed(
            [accepted_event(view.receipts, view.message) for view in views if view.receipts],
            cursor=page.cursor.encoded(self._cursors, whose),
            more=page.more,
            complete=page.complete,
        )

    def by_seqs(self, caller: Caller, seen: Mapping[str, int]) -> Resumed:
        """What follows the last seq that the client had of each conversation, up to where the
        conversation has come by now."""
        conversations = self._conversations.get(list(seen))
        heads = self._conversations.heads(list(seen), fresh=True)
        found: list[Event] = []
        gone: list[str] = []
        more, complete = False, True
        waits = Waits(self._sleep)
        for conversation_id, seq in seen.items():
            try:
                caller.may_see(conversations.get(conversation_id))
            except NotFound:
                gone.append(conversation_id)
                continue
            last = heads[conversation_id].last_seq if conversation_id in heads else 0
            wanted = min(last - seq, MOST_EVENTS - len(found))
            if wanted > 0:
                events = self._stretch(conversation_id, seq, wanted, waits)
                found += events
                complete = complete and len(events) == wanted
            more = more or last - seq > max(wanted, 0)
        return Resumed(found, more=more, complete=complete, gone=gone)

    def _stretch(self, conversation_id: str, seq: int, wanted: int, waits: Waits) -> list[Event]:
        """So many events from a seq on: all are stored, so what is missing is waited for."""
        while True:
            places = Thread(self._messages, conversation_id).after(seq, wanted)
            messages = self._messages.get([r.message_id for r in places])
            there: list[Receipts] = []
            for place in places:
                if place.message_id not in messages:
                    break
                there.append(place)
            if len(there) == wanted or not waits.once():
                return [accepted_event(r, messages[r.message_id]) for r in there]


class Waits:
    """Pauses that are bounded together."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self._left = PATIENCE

    def once(self) -> bool:
        if self._left <= 0:
            return False
        self._left -= PAUSE
        self._sleep(PAUSE)
        return True
