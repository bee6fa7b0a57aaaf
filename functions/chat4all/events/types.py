"""The types of events, and which of them are kept."""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]
"""`{id, type, timestamp, data}`, exactly as it goes out as JSON."""

MESSAGE_RECEIVED = "message.received"
MESSAGE_ACCEPTED = "message.accepted"
MESSAGE_SENT = "message.sent"
MESSAGE_DELIVERED = "message.delivered"
MESSAGE_READ = "message.read"
MESSAGE_FAILED = "message.failed"
CONVERSATION_CREATED = "conversation.created"
CONVERSATION_UPDATED = "conversation.updated"
CONVERSATION_READ = "conversation.read"
CONVERSATION_DELIVERED = "conversation.delivered"
MEMBER_JOINED = "member.joined"
MEMBER_LEFT = "member.left"
USER_UPDATED = "user.updated"
USER_ERASED = "user.erased"
FILE_READY = "file.ready"
FILE_REJECTED = "file.rejected"
ENDPOINT_DISABLED = "endpoint.disabled"
TYPING = "typing"
PRESENCE = "presence"
ENDPOINT_TEST = "endpoint.test"
"""Sent to one endpoint when somebody tries it, and to nobody else: no subscription names it."""

LOGGED = (
    MESSAGE_RECEIVED,
    MESSAGE_ACCEPTED,
    MESSAGE_SENT,
    MESSAGE_DELIVERED,
    MESSAGE_READ,
    MESSAGE_FAILED,
    CONVERSATION_CREATED,
    CONVERSATION_UPDATED,
    CONVERSATION_READ,
    CONVERSATION_DELIVERED,
    MEMBER_JOINED,
    MEMBER_LEFT,
    USER_UPDATED,
    USER_ERASED,
    FILE_READY,
    FILE_REJECTED,
    ENDPOINT_DISABLED,
)
"""Kept for 30 days: what `*` means to a subscriber."""
TRANSIENT = (TYPING, PRESENCE)
"""Published and never kept: of no use a minute later."""
TYPES = (*LOGGED, *TRANSIENT)
"""What a subscription may name."""
