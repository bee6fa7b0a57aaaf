"""What clients asked for and were answered. Standard library only: Locust's Python reads this."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

STORED = (200, 202)
BUSY = (429, 503)
"""Refused for now. A 503 does not say that nothing was stored, only that nothing was promised."""


class Outcome(StrEnum):
    STORED = "stored"
    REFUSED = "refused"
    """The client was told no, so nothing that is refused can be lost."""
    UNANSWERED = "unanswered"
    """No answer, or a gateway's in its place, such as 502: it may have been stored or not."""


@dataclass(slots=True)
class Asked:
    """One message that a client meant to send. Times are seconds since 1970."""

    message_id: str
    conversation_id: str
    due: float
    """When it was to be sent. In a closed model nobody is late: the same as `began`."""
    began: float = 0.0
    ended: float = 0.0
    """When the last answer was there, or it was given up."""
    status: int = 0
    """HTTP's, of the last answer; 0: none."""
    code: str = ""
    """Why, where the last answer was no success and said so."""
    busy: int = 0
    """How often it was answered 429 or 503."""

    @property
    def outcome(self) -> Outcome:
        if self.status in STORED:
            return Outcome.STORED
        told = self.status in BUSY or 300 <= self.status < 500
        return Outcome.REFUSED if told else Outcome.UNANSWERED

    @property
    def why(self) -> str:
        """Status and code, such as `503 unavailable`."""
        return f"{self.status or 'no answer'} {self.code}".strip()


def wait_before(busy: int, retry_after: str | None) -> float:
    """Seconds until a client that was told 429 or 503 so often asks again: what the server says,
    else a quarter of a second, doubled each time; at most 30."""
    said = float(retry_after) if retry_after and retry_after.isdigit() else 0.0
    return float(min(30.0, max(said, 0.25 * 2 ** (busy - 1))))


def code_in(content: bytes) -> str:
    """The `code` of problem details; of anything else nothing."""
    try:
        return str(json.loads(content).get("code", ""))
    except (ValueError, AttributeError):
        return ""


def line(asked: Asked) -> str:
    return json.dumps(asdict(asked)) + "\n"


def read(path: Path) -> list[Asked]:
    """What is whole in a file of lines; none when there is no such file."""
    if not path.exists():
        return []
    lines = path.read_text().splitlines(keepends=True)
    return [Asked(**json.loads(text)) for text in lines if text.endswith("\n")]


def stored(asked: Iterable[Asked]) -> list[Asked]:
    return [one for one in asked if one.outcome is Outcome.STORED]


def not_stored(asked: Iterable[Asked]) -> list[Asked]:
    return [one for one in asked if one.outcome is not Outcome.STORED]
