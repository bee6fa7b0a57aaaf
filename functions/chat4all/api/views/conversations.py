"""Conversations and their members."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chat4all.api.views.base import View
from chat4all.conversation import Conversation, ConversationType, Member
from chat4all.conversations import ConversationView, ListEntry
from chat4all.message import Payload
from chat4all.timestamps import iso


class MemberOut(View):
    user_id: str
    delivered_seq: int
    read_seq: int

    @classmethod
    def of(cls, member: Member) -> MemberOut:
        return cls(
            user_id=member.user_id, delivered_seq=member.delivered_seq, read_seq=member.read_seq
        )


class ConversationOut(View):
    conversation_id: str
    type: ConversationType
    members: list[str]
    metadata: dict[str, Any]
    created_at: str
    retention_days: int | None = Field(
        description="How long what is said in it is kept; null is for ever."
    )

    @classmethod
    def of(cls, conversation: Conversation) -> ConversationOut:
        return cls(**_conversation_fields(conversation))


class ConversationDetail(ConversationOut):
    last_seq: int
    last_activity_at: str
    watermarks: list[MemberOut]

    @classmethod
    def of_view(cls, view: ConversationView) -> ConversationDetail:
        return cls(
            **_conversation_fields(view.conversation),
            last_seq=view.head.last_seq,
            last_activity_at=iso(view.head.last_activity),
            watermarks=[MemberOut.of(m) for _, m in sorted(view.members.items())],
        )


def _conversation_fields(conversation: Conversation) -> dict[str, Any]:
    return {
        "conversation_id": conversation.conversation_id,
        "type": conversation.type,
        "members": sorted(conversation.members),
        "metadata": conversation.metadata,
        "created_at": iso(conversation.created_at),
        "retention_days": conversation.retention_days,
    }


class LastMessage(View):
    message_id: str
    seq: int
    sender: str = Field(alias="from")
    payload: Payload
    accepted_at: str


class ConversationEntry(ConversationOut):
    last_seq: int
    last_activity_at: str
    unread_count: int
    last_message: LastMessage | None

    @classmethod
    def of_entry(cls, entry: ListEntry) -> ConversationEntry:
        message = entry.last_message
        return cls(
            **_conversation_fields(entry.conversation),
            last_seq=entry.head.last_seq,
            last_activity_at=iso(entry.head.last_activity),
            unread_count=entry.member.unread(entry.head),
            last_message=LastMessage(
                message_id=message.message_id,
                seq=entry.head.last_seq,
                sender=message.sender,
                payload=message.payload,
                accepted_at=iso(message.accepted_at),
            )
            if message
            else None,
        )


class ConversationPage(View):
    items: list[ConversationEntry]
    next_cursor: str | None
