"""One conversation's messages by their places, read a stretch at a time.

The index may lack what was written last, so every stretch ends before the first seq that is not
there, and a place that is looked for by time errs to the earlier side.
"""

from __future__ import annotations

from chat4all.ports import MessageStore
from chat4all.receipts import Receipts

NEWEST = 50
"""Places read at once: who was away for a short while finds all that is new among them."""
END = 10**15


class Thread:
    """What is read of it is kept: one per conversation and call."""

    def __init__(self, messages: MessageStore, conversation_id: str) -> None:
        self._messages = messages
        self._conversation_id = conversation_id
        self._newest: list[Receipts] | None = None
        self._begins_at = END
        """The first seq that `newest` may hold."""

    def newest(self) -> list[Receipts]:
        """The last fifty that are shown, in their order; some may be missing in between."""
        if self._newest is None:
            rows = self._rows(0, END, NEWEST, newest_first=True)
            self._newest = self._placed(rows)
            self._begins_at = rows[-1][0] if len(rows) == NEWEST else 1
        return self._newest

    def reached_at(self, at: int) -> int:
        """The last seq known to be placed by then; 0 if none is."""
        earlier = [r.seq for r in self.newest() if r.sequenced_at <= at]
        if earlier:
            return earlier[-1]
        low, high = 0, self._begins_at
        while high - low > 1:
            middle = (low + high) // 2
            found = self._placed(self._rows(middle - 1, high, 1, newest_first=False))
            if found and found[0].sequenced_at <= at:
                low = found[0].seq
            else:
                high = middle
        return low

    def after(self, seq: int, limit: int) -> list[Receipts]:
        """Up to so many that follow a seq, without gaps."""
        if self._newest is not None and self._begins_at <= seq + 1:
            placed = [r for r in self._newest if r.seq > seq][:limit]
        else:
            placed = self._placed(self._rows(seq, END, limit, newest_first=False))
        return [r for following, r in enumerate(placed, seq + 1) if r.seq == following]

    def _rows(
        self, after: int, before: int, limit: int, *, newest_first: bool
    ) -> list[tuple[int, str]]:
        return self._messages.history(
            self._conversation_id,
            after=after,
            before=before,
            limit=limit,
            newest_first=newest_first,
        )

    def _placed(self, rows: list[tuple[int, str]]) -> list[Receipts]:
        receipts = self._messages.receipts([message_id for _, message_id in rows])
        return sorted(receipts.values(), key=lambda r: r.seq)
