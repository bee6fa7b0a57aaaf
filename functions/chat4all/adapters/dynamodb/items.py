"""Models ⇄ items. One function each way; nothing else knows the attributes' names.

MSG#id   / MSG             a message, written once; its body with it, or
MSG#id   / BODY#…          beside it, if the body goes before the message  TTL
MSG#id   / RECEIPTS        its seq, its deliveries, a time per receipt   GSI1: CONV#id / seq
CONV#id  / META            type, members, metadata
CONV#id  / SEQ             how far it has come
CONV#id  / MEMBER#user     watermarks                                    GSI1: USER#id / hour
CONV#id  / LEFT#user       left the group                                GSI1: LEFT#user / time
CONV#id  / ADVANCE#…       when a watermark was raised
USER#id  / META            name, identities
USER#id  / ERASED          nobody is given the id again
IDENT#…  / IDENT           identity → user
PROVIDER#channel#id / REF  a provider's message id → ours, for 30 days
FILE#…, LINK#…             see `files`
CONNECTION#…, REALTIME     see `connections`, and USER#id / PRESENCE
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from chat4all.conversation import Conversation, Head, Member
from chat4all.message import Message
from chat4all.receipts import Failure, Mark, Planned, Receipts, Reference
from chat4all.user import User

Item = dict[str, Any]
REFERENCE_DAYS = 30
_MARKS = frozenset(map(str, Mark))
_plan = TypeAdapter(tuple[Planned, ...])
"""Kept as JSON in one string: botocore takes some 10 µs for every value of a nested map."""


def padded(seq: int) -> str:
    """A seq as text that sorts: 16 digits, as many as JSON numbers keep exactly."""
    return f"{seq:016d}"


def message_item(message: Message) -> Item:
    return {
        "pk": f"MSG#{message.message_id}",
        "sk": "MSG",
        "conversation_id": message.conversation_id,
        "sender": message.sender,
        "to": list(message.to) if message.to else None,
        "channels": list(message.channels) if message.channels else None,
        **body_of(message),
        "accepted_at": message.accepted_at,
        "origin": message.origin,
    }


def body_of(message: Message) -> Item:
    """What goes when a message's body goes."""
    return {
        "payload": message.payload.model_dump_json(),
        "metadata": json.dumps(message.metadata) if message.metadata else None,
        "fingerprint": message.fingerprint,
        "trace": message.trace,
    }


def message_of(item: Item) -> Message:
    until = item.get("body_until")
    return Message(
        message_id=item["pk"].removeprefix("MSG#"),
        conversation_id=item["conversation_id"],
        sender=item["sender"],
        to=item.get("to"),
        channels=item.get("channels"),
        payload=json.loads(item["payload"]),
        metadata=json.loads(item.get("metadata", "{}")),
        fingerprint=item["fingerprint"],
        accepted_at=int(item["accepted_at"]),
        origin=item.get("origin"),
        body_until=None if until is None else int(until),
        trace=item.get("trace") or None,
    )


def receipts_item(receipts: Receipts) -> Item:
    item: Item = {
        "pk": f"MSG#{receipts.message_id}",
        "sk": "RECEIPTS",
        "gsi1pk": f"CONV#{receipts.conversation_id}",
        "gsi1sk": padded(receipts.seq),
        "sender": receipts.sender,
        "origin": receipts.origin,
        "sequenced_at": receipts.sequenced_at,
        "accepted_at": receipts.accepted_at,
        "plan": plan_text(receipts.plan),
        "trace": receipts.trace,
    }
    for (index, mark), at in receipts.times.items():
        item[f"{mark}#{index}"] = at
    for index, failure in receipts.failures.items():
        item[f"failure#{index}"] = failure.model_dump_json()
    return item


def plan_text(plan: Sequence[Planned]) -> str:
    return _plan.dump_json(tuple(plan), exclude_defaults=True).decode()


def plan_of(text: str) -> tuple[Planned, ...]:
    return _plan.validate_json(text)


def receipts_of(item: Item) -> Receipts:
    times: dict[tuple[int, Mark], int] = {}
    failures: dict[int, Failure] = {}
    parts: dict[int, int] = {}
    for name, value in item.items():
        what, _, index = name.partition("#")
        if not index:
            continue
        if what == "failure":
            failures[int(index)] = Failure.model_validate_json(value)
        elif what == "parts":
            parts[int(index)] = int(value)
        elif what in _MARKS:
            times[int(index), Mark(what)] = int(value)
    return Receipts(
        message_id=item["pk"].removeprefix("MSG#"),
        conversation_id=item["gsi1pk"].removeprefix("CONV#"),
        seq=int(item["gsi1sk"]),
        sender=item["sender"],
        origin=item.get("origin"),
        sequenced_at=int(item["sequenced_at"]),
        accepted_at=None if (at := item.get("accepted_at")) is None else int(at),
        plan=plan_of(item["plan"]),
        times=times,
        failures=failures,
        parts=parts,
        trace=item.get("trace"),
    )


def conversation_item(conversation: Conversation) -> Item:
    return {
        "pk": f"CONV#{conversation.conversation_id}",
        "sk": "META",
        "type": str(conversation.type),
        "members": set(conversation.members),
        "metadata": json.dumps(conversation.metadata) if conversation.metadata else None,
        "created_by": conversation.created_by,
        "created_at": conversation.created_at,
        "retention_days": conversation.retention_days,
    }


def conversation_of(item: Item) -> Conversation:
    return Conversation(
        conversation_id=item["pk"].removeprefix("CONV#"),
        type=item["type"],
        members=frozenset(item.get("members", ())),
        metadata=json.loads(item.get("metadata", "{}")),
        created_by=item["created_by"],
        created_at=int(item["created_at"]),
        retention_days=int(item["retention_days"]) if "retention_days" in item else None,
    )


def head_of(item: Item) -> Head:
    return Head(
        conversation_id=item["pk"].removeprefix("CONV#"),
        last_seq=int(item["last_seq"]),
        last_message_id=item.get("last_message_id"),
        last_activity=int(item["last_activity"]),
        said={n.removeprefix("said#"): int(v) for n, v in item.items() if n.startswith("said#")},
    )


def member_item(member: Member, hour: str) -> Item:
    return {
        "pk": f"CONV#{member.conversation_id}",
        "sk": f"MEMBER#{member.user_id}",
        "gsi1pk": f"USER#{member.user_id}",
        "gsi1sk": hour,
        "joined_at": member.joined_at,
        "delivered_seq": member.delivered_seq,
        "read_seq": member.read_seq,
    }


def member_of(item: Item) -> Member:
    return Member(
        conversation_id=item["pk"].removeprefix("CONV#"),
        user_id=item["sk"].removeprefix("MEMBER#"),
        joined_at=int(item["joined_at"]),
        delivered_seq=int(item["delivered_seq"]),
        read_seq=int(item["read_seq"]),
        delivered_at=int(item.get("delivered_at", 0)),
        read_at=int(item.get("read_at", 0)),
    )


def user_item(user: User) -> Item:
    return {
        "pk": f"USER#{user.user_id}",
        "sk": "META",
        "name": user.name,
        "identities": [i.model_dump(exclude_none=True) for i in user.identities],
        "created_at": user.created_at,
    }


def user_of(item: Item) -> User:
    return User(
        user_id=item["pk"].removeprefix("USER#"),
        name=item.get("name"),
        identities=item["identities"],
        created_at=int(item["created_at"]),
        last_conversations={
            n.removeprefix("last#"): v for n, v in item.items() if n.startswith("last#")
        },
    )


def reference_item(reference: Reference, at: int) -> Item:
    return {
        "pk": f"PROVIDER#{reference.channel}#{reference.provider_id}",
        "sk": "REF",
        "message_id": reference.message_id,
        "conversation_id": reference.conversation_id,
        "index": reference.index,
        "final": None if reference.final else False,
        "expires_at": at // 1000 + REFERENCE_DAYS * 86_400,
    }


def reference_of(item: Item) -> Reference:
    _, channel, provider_id = item["pk"].split("#", 2)
    index = item.get("index")
    return Reference(
        channel=channel,
        provider_id=provider_id,
        message_id=item["message_id"],
        conversation_id=item["conversation_id"],
        index=None if index is None else int(index),
        final=item.get("final", True),
    )
