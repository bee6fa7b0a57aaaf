"""One user's stream: every message once, each conversation in its order, whatever comes when.

    step()   what was missed, from the store      ┐
    take()   what happens, from the log's tail    ┴→ frames, each message with a cursor

Both go by one `SyncCursor` (docs/decisions/0020), which says after every message exactly what is
had by then. So what the log tells too late, twice or too early is told by the cursor, and what it
does not tell comes from the store: nothing is held back here, and nothing is remembered that the
next stream would have to know.
"""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

from chat4all.caller import Caller
from chat4all.cursors import Cursors
from chat4all.errors import Unavailable
from chat4all.events import Event, filled
from chat4all.events.types import MEMBER_JOINED, MEMBER_LEFT, MESSAGE_ACCEPTED
from chat4all.message import Message
from chat4all.ports import Clock, MessageStore
from chat4all.realtime.sync_cursor import SyncCursor
from chat4all.realtime.sync_page import Part
from chat4all.realtime.syncing import BEHIND_MS, Syncing
from chat4all.streaming.agenda import PAUSE_MS, ROUND, Agenda
from chat4all.streaming.frames import Pushed, lacks_content, placed, turn
from chat4all.streaming.had import Had

AT_ONCE = 100
"""Messages of one step."""
REPEATS = 1000
"""Ids of other events: the log has one twice when a batch was written again, soon after."""
SECOND_ROUND_MS = BEHIND_MS + 5_000
"""After the first: a conversation that was new then, and in no index yet, is found by it."""
ROUND_EVERY_MS = 900_000
"""What never gets into the log is found so. It keeps the cursor young, too."""
FULL_MS = 5_000
"""Between two rounds while more conversations are busy than a cursor has room for."""
MOST_OWED = 32
"""Conversations that are looked up one by one. With more of them a round is less to read."""
TRIES = 7
"""Rounds that may find the index late, 0.1 s to 6.4 s after each other, before it is said that the
user has caught up."""


class Inbox:
    """Not for several threads at once."""

    def __init__(
        self,
        caller: Caller,
        user_id: str,
        start: SyncCursor,
        syncing: Syncing,
        messages: MessageStore,
        cursors: Cursors,
        clock: Clock,
    ) -> None:
        self.user_id = user_id
        self._caller = caller
        self._syncing = syncing
        self._messages = messages
        self._had = Had(start, cursors, user_id)
        self._agenda = Agenda(clock)
        self._agenda.after(ROUND, 0)
        self._repeats: OrderedDict[str, None] = OrderedDict()
        self._caught_up = False
        self._lacking = False
        """The index was late for something in this round."""
        self._full = False
        """The cursor had no room for what came last in some conversations."""
        self._pause = SECOND_ROUND_MS

    @property
    def cursor(self) -> str:
        """Where all that was returned so far has come to."""
        return self._had.text()

    @property
    def under_way(self) -> bool:
        """Amid a round: step on, before anything is taken."""
        return self._had.at.until != 0 or self._had.at.since == 0

    def wait(self) -> float:
        """Seconds until there is something to `step` for."""
        return self._agenda.wait(ROUND if self.under_way else None)

    def fell_behind(self) -> None:
        """Events went past: what they told is looked up, from the cursor on."""
        self._caught_up = False
        self._pause = SECOND_ROUND_MS
        self._agenda.after(ROUND, 0)

    def step(self) -> list[Pushed]:
        """The next part of what was missed, if it is time for any. It blocks.

        Raises:
            Unavailable: nothing has changed; step again.
        """
        if self.wait() > 0:
            return []
        due = ROUND if self.under_way else self._agenda.next()
        if due is None:
            return []
        return self._round() if due == ROUND else self._catch_up(due)

    def reads(self, events: Iterable[Event]) -> bool:
        """Whether it takes a blocking call to `take` them."""
        return any(lacks_content(event) for event in events)

    def take(self, events: Sequence[Event]) -> list[Pushed]:
        """What happened and concerns the user, as the log tells it. Not while `under_way`."""
        messages = [e for e in events if e["type"] == MESSAGE_ACCEPTED]
        contents = self._contents(messages)
        found: list[Pushed] = []
        for event in sorted(messages, key=turn):
            found += self._message(event, contents)
        for event in events:
            if event["type"] != MESSAGE_ACCEPTED and self._is_new(event["id"]):
                found.append(Pushed(event))
                self._came_or_went(event)
        return found

    # --- what happens ---

    def _message(self, event: Event, contents: Mapping[str, Message] | None) -> list[Pushed]:
        data = event["data"]
        conversation_id, seq = str(data["conversation_id"]), int(data["seq"])
        if self._had.by_then(event["timestamp"]):
            return []
        known = self._had.seq(conversation_id)
        had = 0 if known is None and seq == 1 else known
        if had is not None and seq <= had:
            return []
        lacks = lacks_content(event)
        unreadable = lacks and contents is None
        if had != seq - 1 or unreadable or not self._had.has_room(conversation_id):
            self._owe(conversation_id, 0 if had is None else PAUSE_MS)
            return []
        if lacks:
            event = filled(event, (contents or {}).get(data["message_id"]), whole=True)
        return [Pushed(event, cursor=self._had.told(conversation_id, seq))]

    def _contents(self, events: Iterable[Event]) -> Mapping[str, Message] | None:
        """Those that the log left out; None when they cannot be read just now."""
        wanted = [e["data"]["message_id"] for e in events if lacks_content(e)]
        try:
            return self._messages.get(wanted, fresh=True) if wanted else {}
        except Unavailable:
            return None

    def _came_or_went(self, event: Event) -> None:
        kind, data = event["type"], event["data"]
        if kind in (MEMBER_JOINED, MEMBER_LEFT) and data["user_id"] == self.user_id:
            if kind == MEMBER_LEFT:
                self._had.forget(data["conversation_id"])
            else:
                self._owe(data["conversation_id"], 0)

    def _is_new(self, event_id: str) -> bool:
        if event_id in self._repeats:
            return False
        self._repeats[event_id] = None
        if len(self._repeats) > REPEATS:
            self._repeats.popitem(last=False)
        return True

    # --- what was missed ---

    def _owe(self, conversation_id: str, pause_ms: int) -> None:
        """A conversation has more than was told: looked up by itself, or with all others."""
        if self._had.has_room(conversation_id) and len(self._agenda) <= MOST_OWED:
            self._agenda.after(conversation_id, pause_ms)
        else:
            self._agenda.after(ROUND, FULL_MS)

    def _catch_up(self, conversation_id: str) -> list[Pushed]:
        """The next messages of one conversation."""
        if not self._had.has_room(conversation_id):
            self._agenda.done(conversation_id)
            self._agenda.after(ROUND, FULL_MS)
            return []
        begin = self._had.before(conversation_id)
        views, more = self._syncing.stretch(self.user_id, begin, conversation_id, AT_ONCE)
        if not more or views:
            self._agenda.done(conversation_id)
        if more and views:
            self._agenda.after(conversation_id, 0)
        elif more:
            self._agenda.again(conversation_id)
        return [
            Pushed(event, cursor=self._had.told(conversation_id, seq))
            for seq, event in placed(views)
        ]

    def _round(self) -> list[Pushed]:
        """A page of everything, across the conversations."""
        before = self._had.at
        page = self._syncing.page(
            self._caller, self.user_id, before, AT_ONCE, deliver=False, forget_left=True
        )
        found = [pushed for part in page.parts for pushed in self._part(part)]
        self._had.came_to(page.cursor, page.reached)
        for conversation_id in page.reached:
            self._agenda.done(conversation_id)
        self._lacking |= not page.complete
        self._full |= page.full
        if page.more and page.cursor.done == before.done and not found:
            self._agenda.again(ROUND)  # the index is late, and the cursor has no room for that
        elif page.more:
            self._agenda.after(ROUND, 0)
        elif self._ends() and not self._caught_up:
            self._caught_up = True
            found.append(Pushed(cursor=self.cursor))
        return found

    def _ends(self) -> bool:
        """Whether all is there by the end of a round; and when the next one begins."""
        lacking, full = self._lacking, self._full
        self._lacking = self._full = False
        if lacking:
            return self._agenda.again(ROUND) >= TRIES
        self._agenda.done(ROUND)
        # Streams that began together, after a server that ended, do not all come again at once.
        pause = self._pause + random.randrange(self._pause // 4)  # noqa: S311 it is no secret
        self._agenda.after(ROUND, FULL_MS if full else pause)
        self._pause = ROUND_EVERY_MS
        return True

    def _part(self, part: Part) -> list[Pushed]:
        messages = [
            Pushed(event, cursor=self._had.text(part.cursor_after(seq)))
            for seq, event in placed(part.views)
        ]
        if self._caught_up:
            return messages  # what became of earlier ones came as it happened
        return [*(Pushed(status=view) for view in part.changed), *messages]
