"""Events: what happened, told once per change, with an id that derives from the change.

They are made from the table's stream and from nothing else, so there is no
event without its change and no change without its event; a change that is
seen twice gives the same event id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chat4all.ids import derived_id
from chat4all.receipts import Mark, Receipts
from chat4all.timestamps import iso

Image = Mapping[str, Any]
Event = dict[str, Any]


def events_of(old: Image | None, new: Image | None, at: int, receipts_of: Any) -> Iterator[Event]:
    """The events that a change of one item means: none, for most items.

    `old` and `new` are the item before and after, `at` is when it changed (ms),
    `receipts_of` reads a receipts item.
    """
    image = new or old or {}
    pk, sk = str(image.get("pk", "")), str(image.get("sk", ""))
    if sk == "RECEIPTS" and new is not None:
        yield from _of_receipts(receipts_of(old) if old is not None else None, receipts_of(new))
    elif pk.startswith("CONV#") and sk == "META" and new is not None:
        if old is None:
            yield _event("conversation.created", at, (pk,), _conversation(new))
        elif old.get("metadata") != new.get("metadata"):
            yield _event("conversation.updated", at, (pk, str(at)), _conversation(new))
    elif sk.startswith("MEMBER#"):
        yield from _of_member(pk, sk, old, new, at)
    elif pk.startswith("USER#") and sk == "META" and new is not None and _told(old, new):
        yield _event("user.updated", at, (pk, str(at)), {"user_id": pk.removeprefix("USER#")})


def _told(old: Image | None, new: Image) -> bool:
    return old is None or any(old.get(f) != new.get(f) for f in ("name", "identities"))


def _event(kind: str, at: int, change: tuple[str, ...], data: dict[str, Any]) -> Event:
    return {
        "id": derived_id("event", kind, *change),
        "type": kind,
        "timestamp": iso(at),
        "data": data,
    }


def _of_receipts(old: Receipts | None, new: Receipts) -> Iterator[Event]:
    message = {
        "conversation_id": new.conversation_id,
        "message_id": new.message_id,
        "seq": new.seq,
        "from": new.sender,
    }
    if old is None:
        data = {**message, "status": "SENT"}
        yield _event("message.accepted", new.sequenced_at, (new.message_id,), data)
        if new.origin is not None:
            received = {**data, "channel": new.origin}
            yield _event("message.received", new.sequenced_at, (new.message_id,), received)
    known = old.times if old is not None else {}
    for (index, mark), at in new.times.items():
        if (index, mark) not in known:
            yield _of_mark(new, message, index, mark, at)


def _of_mark(new: Receipts, message: Event, index: int, mark: Mark, at: int) -> Event:
    planned = new.plan[index]
    data = {
        **message,
        "user_id": planned.user_id,
        "channel": planned.channel,
        "status": mark.upper(),
    }
    if mark is Mark.FAILED and index in new.failures:
        failure = new.failures[index]
        data["failure"] = {"code": failure.code, "reason": failure.reason}
    return _event(f"message.{mark}", at, (new.message_id, str(index)), data)


def _conversation(image: Image) -> dict[str, Any]:
    return {
        "conversation_id": image["pk"].removeprefix("CONV#"),
        "conversation_type": image["type"],
    }


def _of_member(pk: str, sk: str, old: Image | None, new: Image | None, at: int) -> Iterator[Event]:
    image = new or old or {}
    joined = str(image.get("joined_at"))
    data: dict[str, Any] = {
        "conversation_id": pk.removeprefix("CONV#"),
        "user_id": sk.removeprefix("MEMBER#"),
    }
    if old is None:
        yield _event("member.joined", at, (pk, sk, joined), data)
    elif new is None:
        yield _event("member.left", at, (pk, sk, joined), data)
    elif int(new["read_seq"]) > int(old["read_seq"]):
        seq = int(new["read_seq"])
        yield _event(
            "conversation.read", at, (pk, sk, joined, str(seq)), {**data, "up_to_seq": seq}
        )
