"""Catching up: what to ask after a connection was made, and when something is missing.

By cursor it is one question for all conversations, those included that are new. A client that has
no cursor yet tells the last `seq` of each conversation, and then asks without anything: that gives
what was never delivered, and a cursor. No I/O here.
"""

import uuid
from typing import Any

from infra.client.realtime_order import Event, Ordering

AT_ONCE = 100
"""Conversations in a question: the API's limit."""
UNANSWERED = 10.0
"""Seconds after which a question is asked again on the same connection."""
PAUSE = 0.5
"""Seconds before a question is repeated whose answer was no success or not complete."""

Frame = dict[str, Any]


class Resuming:
    """One question at a time; what is behind an answer's limit is asked for next."""

    def __init__(self, ordering: Ordering, cursor: str | None) -> None:
        self.ordering, self.cursor = ordering, cursor
        self._pending: str | None = None
        self._pending_since = 0.0
        self._asked: list[str] | None = None
        """Conversations of the question; None when it was by cursor."""
        self._left: list[str] = []
        """Conversations to ask for next."""
        self._then_by_cursor = False
        self._again_at: float | None = None

    def begin(self, now: float) -> Frame | None:
        """The question on a new connection."""
        self._pending = self._again_at = None
        self._left = [] if self.cursor is not None else list(self.ordering.seen)
        self._then_by_cursor = True
        return self.next(now, 0.0)

    def next(self, now: float, patience: float) -> Frame | None:
        """The next question, when it is time for one."""
        if self._pending is not None:
            return self._repeat(now) if now - self._pending_since >= UNANSWERED else None
        if self._again_at is not None:
            return self._repeat(now) if now >= self._again_at else None
        if self._left:
            return self._by_seqs(self._left, now)
        if self._then_by_cursor:
            return self._by_cursor(now)
        if missing := self.ordering.missing(now, patience):
            self.ordering.wait_anew(now)
            return self._by_seqs(list(missing), now)
        if self.ordering.unknown(now, patience):
            self.ordering.wait_anew(now)
            return self._by_cursor(now)
        return None

    def answered(self, frame: Frame, now: float) -> list[Event] | None:
        """What may be given out by this answer; None when it answers no question of ours."""
        if self._pending is None or frame.get("request_id") != self._pending:
            return None
        self._pending = None
        if frame["type"] == "resumed":
            return self._resumed(frame, now)
        if _status(frame) == 429:  # asked too often: what was asked is as good as before
            self._again_at = now + float(frame["problem"].get("retry_after", PAUSE))
        elif self._asked is None and 400 <= _status(frame) < 500:  # a cursor that is none
            self.cursor, self._then_by_cursor = None, True
            self._left = list(self.ordering.seen)
        else:
            self._again_at = now + PAUSE
        return []

    def _resumed(self, frame: Frame, now: float) -> list[Event]:
        self.cursor = frame.get("cursor") or self.cursor
        for conversation in frame.get("gone", ()):
            self.ordering.forget(conversation)
        if frame.get("has_more"):
            self._again_at = now
        elif frame.get("complete") is False:
            self._again_at = now + PAUSE
        elif self._asked is None:
            return self.ordering.settle(now)
        return []

    def _repeat(self, now: float) -> Frame:
        """The question from where we are by now."""
        self._again_at = None
        if self._asked is None:
            return self._by_cursor(now)
        return self._by_seqs(self._asked + self._left, now)

    def _by_cursor(self, now: float) -> Frame:
        self._asked, self._then_by_cursor = None, False
        return self._question(now, **({} if self.cursor is None else {"cursor": self.cursor}))

    def _by_seqs(self, conversations: list[str], now: float) -> Frame:
        self._asked, self._left = conversations[:AT_ONCE], conversations[AT_ONCE:]
        seen = self.ordering.seen
        return self._question(now, conversations={c: seen.get(c, 0) for c in self._asked})

    def _question(self, now: float, **fields: Any) -> Frame:
        self._pending, self._pending_since = str(uuid.uuid4()), now
        return {"action": "resume", "request_id": self._pending, **fields}


def _status(frame: Frame) -> int:
    return int(frame.get("problem", {}).get("status", 500))
