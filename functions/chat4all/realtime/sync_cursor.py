"""Where a device's synchronisation has come to. Clients hand it back and read nothing into it.

A cursor says: all that was placed up to `since` is had, and of the conversations in `positions`
all up to a seq, which is later. While a round is under way it also says how far the round goes
(`until`) and which conversations are done, in the order of their ids.
"""

from __future__ import annotations

import base64
import uuid

from pydantic import BaseModel, ConfigDict, Field

from chat4all.cursors import Cursors

MAX_LENGTH = 2048
MAX_POSITIONS = 38
"""Conversations with a seq of their own: so many fit, however high their seqs are."""


class SyncCursor(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)
    since: int = 0
    """ms; 0 for a device that had nothing yet."""
    until: int = 0
    """ms; 0 between two rounds."""
    done: str = ""
    """The last conversation of this round that is done."""
    positions: dict[str, int] = Field(default_factory=dict)

    def at(self, conversation_id: str, seq: int) -> SyncCursor:
        """With all of one more conversation up to a seq."""
        return self.model_copy(update={"positions": {**self.positions, conversation_id: seq}})

    def encoded(self, cursors: Cursors, user_id: str) -> str:
        """For the user whose messages it is about, and for nobody else."""
        packed = ",".join(f"{_short(i)}:{seq:x}" for i, seq in sorted(self.positions.items()))
        return cursors.encode(f"sync {user_id}", self.since, self.until, self.done, packed)

    @classmethod
    def decoded(cls, cursors: Cursors, user_id: str, text: str) -> SyncCursor:
        """Raises Invalid for any other text, and for another user's."""
        since, until, done, packed = cursors.decode(
            f"sync {user_id}", text, int, int, str, str, longest=MAX_LENGTH
        )
        pairs = [pair.split(":") for pair in str(packed).split(",") if pair]
        positions = {_long(short): int(seq, 16) for short, seq in pairs}
        return cls(since=int(since), until=int(until), done=str(done), positions=positions)


def _short(conversation_id: str) -> str:
    """22 characters instead of 36."""
    return base64.urlsafe_b64encode(uuid.UUID(conversation_id).bytes)[:22].decode()


def _long(short: str) -> str:
    return str(uuid.UUID(bytes=base64.urlsafe_b64decode(short + "==")))
