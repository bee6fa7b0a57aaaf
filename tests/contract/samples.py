"""Messages, conversations and users to try the ports with."""

from __future__ import annotations

from typing import Any

from chat4all.conversation import Conversation, ConversationType, Head
from chat4all.file import File
from chat4all.ids import derived_id
from chat4all.message import Message, TextPayload
from chat4all.receipts import Failure, Mark, Planned, Receipt, Receipts, Reference
from chat4all.user import Identity, User

NOW = 1_760_000_000_000
CONVERSATION = derived_id("conversation", "one")
REFUSED = Failure(code="131026", reason="Message undeliverable", next_choice=True)


def an_id(number: int) -> str:
    return derived_id("message", str(number))


def a_message(number: int = 1, **other: Any) -> Message:
    fields: dict[str, Any] = {
        "message_id": an_id(number),
        "conversation_id": CONVERSATION,
        "sender": "ann",
        "payload": TextPayload(type="text", text=f"message {number} ✓"),
        "fingerprint": f"fingerprint-{number}",
        "accepted_at": NOW + number,
    }
    return Message(**fields | other)


def a_place(number: int = 1, seq: int | None = None, **other: Any) -> Receipts:
    fields: dict[str, Any] = {
        "message_id": an_id(number),
        "conversation_id": CONVERSATION,
        "seq": seq or number,
        "sender": "ann",
        "sequenced_at": NOW + number,
        "accepted_at": NOW - 5 + number,
        "plan": (
            Planned(user_id="bob", channel="whatsapp", address="551", account="99"),
            Planned(user_id="bob", channel="instagram", address="ig-bob", choice=1),
        ),
    }
    return Receipts(**fields | other)


def a_head(seq: int, **other: Any) -> Head:
    fields: dict[str, Any] = {
        "conversation_id": CONVERSATION,
        "last_seq": seq,
        "last_message_id": an_id(seq),
        "last_activity": NOW + seq,
        "said": {"ann": seq},
    }
    return Head(**fields | other)


def a_receipt(number: int, mark: Mark, at: int = NOW, **other: Any) -> Receipt:
    fields: dict[str, Any] = {"message_id": an_id(number), "index": 0, "mark": mark, "at": at}
    return Receipt(**fields | other)


def a_reference(provider_id: str, number: int = 1, **other: Any) -> Reference:
    fields: dict[str, Any] = {
        "channel": "whatsapp",
        "provider_id": provider_id,
        "message_id": an_id(number),
        "conversation_id": CONVERSATION,
        "index": 0,
    }
    return Reference(**fields | other)


def a_private(*members: str, **other: Any) -> Conversation:
    return a_group(*(members or ("ann", "bob")), type=ConversationType.PRIVATE, **other)


def a_group(*members: str, **other: Any) -> Conversation:
    fields: dict[str, Any] = {
        "conversation_id": CONVERSATION,
        "type": ConversationType.GROUP,
        "members": frozenset(members or ("ann", "bob", "cid")),
        "metadata": {"topic": "orders", "priority": 1.5, "open": True},
        "created_by": "shop",
        "created_at": NOW,
    }
    return Conversation(**fields | other)


def a_user(user_id: str, *identities: Identity, **other: Any) -> User:
    fields: dict[str, Any] = {
        "user_id": user_id,
        "name": user_id.title(),
        "identities": identities,
        "created_at": NOW,
    }
    return User(**fields | other)


def whatsapp(address: str) -> Identity:
    return Identity(channel="whatsapp", address=address)


def instagram(address: str, account: str | None = "page-1") -> Identity:
    return Identity(channel="instagram", address=address, account=account)


def a_file(**other: Any) -> File:
    fields: dict[str, Any] = {
        "file_id": derived_id("file", "1"),
        "owner": "ann",
        "filename": "a picture ✓.png",
        "content_type": "image/png",
        "created_at": NOW,
    }
    return File(**fields | other)
