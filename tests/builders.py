"""What tests begin with: callers, messages, deliveries, a channel. See `tests.world`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from chat4all.access.tokens import SCOPES, USER_SCOPES
from chat4all.caller import Caller, CallerKind
from chat4all.channels.rendering import parts_of
from chat4all.cursors import Cursors
from chat4all.delivery import (
    Delivery,
    InboundUpdate,
    MediaPayload,
    StatusUpdate,
)
from chat4all.errors import DeliveryError
from chat4all.message import Message, NewMessage, TextPayload
from chat4all.ports import Attachment, Capabilities, Download, Media, Part
from chat4all.sending import Received

SERVICE = Caller("c4a_service", CallerKind.SERVICE, frozenset(SCOPES))
CHANNELS = ("whatsapp", "instagram")
NOW = 1_760_000_000_000
CURSORS = Cursors(b"k" * 32)


def as_user(user_id: str) -> Caller:
    return Caller(user_id, CallerKind.USER, frozenset(USER_SCOPES))


def an_id(number: int) -> str:
    """A UUID that a failing test shows legibly."""
    return f"00000000-0000-4000-8000-{number:012d}"


def text(words: str) -> TextPayload:
    return TextPayload(type="text", text=words)


def a_message(number: int = 1, **fields: Any) -> Message:
    given: dict[str, Any] = {
        "message_id": an_id(number),
        "conversation_id": an_id(900),
        "sender": "ana",
        "payload": text(f"message {number}"),
        "fingerprint": f"fingerprint {number}",
        "accepted_at": NOW,
    }
    return Message(**{**given, **fields})


def a_new_message(conversation_id: str, words: str = "hi", **fields: Any) -> NewMessage:
    given = {"conversation_id": conversation_id, "payload": {"type": "text", "text": words}}
    return NewMessage.model_validate({**given, **fields})


def a_delivery(number: int = 1, **fields: Any) -> Delivery:
    given: dict[str, Any] = {
        "message_id": an_id(number),
        "index": 0,
        "conversation_id": an_id(900),
        "seq": number,
        "user_id": "bo",
        "channel": "whatsapp",
        "address": "551100",
        "payload": text(f"message {number}"),
        "accepted_at": NOW,
    }
    return Delivery(**{**given, **fields})


@dataclass
class FakeChannel:
    """A connector that keeps what it was given; errors are raised in turn, by address."""

    limit: int = 4096
    largest_file: int = 0
    """Bytes of a file that it takes; none, as it is."""
    media: dict[str, bytes] = field(default_factory=dict)
    """What people sent, by reference."""
    sent: list[tuple[str, str]] = field(default_factory=list)
    """(address, text) in the order of sending; a file as `[name] caption`."""
    deliveries: list[Delivery] = field(default_factory=list)
    errors: dict[str, deque[DeliveryError | None]] = field(default_factory=dict)
    tries: int = 0
    capabilities: ClassVar = Capabilities(True, True, frozenset({"text", "template"}))

    def fails(self, address: str, *errors: DeliveryError | None) -> None:
        self.errors.setdefault(address, deque()).extend(errors)

    def takes(self, content_type: str, size: int) -> bool:
        return size <= self.largest_file

    def split(self, delivery: Delivery, attachment: Attachment | None = None) -> list[Part]:
        return parts_of(delivery, attachment, self._cut, longest_caption=self.limit)

    def _cut(self, words: str) -> list[str]:
        return [words[i : i + self.limit] for i in range(0, len(words), self.limit)]

    def send(self, delivery: Delivery, part: Part, *, final: bool) -> str:
        self.tries += 1
        waiting = self.errors.get(delivery.address)
        error = waiting.popleft() if waiting else None
        if error is not None:
            raise error
        words = part
        if isinstance(part, Media):
            words = f"[{part.attachment.filename}] {part.caption or ''}".strip()
        self.sent.append((delivery.address, str(words)))
        self.deliveries.append(delivery)
        return f"p{len(self.sent)}-{delivery.address}"

    def texts_to(self, address: str) -> list[str]:
        return [words for to, words in self.sent if to == address]

    @contextmanager
    def download(self, wanted: MediaPayload) -> Iterator[Download]:
        waiting = self.errors.get(wanted.reference)
        error = waiting.popleft() if waiting else None
        if error is not None:
            raise error
        content = self.media[wanted.reference]
        chunks = (content[i : i + 65_536] for i in range(0, len(content), 65_536))
        yield Download(None, len(content), None, chunks)

    def handshake(self, query: Mapping[str, str]) -> str:
        return query["hub.challenge"]

    def parse(
        self, body: bytes, headers: Mapping[str, str]
    ) -> Sequence[StatusUpdate | InboundUpdate]:
        return []


def received(delivery: Delivery) -> Received:
    """As the queue gives it: the handle and the item's id tell the message and the person."""
    name = f"{delivery.message_id}/{delivery.user_id}"
    return Received(delivery, f"handle {name}", name)
