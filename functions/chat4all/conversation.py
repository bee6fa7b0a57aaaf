"""Conversations and their members."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from chat4all.ids import UserId, derived_id
from chat4all.message import Metadata, bounded_metadata

MAX_MEMBERS = 100
MIN_GROUP = 3

_frozen = ConfigDict(frozen=True, extra="forbid")


class ConversationType(StrEnum):
    PRIVATE = "private"
    GROUP = "group"


class NewConversation(BaseModel):
    """The body of `POST /v1/conversations`: private has exactly 2 members, a group 3 to 100."""

    model_config = _frozen
    type: ConversationType
    members: Annotated[tuple[UserId, ...], Field(min_length=2, max_length=MAX_MEMBERS)]
    metadata: Metadata = Field(default_factory=dict, max_length=32)

    @field_validator("metadata")
    @classmethod
    def _bounded(cls, metadata: Metadata) -> Metadata:
        return bounded_metadata(metadata)


class Conversation(BaseModel):
    model_config = _frozen
    conversation_id: str
    type: ConversationType
    members: frozenset[str]
    metadata: Metadata = Field(default_factory=dict)
    created_by: str
    created_at: int


class Head(BaseModel):
    """How far a conversation has come. Advanced by the router alone."""

    model_config = _frozen
    conversation_id: str
    last_seq: int = 0
    last_message_id: str | None = None
    last_activity: int = 0
    said: dict[str, int] = Field(default_factory=dict)
    """User → the seq of the last message they wrote; whoever writes has seen what came before."""


class Member(BaseModel):
    """A member's watermarks in the app: everything up to a seq is delivered, or read."""

    model_config = _frozen
    conversation_id: str
    user_id: str
    joined_at: int
    delivered_seq: int = 0
    read_seq: int = 0
    delivered_at: int = 0
    """When `delivered_seq` rose last without being read."""
    read_at: int = 0

    def unread(self, head: Head) -> int:
        return max(0, head.last_seq - max(self.read_seq, head.said.get(self.user_id, 0)))


def private_id(one: str, other: str) -> str:
    """A pair has one private conversation, whoever opens it."""
    return derived_id("private", *sorted((one, other)))


def activity_hour(at: int) -> str:
    """The hour of a time in milliseconds, as text that sorts: hours since 1970, ten digits."""
    return f"{at // 3_600_000:010d}"
