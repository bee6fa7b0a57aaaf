"""Which cell a conversation is in: rendezvous hashing, so that a cell that joins moves few."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def cell_of(conversation_id: str, cells: Iterable[str]) -> str:
    """The cell with the highest hash of both names.

    Nobody keeps a table. Of `n` cells, one more takes over one conversation in `n + 1`, from all
    of them alike, and none moves between two old ones; one that leaves is shared out likewise.

    Raises:
        ValueError: there are no cells.
    """
    return max(cells, key=lambda cell: _weight(conversation_id, cell))


def _weight(conversation_id: str, cell: str) -> bytes:
    return hashlib.blake2b(f"{cell}\x1f{conversation_id}".encode(), digest_size=8).digest()
