"""The dicts that the fakes share, and a clock that stands still."""

from __future__ import annotations

from threading import RLock

from chat4all.conversation import Conversation, Head, Member
from chat4all.file import File
from chat4all.message import Message
from chat4all.receipts import Mark, Receipts, Reference
from chat4all.user import User


class FakeClock:
    """Stands still until told otherwise."""

    def __init__(self, now: int = 1_760_000_000_000) -> None:
        self.time = now

    def now(self) -> int:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += int(seconds * 1000)


class MemoryStore:
    """Messages, conversations and users in one place, as the table has them."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.messages: dict[str, Message] = {}
        self.placed: dict[str, Receipts] = {}
        self.conversations: dict[str, Conversation] = {}
        self.heads: dict[str, Head] = {}
        self.members: dict[tuple[str, str], Member] = {}
        self.hours: dict[tuple[str, str], str] = {}
        self.advances: dict[tuple[str, str, Mark], list[tuple[int, int]]] = {}
        self.users: dict[str, User] = {}
        self.erased: dict[str, int] = {}
        self.identities: dict[tuple[str, str, str], str] = {}
        self.references: dict[tuple[str, str], Reference] = {}
        self.files: dict[str, File] = {}
        self.attempts: dict[tuple[str, int], int] = {}
        self.left: dict[tuple[str, str], int] = {}
        self.clock = FakeClock()
