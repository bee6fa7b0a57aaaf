"""What each type's `data` says. Nothing is validated by these models at run time: JSON schemas are
made from them, and tests hold every event that is made to its schema.

Version 1. A field may be added within a version, none is taken away and none changes its meaning;
so subscribers ignore what they do not know.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from chat4all.events import types
from chat4all.message import Payload

Seq = Annotated[int, Field(ge=1, description="Its place in the conversation.")]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class EventData(BaseModel):
    model_config = ConfigDict(populate_by_name=True, hide_input_in_errors=True)


class _Message(EventData):
    conversation_id: str
    message_id: str
    seq: Seq
    sender: str = Field(alias="from", description="The user who wrote it.")


class MessageAcceptedData(_Message):
    """A message has its place in its conversation."""

    status: Literal["SENT"]
    payload: Payload | None = Field(description="null when it was left out or has expired.")
    payload_omitted: Literal[True] = Field(
        True,
        description="There when the event has left the payload out: it has over 16 KB, or its "
        "conversation keeps payloads for some days and this comes from the log or after them.",
    )
    body_until: Time | None = Field(
        None,
        description="When payload and metadata go; there when the conversation keeps them for "
        "some days only.",
    )
    metadata: dict[str, Any] = Field({}, description="There when the message has any.")
    accepted_at: Time | None


class MessageReceivedData(MessageAcceptedData):
    """A person wrote on a channel. The same message is a `message.accepted` too."""

    channel: str


class _Delivery(_Message):
    user_id: str = Field(description="The recipient.")
    channel: str


class MessageSentData(_Delivery):
    """A channel's provider has taken the message for a recipient."""

    status: Literal["SENT"]


class MessageDeliveredData(_Delivery):
    """The message is on a recipient's device."""

    status: Literal["DELIVERED"]


class MessageReadData(_Delivery):
    """A recipient has read the message; this implies that it was delivered."""

    status: Literal["READ"]


class EventFailure(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)
    code: str
    reason: str


class MessageFailedData(_Delivery):
    """A channel will not take the message for a recipient. A later `message.delivered` or
    `message.read` overtakes it."""

    status: Literal["FAILED"]
    failure: EventFailure = Field(
        EventFailure(code="", reason=""), description="There when it is known."
    )


class ConversationCreatedData(EventData):
    """A conversation was opened. Its members are told by `member.joined` besides."""

    conversation_id: str
    conversation_type: Literal["private", "group"]
    members: list[str] = Field(description="User ids, sorted.")
    metadata: dict[str, Any]


class ConversationUpdatedData(ConversationCreatedData):
    """A conversation's metadata changed."""


class ConversationReadData(EventData):
    """A member has read everything up to a seq, in the app."""

    conversation_id: str
    user_id: str
    up_to_seq: Seq


class ConversationDeliveredData(ConversationReadData):
    """A member's app has everything up to a seq. Reading more than one has says
    `conversation.read` only."""


class MemberJoinedData(EventData):
    """A user is a member of a conversation now."""

    conversation_id: str
    user_id: str


class MemberLeftData(MemberJoinedData):
    """A user is a member of a conversation no more."""


class UserUpdatedData(EventData):
    """A user is new, or has another name or other identities."""

    user_id: str


class UserErasedData(EventData):
    """A user is erased. Erase your copies of what they wrote and of who they were: messages show
    an `erased` payload within minutes. Somebody who gets the same id later is a new user."""

    user_id: str


class FileReadyData(EventData):
    """A file was checked and can be fetched and sent."""

    file_id: str
    owner: str | None = Field(description="Whose it is; null for the services'.")
    filename: str
    content_type: str
    size: int | None = Field(description="Bytes.")


class FileRejectedData(FileReadyData):
    """A file was checked and not accepted; its bytes are gone."""

    code: str | None = Field(description="As `reason` of GET /v1/files/{id}.")
    detail: str | None


class EndpointDisabledData(EventData):
    """A webhook endpoint gets nothing more: it said so (410), or failed for five days."""

    webhook_id: str
    host: str = Field(description="Of its URL, no more: the rest may hold its owner's secrets.")
    reason: Literal["gone", "failing"]


class EndpointTestData(EventData):
    """Somebody tries an endpoint. It is sent to that endpoint alone and is in no log."""

    webhook_id: str
    message: str


class TypingData(EventData):
    """A member types, or has stopped. Forget it after some seconds."""

    conversation_id: str
    user_id: str
    typing: bool


class PresenceData(EventData):
    """A user's first connection came, or the last one went."""

    user_id: str
    status: Literal["online", "offline"]
    last_seen_at: Time


MODELS: dict[str, type[EventData]] = {
    types.MESSAGE_ACCEPTED: MessageAcceptedData,
    types.MESSAGE_RECEIVED: MessageReceivedData,
    types.MESSAGE_SENT: MessageSentData,
    types.MESSAGE_DELIVERED: MessageDeliveredData,
    types.MESSAGE_READ: MessageReadData,
    types.MESSAGE_FAILED: MessageFailedData,
    types.CONVERSATION_CREATED: ConversationCreatedData,
    types.CONVERSATION_UPDATED: ConversationUpdatedData,
    types.CONVERSATION_READ: ConversationReadData,
    types.CONVERSATION_DELIVERED: ConversationDeliveredData,
    types.MEMBER_JOINED: MemberJoinedData,
    types.MEMBER_LEFT: MemberLeftData,
    types.USER_UPDATED: UserUpdatedData,
    types.USER_ERASED: UserErasedData,
    types.FILE_READY: FileReadyData,
    types.FILE_REJECTED: FileRejectedData,
    types.ENDPOINT_DISABLED: EndpointDisabledData,
    types.TYPING: TypingData,
    types.PRESENCE: PresenceData,
    types.ENDPOINT_TEST: EndpointTestData,
}
