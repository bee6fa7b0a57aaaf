"""Conversations and their members."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from chat4all.ids import UserId, derived_id
from chat4all.message import Metadata, bounded_metadata

MAX_MEMBERS = 100
MIN_GROUP = 3
MAX_RETENTION_DAYS = 3650
DAY_MS = 86_400_000

_frozen = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ConversationType(StrEnum):
    PRIVATE = "private"
    GROUP = "group"


class NewConversation(BaseModel):
    """The body of `POST /v1/conversations`: private has exactly 2 members, a group 3 to 100."""

    model_config = _frozen
    type: ConversationType
    members: Annotated[tuple[UserId, ...], Field(min_length=2, max_length=MAX_MEMBERS)]
    metadata: Metadata = Field(default_factory=dict, max_length=32)
    retention_days: int | None = Field(
        None,
        ge=1,
        le=MAX_RETENTION_DAYS,
        description="For services: how long what is said in it is kept. Left out: for ever.",
    )

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
    retention_days: int | None = None
    """How long the bodies of its messages are kept; None is for ever."""

    def body_until(self, accepted_at: int) -> int | None:
        """When the body of a message goes: whole seconds, as the table's TTL counts."""
        if self.retention_days is None:
            return None
        return accepted_at // 1000 * 1000 + self.retention_days * DAY_MS


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
