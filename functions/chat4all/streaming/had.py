"""What a stream has told of each conversation, as its cursor says it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from chat4all.cursors import Cursors
from chat4all.realtime import sync_page
from chat4all.realtime.sync_cursor import SyncCursor
from chat4all.timestamps import iso

REMEMBERED = 256
"""Conversations of which the last seq is known without a look: the latest."""


class Had:
    """All that was placed up to the cursor's time, and of its conversations all up to a seq. Of
    some others the seq is known, too: they need no look into the store when they go on."""

    def __init__(self, start: SyncCursor, cursors: Cursors, user_id: str) -> None:
        self.at = start
        self._cursors = cursors
        self._user_id = user_id
        self._known: OrderedDict[str, int] = OrderedDict()

    def text(self, cursor: SyncCursor | None = None) -> str:
        return (cursor or self.at).encoded(self._cursors, self._user_id)

    def by_then(self, timestamp: str) -> bool:
        """Whether all of that time was told. Texts of times sort as they do."""
        return timestamp <= iso(self.at.since)

    def seq(self, conversation_id: str) -> int | None:
        known = self._known.get(conversation_id)
        return self.at.positions.get(conversation_id, known)

    def has_room(self, conversation_id: str) -> bool:
        """Whether the cursor can tell of this conversation, and a round's own places after it."""
        there = self.at.positions
        return conversation_id in there or len(there) < sync_page.BEYOND

    def before(self, conversation_id: str) -> SyncCursor:
        """From where to look for more of a conversation."""
        known = self.seq(conversation_id)
        return self.at if known is None else self.at.at(conversation_id, known)

    def told(self, conversation_id: str, seq: int) -> str:
        """One message more. The cursor that goes on after it."""
        self.at = self.at.at(conversation_id, seq)
        self._know(conversation_id, seq)
        return self.text()

    def forget(self, conversation_id: str) -> None:
        """The user left: who comes back is told all of it."""
        self._known.pop(conversation_id, None)
        there = {i: seq for i, seq in self.at.positions.items() if i != conversation_id}
        self.at = self.at.model_copy(update={"positions": there})

    def came_to(self, cursor: SyncCursor, reached: Mapping[str, int]) -> None:
        """By a round: `reached` is what it went through. What it passed by was left."""
        for left in self.at.positions.keys() - cursor.positions.keys() - reached.keys():
            self._known.pop(left, None)
        self.at = cursor
        for conversation_id, seq in reached.items():
            self._know(conversation_id, seq)

    def _know(self, conversation_id: str, seq: int) -> None:
        self._known[conversation_id] = seq
        self._known.move_to_end(conversation_id)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
