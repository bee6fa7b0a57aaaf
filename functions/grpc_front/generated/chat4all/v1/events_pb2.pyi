import datetime

from grpc_front.generated.chat4all.v1 import types_pb2 as _types_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Event(_message.Message):
    __slots__ = ("id", "type", "timestamp", "message_accepted", "message_received", "message_sent", "message_delivered", "message_read", "message_failed", "conversation_created", "conversation_updated", "conversation_read", "conversation_delivered", "member_joined", "member_left", "user_updated", "user_erased", "file_ready", "file_rejected", "endpoint_disabled")
    ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_RECEIVED_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_SENT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_DELIVERED_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_READ_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FAILED_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_CREATED_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_UPDATED_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_READ_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_DELIVERED_FIELD_NUMBER: _ClassVar[int]
    MEMBER_JOINED_FIELD_NUMBER: _ClassVar[int]
    MEMBER_LEFT_FIELD_NUMBER: _ClassVar[int]
    USER_UPDATED_FIELD_NUMBER: _ClassVar[int]
    USER_ERASED_FIELD_NUMBER: _ClassVar[int]
    FILE_READY_FIELD_NUMBER: _ClassVar[int]
    FILE_REJECTED_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_DISABLED_FIELD_NUMBER: _ClassVar[int]
    id: str
    type: str
    timestamp: _timestamp_pb2.Timestamp
    message_accepted: MessageAccepted
    message_received: MessageReceived
    message_sent: MessageSent
    message_delivered: MessageDelivered
    message_read: MessageRead
    message_failed: MessageFailed
    conversation_created: ConversationCreated
    conversation_updated: ConversationUpdated
    conversation_read: ConversationRead
    conversation_delivered: ConversationDelivered
    member_joined: MemberJoined
    member_left: MemberLeft
    user_updated: UserUpdated
    user_erased: UserErased
    file_ready: FileReady
    file_rejected: FileRejected
    endpoint_disabled: EndpointDisabled
    def __init__(self, id: _Optional[str] = ..., type: _Optional[str] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., message_accepted: _Optional[_Union[MessageAccepted, _Mapping]] = ..., message_received: _Optional[_Union[MessageReceived, _Mapping]] = ..., message_sent: _Optional[_Union[MessageSent, _Mapping]] = ..., message_delivered: _Optional[_Union[MessageDelivered, _Mapping]] = ..., message_read: _Optional[_Union[MessageRead, _Mapping]] = ..., message_failed: _Optional[_Union[MessageFailed, _Mapping]] = ..., conversation_created: _Optional[_Union[ConversationCreated, _Mapping]] = ..., conversation_updated: _Optional[_Union[ConversationUpdated, _Mapping]] = ..., conversation_read: _Optional[_Union[ConversationRead, _Mapping]] = ..., conversation_delivered: _Optional[_Union[ConversationDelivered, _Mapping]] = ..., member_joined: _Optional[_Union[MemberJoined, _Mapping]] = ..., member_left: _Optional[_Union[MemberLeft, _Mapping]] = ..., user_updated: _Optional[_Union[UserUpdated, _Mapping]] = ..., user_erased: _Optional[_Union[UserErased, _Mapping]] = ..., file_ready: _Optional[_Union[FileReady, _Mapping]] = ..., file_rejected: _Optional[_Union[FileRejected, _Mapping]] = ..., endpoint_disabled: _Optional[_Union[EndpointDisabled, _Mapping]] = ...) -> None: ...

class MessageAccepted(_message.Message):
    __slots__ = ("conversation_id", "message_id", "seq", "sender", "status", "payload", "payload_omitted", "body_until", "metadata", "accepted_at")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_OMITTED_FIELD_NUMBER: _ClassVar[int]
    BODY_UNTIL_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_AT_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    message_id: str
    seq: int
    sender: str
    status: _types_pb2.MessageStatus
    payload: _types_pb2.Payload
    payload_omitted: bool
    body_until: _timestamp_pb2.Timestamp
    metadata: _struct_pb2.Struct
    accepted_at: _timestamp_pb2.Timestamp
    def __init__(self, conversation_id: _Optional[str] = ..., message_id: _Optional[str] = ..., seq: _Optional[int] = ..., sender: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.MessageStatus, str]] = ..., payload: _Optional[_Union[_types_pb2.Payload, _Mapping]] = ..., payload_omitted: _Optional[bool] = ..., body_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., accepted_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class MessageReceived(_message.Message):
    __slots__ = ("conversation_id", "message_id", "seq", "sender", "status", "payload", "payload_omitted", "body_until", "metadata", "accepted_at", "channel")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_OMITTED_FIELD_NUMBER: _ClassVar[int]
    BODY_UNTIL_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_AT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    message_id: str
    seq: int
    sender: str
    status: _types_pb2.MessageStatus
    payload: _types_pb2.Payload
    payload_omitted: bool
    body_until: _timestamp_pb2.Timestamp
    metadata: _struct_pb2.Struct
    accepted_at: _timestamp_pb2.Timestamp
    channel: str
    def __init__(self, conversation_id: _Optional[str] = ..., message_id: _Optional[str] = ..., seq: _Optional[int] = ..., sender: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.MessageStatus, str]] = ..., payload: _Optional[_Union[_types_pb2.Payload, _Mapping]] = ..., payload_omitted: _Optional[bool] = ..., body_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., accepted_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., channel: _Optional[str] = ...) -> None: ...

class MessageSent(_message.Message):
    __slots__ = ("conversation_id", "message_id", "seq", "sender", "user_id", "channel", "status")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    message_id: str
    seq: int
    sender: str
    user_id: str
    channel: str
    status: _types_pb2.MessageStatus
    def __init__(self, conversation_id: _Optional[str] = ..., message_id: _Optional[str] = ..., seq: _Optional[int] = ..., sender: _Optional[str] = ..., user_id: _Optional[str] = ..., channel: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.MessageStatus, str]] = ...) -> None: ...

class MessageDelivered(_message.Message):
    __slots__ = ("conversation_id", "message_id", "seq", "sender", "user_id", "channel", "status")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    message_id: str
    seq: int
    sender: str
    user_id: str
    channel: str
    status: _types_pb2.MessageStatus
    def __init__(self, conversation_id: _Optional[str] = ..., message_id: _Optional[str] = ..., seq: _Optional[int] = ..., sender: _Optional[str] = ..., user_id: _Optional[str] = ..., channel: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.MessageStatus, str]] = ...) -> None: ...

class MessageRead(_message.Message):
    __slots__ = ("conversation_id", "message_id", "seq", "sender", "user_id", "channel", "status")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    message_id: str
    seq: int
    sender: str
    user_id: str
    channel: str
    status: _types_pb2.MessageStatus
    def __init__(self, conversation_id: _Optional[str] = ..., message_id: _Optional[str] = ..., seq: _Optional[int] = ..., sender: _Optional[str] = ..., user_id: _Optional[str] = ..., channel: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.MessageStatus, str]] = ...) -> None: ...

class EventFailure(_message.Message):
    __slots__ = ("code", "reason")
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    code: str
    reason: str
    def __init__(self, code: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class MessageFailed(_message.Message):
    __slots__ = ("conversation_id", "message_id", "seq", "sender", "user_id", "channel", "status", "failure")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    message_id: str
    seq: int
    sender: str
    user_id: str
    channel: str
    status: _types_pb2.MessageStatus
    failure: EventFailure
    def __init__(self, conversation_id: _Optional[str] = ..., message_id: _Optional[str] = ..., seq: _Optional[int] = ..., sender: _Optional[str] = ..., user_id: _Optional[str] = ..., channel: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.MessageStatus, str]] = ..., failure: _Optional[_Union[EventFailure, _Mapping]] = ...) -> None: ...

class ConversationCreated(_message.Message):
    __slots__ = ("conversation_id", "conversation_type", "members", "metadata")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_TYPE_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    conversation_type: _types_pb2.ConversationType
    members: _containers.RepeatedScalarFieldContainer[str]
    metadata: _struct_pb2.Struct
    def __init__(self, conversation_id: _Optional[str] = ..., conversation_type: _Optional[_Union[_types_pb2.ConversationType, str]] = ..., members: _Optional[_Iterable[str]] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class ConversationUpdated(_message.Message):
    __slots__ = ("conversation_id", "conversation_type", "members", "metadata")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_TYPE_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    conversation_type: _types_pb2.ConversationType
    members: _containers.RepeatedScalarFieldContainer[str]
    metadata: _struct_pb2.Struct
    def __init__(self, conversation_id: _Optional[str] = ..., conversation_type: _Optional[_Union[_types_pb2.ConversationType, str]] = ..., members: _Optional[_Iterable[str]] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class ConversationRead(_message.Message):
    __slots__ = ("conversation_id", "user_id", "up_to_seq")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    UP_TO_SEQ_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    user_id: str
    up_to_seq: int
    def __init__(self, conversation_id: _Optional[str] = ..., user_id: _Optional[str] = ..., up_to_seq: _Optional[int] = ...) -> None: ...

class ConversationDelivered(_message.Message):
    __slots__ = ("conversation_id", "user_id", "up_to_seq")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    UP_TO_SEQ_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    user_id: str
    up_to_seq: int
    def __init__(self, conversation_id: _Optional[str] = ..., user_id: _Optional[str] = ..., up_to_seq: _Optional[int] = ...) -> None: ...

class MemberJoined(_message.Message):
    __slots__ = ("conversation_id", "user_id")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    user_id: str
    def __init__(self, conversation_id: _Optional[str] = ..., user_id: _Optional[str] = ...) -> None: ...

class MemberLeft(_message.Message):
    __slots__ = ("conversation_id", "user_id")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    user_id: str
    def __init__(self, conversation_id: _Optional[str] = ..., user_id: _Optional[str] = ...) -> None: ...

class UserUpdated(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...

class UserErased(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...

class FileReady(_message.Message):
    __slots__ = ("file_id", "owner", "filename", "content_type", "size")
    FILE_ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    file_id: str
    owner: str
    filename: str
    content_type: str
    size: int
    def __init__(self, file_id: _Optional[str] = ..., owner: _Optional[str] = ..., filename: _Optional[str] = ..., content_type: _Optional[str] = ..., size: _Optional[int] = ...) -> None: ...

class FileRejected(_message.Message):
    __slots__ = ("file_id", "owner", "filename", "content_type", "size", "code", "detail")
    FILE_ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    file_id: str
    owner: str
    filename: str
    content_type: str
    size: int
    code: str
    detail: str
    def __init__(self, file_id: _Optional[str] = ..., owner: _Optional[str] = ..., filename: _Optional[str] = ..., content_type: _Optional[str] = ..., size: _Optional[int] = ..., code: _Optional[str] = ..., detail: _Optional[str] = ...) -> None: ...

class EndpointDisabled(_message.Message):
    __slots__ = ("webhook_id", "host", "reason")
    WEBHOOK_ID_FIELD_NUMBER: _ClassVar[int]
    HOST_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    webhook_id: str
    host: str
    reason: str
    def __init__(self, webhook_id: _Optional[str] = ..., host: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class EventsListRequest(_message.Message):
    __slots__ = ("cursor", "since", "types", "conversation_id", "limit")
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    cursor: str
    since: _timestamp_pb2.Timestamp
    types: _containers.RepeatedScalarFieldContainer[str]
    conversation_id: str
    limit: int
    def __init__(self, cursor: _Optional[str] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., types: _Optional[_Iterable[str]] = ..., conversation_id: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class EventsListResponse(_message.Message):
    __slots__ = ("events", "next_cursor", "has_more")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_CURSOR_FIELD_NUMBER: _ClassVar[int]
    HAS_MORE_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    next_cursor: str
    has_more: bool
    def __init__(self, events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ..., next_cursor: _Optional[str] = ..., has_more: _Optional[bool] = ...) -> None: ...

class EventsSubscribeRequest(_message.Message):
    __slots__ = ("cursor", "since", "types", "conversation_id")
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    cursor: str
    since: _timestamp_pb2.Timestamp
    types: _containers.RepeatedScalarFieldContainer[str]
    conversation_id: str
    def __init__(self, cursor: _Optional[str] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., types: _Optional[_Iterable[str]] = ..., conversation_id: _Optional[str] = ...) -> None: ...

class EventsSubscribeResponse(_message.Message):
    __slots__ = ("events", "cursor")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    cursor: str
    def __init__(self, events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ..., cursor: _Optional[str] = ...) -> None: ...
