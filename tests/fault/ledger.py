"""A client's own log of what it asked for and what was answered, on disk before it goes on."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from tests.fault.checker import Sent


class Ledger:
    """Appended to by many threads; what it says is in the file, whatever becomes of us."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_TRUNC, 0o600)
        self.accepted = 0

    def trying(self, client: str, conversation: str, message_ids: Sequence[str]) -> None:
        """Before the first request that has them."""
        self._write({"client": client, "conversation": conversation, "trying": list(message_ids)})

    def answered(self, turns: dict[str, int]) -> None:
        """These were accepted, each in this turn of its client."""
        self._write({"accepted": turns, "at": time.time()})
        with self._lock:
            self.accepted += len(turns)

    def read(self, until: float = float("inf")) -> list[Sent]:
        """All that was tried; what was answered later than `until` counts as not answered."""
        tried: dict[str, tuple[str, str]] = {}
        turns: dict[str, int] = {}
        for line in self._path.read_text().splitlines():
            entry = json.loads(line)
            if "trying" in entry:
                told = (entry["conversation"], entry["client"])
                tried |= dict.fromkeys(entry["trying"], told)
            elif entry["at"] <= until:
                turns |= entry["accepted"]
        return [
            Sent(message_id, conversation, client, turns.get(message_id, 0), message_id in turns)
            for message_id, (conversation, client) in tried.items()
        ]

    def _write(self, line: dict[str, object]) -> None:
        os.write(self._file, f"{json.dumps(line)}\n".encode())

    def close(self) -> None:
        os.close(self._file)
