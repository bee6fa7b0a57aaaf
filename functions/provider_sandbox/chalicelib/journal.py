"""What outlives the process, if it is asked to: who received what, and which statuses were taken.

One JSON object a line, written before anybody is answered. A line that was cut short by a crash
is left out: its sender had no answer.
"""

import json
import threading
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .wire import Media, Receipt, SentMessage


class Journal:
    """Safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def received(self, message: SentMessage) -> None:
        self._write({**asdict(message), "raw": message.raw.decode()})

    def reported(self, receipts: Iterable[Receipt]) -> None:
        self._write(*({"id": r.message.id, "status": r.status, "at": r.at} for r in receipts))

    def clear(self) -> None:
        with self._lock:
            self._path.unlink(missing_ok=True)

    def read(self) -> list[SentMessage]:
        """All that was received, in its order, with the statuses that were reported."""
        known: dict[str, SentMessage] = {}
        for fields in self._lines():
            if "status" in fields:
                if message := known.get(fields["id"]):
                    message.statuses.setdefault(fields["status"], int(fields["at"] * 1000))
                continue
            media = fields.pop("media")
            raw = fields.pop("raw").encode()
            message = SentMessage(**fields, raw=raw, media=Media(**media) if media else None)
            known[message.id] = message
        return list(known.values())

    def _lines(self) -> Iterable[dict[str, Any]]:
        if not self._path.exists():
            return
        for line in self._path.read_text("utf-8").splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue

    def _write(self, *lines: dict[str, Any]) -> None:
        # the break comes first: a line that was cut short must not spoil the next one
        text = "".join(f"\n{json.dumps(line, separators=(',', ':'))}" for line in lines)
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(text)
