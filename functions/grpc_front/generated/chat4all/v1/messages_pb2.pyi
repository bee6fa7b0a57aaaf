import datetime

from grpc_front.generated.chat4all.v1 import events_pb2 as _events_pb2
from grpc_front.generated.chat4all.v1 import types_pb2 as _types_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.rpc import status_pb2 as _status_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NewMessage(_message.Message):
    __slots__ = ("message_id", "conversation_id", "sender", "to", "channels", "payload", "metadata")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    conversation_id: str
    sender: str
    to: _containers.RepeatedScalarFieldContainer[str]
    channels: _containers.RepeatedScalarFieldContainer[str]
    payload: _types_pb2.Payload
    metadata: _struct_pb2.Struct
    def __init__(self, message_id: _Optional[str] = ..., conversation_id: _Optional[str] = ..., sender: _Optional[str] = ..., to: _Optional[_Iterable[str]] = ..., channels: _Optional[_Iterable[str]] = ..., payload: _Optional[_Union[_types_pb2.Payload, _Mapping]] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class Recipient(_message.Message):
    __slots__ = ("user_id", "status")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    status: _types_pb2.MessageStatus
    def __init__(self, user_id: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.MessageStatus, str]] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ("code", "reason", "retriable", "next_choice")
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RETRIABLE_FIELD_NUMBER: _ClassVar[int]
    NEXT_CHOICE_FIELD_NUMBER: _ClassVar[int]
    code: str
    reason: str
    retriable: bool
    next_choice: bool
    def __init__(self, code: _Optional[str] = ..., reason: _Optional[str] = ..., retriable: _Optional[bool] = ..., next_choice: _Optional[bool] = ...) -> None: ...

class Delivery(_message.Message):
    __slots__ = ("user_id", "channel", "address", "status", "sent_at", "delivered_at", "read_at", "failed_at", "failure")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SENT_AT_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_AT_FIELD_NUMBER: _ClassVar[int]
    READ_AT_FIELD_NUMBER: _ClassVar[int]
    FAILED_AT_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    channel: str
    address: str
    status: _types_pb2.MessageStatus
    sent_at: _timestamp_pb2.Timestamp
    delivered_at: _timestamp_pb2.Timestamp
    read_at: _timestamp_pb2.Timestamp
    failed_at: _timestamp_pb2.Timestamp
    failure: Failure
    def __init__(self, user_id: _Optional[str] = ..., channel: _Optional[str] = ..., address: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.MessageStatus, str]] = ..., sent_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., delivered_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., read_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., failed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., failure: _Optional[_Union[Failure, _Mapping]] = ...) -> None: ...

class Message(_message.Message):
    __slots__ = ("message_id", "conversation_id", "seq", "sender", "to", "channels", "payload", "metadata", "origin", "status", "counts", "recipients", "accepted_at", "sequenced_at", "deliveries")
    class CountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_AT_FIELD_NUMBER: _ClassVar[int]
    SEQUENCED_AT_FIELD_NUMBER: _ClassVar[int]
    DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    conversation_id: str
    seq: int
    sender: str
    to: _containers.RepeatedScalarFieldContainer[str]
    channels: _containers.RepeatedScalarFieldContainer[str]
    payload: _types_pb2.Payload
    metadata: _struct_pb2.Struct
    origin: str
    status: _types_pb2.MessageStatus
    counts: _containers.ScalarMap[str, int]
    recipients: _containers.RepeatedCompositeFieldContainer[Recipient]
    accepted_at: _timestamp_pb2.Timestamp
    sequenced_at: _timestamp_pb2.Timestamp
    deliveries: _containers.RepeatedCompositeFieldContainer[Delivery]
    def __init__(self, message_id: _Optional[str] = ..., conversation_id: _Optional[str] = ..., seq: _Optional[int] = ..., sender: _Optional[str] = ..., to: _Optional[_Iterable[str]] = ..., channels: _Optional[_Iterable[str]] = ..., payload: _Optional[_Union[_types_pb2.Payload, _Mapping]] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., origin: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.MessageStatus, str]] = ..., counts: _Optional[_Mapping[str, int]] = ..., recipients: _Optional[_Iterable[_Union[Recipient, _Mapping]]] = ..., accepted_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., sequenced_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., deliveries: _Optional[_Iterable[_Union[Delivery, _Mapping]]] = ...) -> None: ...

class MessagesSendRequest(_message.Message):
    __slots__ = ("message",)
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: NewMessage
    def __init__(self, message: _Optional[_Union[NewMessage, _Mapping]] = ...) -> None: ...

class MessagesSendResponse(_message.Message):
    __slots__ = ("message_id", "replayed")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    replayed: bool
    def __init__(self, message_id: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class MessagesSendBatchRequest(_message.Message):
    __slots__ = ("messages",)
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[NewMessage]
    def __init__(self, messages: _Optional[_Iterable[_Union[NewMessage, _Mapping]]] = ...) -> None: ...

class BatchOutcome(_message.Message):
    __slots__ = ("message_id", "replayed", "error")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    replayed: bool
    error: _status_pb2.Status
    def __init__(self, message_id: _Optional[str] = ..., replayed: _Optional[bool] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class MessagesSendBatchResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[BatchOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[BatchOutcome, _Mapping]]] = ...) -> None: ...

class MessagesGetRequest(_message.Message):
    __slots__ = ("message_id",)
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    def __init__(self, message_id: _Optional[str] = ...) -> None: ...

class MessagesGetResponse(_message.Message):
    __slots__ = ("message",)
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: Message
    def __init__(self, message: _Optional[_Union[Message, _Mapping]] = ...) -> None: ...

class MessagesListRequest(_message.Message):
    __slots__ = ("conversation_id", "since", "before", "limit", "cursor")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    since: int
    before: int
    limit: int
    cursor: str
    def __init__(self, conversation_id: _Optional[str] = ..., since: _Optional[int] = ..., before: _Optional[int] = ..., limit: _Optional[int] = ..., cursor: _Optional[str] = ...) -> None: ...

class MessagesListResponse(_message.Message):
    __slots__ = ("messages", "next_cursor")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_CURSOR_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[Message]
    next_cursor: str
    def __init__(self, messages: _Optional[_Iterable[_Union[Message, _Mapping]]] = ..., next_cursor: _Optional[str] = ...) -> None: ...

class MessagesStreamRequest(_message.Message):
    __slots__ = ("request_id", "start", "send", "ack", "read", "renew")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    SEND_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    RENEW_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    start: StreamStart
    send: NewMessage
    ack: StreamMark
    read: StreamMark
    renew: StreamRenew
    def __init__(self, request_id: _Optional[str] = ..., start: _Optional[_Union[StreamStart, _Mapping]] = ..., send: _Optional[_Union[NewMessage, _Mapping]] = ..., ack: _Optional[_Union[StreamMark, _Mapping]] = ..., read: _Optional[_Union[StreamMark, _Mapping]] = ..., renew: _Optional[_Union[StreamRenew, _Mapping]] = ...) -> None: ...

class StreamStart(_message.Message):
    __slots__ = ("cursor", "user_id")
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    cursor: str
    user_id: str
    def __init__(self, cursor: _Optional[str] = ..., user_id: _Optional[str] = ...) -> None: ...

class StreamMark(_message.Message):
    __slots__ = ("conversation_id", "up_to_seq", "user_id")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    UP_TO_SEQ_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    up_to_seq: int
    user_id: str
    def __init__(self, conversation_id: _Optional[str] = ..., up_to_seq: _Optional[int] = ..., user_id: _Optional[str] = ...) -> None: ...

class StreamRenew(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class MessagesStreamResponse(_message.Message):
    __slots__ = ("request_id", "cursor", "event", "accepted", "done", "error", "caught_up", "status")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    CAUGHT_UP_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    cursor: str
    event: _events_pb2.Event
    accepted: MessagesSendResponse
    done: StreamDone
    error: _status_pb2.Status
    caught_up: StreamCaughtUp
    status: StreamStatus
    def __init__(self, request_id: _Optional[str] = ..., cursor: _Optional[str] = ..., event: _Optional[_Union[_events_pb2.Event, _Mapping]] = ..., accepted: _Optional[_Union[MessagesSendResponse, _Mapping]] = ..., done: _Optional[_Union[StreamDone, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ..., caught_up: _Optional[_Union[StreamCaughtUp, _Mapping]] = ..., status: _Optional[_Union[StreamStatus, _Mapping]] = ...) -> None: ...

class StreamDone(_message.Message):
    __slots__ = ("token_expires_at",)
    TOKEN_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    token_expires_at: _timestamp_pb2.Timestamp
    def __init__(self, token_expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class StreamCaughtUp(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StreamStatus(_message.Message):
    __slots__ = ("message_id", "conversation_id", "seq", "status", "counts")
    class CountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    conversation_id: str
    seq: int
    status: _types_pb2.MessageStatus
    counts: _containers.ScalarMap[str, int]
    def __init__(self, message_id: _Optional[str] = ..., conversation_id: _Optional[str] = ..., seq: _Optional[int] = ..., status: _Optional[_Union[_types_pb2.MessageStatus, str]] = ..., counts: _Optional[_Mapping[str, int]] = ...) -> None: ...
