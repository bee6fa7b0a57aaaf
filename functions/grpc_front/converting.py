"""Between .proto messages and what the operations take and give.

It goes by the descriptors: fields have the names that the models have, but for what stands here.

    .proto                         the models
    sender                         from
    MESSAGE_STATUS_SENT            SENT; of some enums in lower case
    a oneof of Payload or Event    {"type": …, …}
    Timestamp                      a time with its zone, or RFC 3339
    left out                       left out, or None
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import BaseModel

from chat4all.errors import Invalid
from chat4all.events import Event
from chat4all.message import EXACT
from chat4all.observability import logger, without_data
from grpc_front.generated.chat4all.v1 import events_pb2

M = TypeVar("M", bound=Message)
LOWER_CASE = ("ConversationType", "WebhookDelivery", "PresenceStatus", "ErasureReason")
"""Enums whose values the models have so."""
PAYLOAD = "chat4all.v1.Payload"
SENDABLE = ("text", "template", "file")
"""The kinds of a payload that a client may say."""


def to_message(view: BaseModel | Mapping[str, Any], into: M) -> M:
    """Fill a message by the names of its fields. What is None is left out, and what the message has
    no field for, too."""
    for name, value in _plain(view).items():
        field = _fields(into).get("sender" if name == "from" else name)
        if field is None or value is None:
            continue
        if field.is_repeated:
            _fill_many(into, field, value)
        elif field.message_type is not None:
            _fill_one(getattr(into, field.name), value)
        else:
            setattr(into, field.name, _told(field, value))
    return into


def to_event(event: Event) -> events_pb2.Event:
    """The event; without its data if its type is newer than the .proto file, or the data is."""
    made = events_pb2.Event(id=event["id"], type=event["type"])
    made.timestamp.FromJsonString(event["timestamp"])
    field = _fields(made).get(str(event["type"]).replace(".", "_"))
    if field is not None and field.containing_oneof is not None:
        try:
            _fill_one(getattr(made, field.name), event["data"])
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            made.ClearField(field.name)
            logger().warning(
                "event told without its data", event_id=made.id, reason=without_data(error)
            )
    return made


def _fill_many(into: Message, field: FieldDescriptor, value: Any) -> None:
    there = getattr(into, field.name)
    if _is_map(field):
        there.update(value)
    elif field.message_type is not None:
        for item in value:
            _fill_one(there.add(), item)
    else:
        there.extend(_told(field, item) for item in value)


def _fill_one(into: Message, value: Any) -> None:
    if isinstance(value, Message):
        into.CopyFrom(value)
        return
    payload = into.DESCRIPTOR.full_name == PAYLOAD
    if payload and _plain(value).get("type") not in _fields(into):
        return  # newer than the .proto file
    into.SetInParent()  # it is there, even if there is nothing in it
    if isinstance(into, Timestamp):
        into.FromJsonString(value)
    elif isinstance(into, Struct):
        into.update(_tellable(value))
    elif payload:
        said = _plain(value)
        _fill_one(getattr(into, said["type"]), said)
    elif isinstance(into, events_pb2.Event):
        into.CopyFrom(to_event(value))
    else:
        to_message(value, into)


def _plain(view: BaseModel | Mapping[str, Any]) -> Mapping[str, Any]:
    return view.model_dump(mode="json") if isinstance(view, BaseModel) else view


def _told(field: FieldDescriptor, value: Any) -> Any:
    if field.enum_type is not None:
        return _numbers(field.enum_type).get(str(value), 0)  # newer than the .proto file
    return _tellable(value) if isinstance(value, str) else value


def _tellable(value: Any) -> Any:
    """JSON that a message can hold: half a surrogate pair becomes `?`, and a whole number that no
    double is near becomes text."""
    match value:
        case str():
            return value if value.isascii() else value.encode("utf-8", "replace").decode()
        case Mapping():
            return {_tellable(name): _tellable(item) for name, item in value.items()}
        case list() | tuple():
            return [_tellable(item) for item in value]
        case int() if abs(value) >= 10**308:
            return str(value)
    return value


def from_message(message: Message, where: tuple[str, ...] = ()) -> dict[str, Any]:
    """What is there, by the names of the models; a text or number that is no `optional` and has its
    zero value is not there. `where` is the way to the message, for what is said of it.

    Raises:
        Invalid: something in it means nothing; its field is named.
    """
    found = {}
    for field, value in message.ListFields():
        way = (*where, field.name)
        if _is_map(field):
            said: Any = dict(value)
        elif field.is_repeated:
            said = [_said(field, item, (*way, str(n))) for n, item in enumerate(value)]
        else:
            said = _said(field, value, way)
        found["from" if field.name == "sender" else field.name] = said
    if message.DESCRIPTOR.full_name == PAYLOAD:
        kind = message.WhichOneof("kind")
        if kind not in SENDABLE:
            raise wrong(where, f"there must be one of {', '.join(SENDABLE)}")
        return {"type": kind, **said}
    return found


def _said(field: FieldDescriptor, value: Any, way: tuple[str, ...]) -> Any:
    if field.enum_type is not None:
        return _word(field.enum_type, value, way)
    if field.message_type is None:
        return value
    if isinstance(value, Timestamp):
        return _moment(value, way)
    if isinstance(value, Struct):
        return {name: _number_or_word(item, (*way, name)) for name, item in value.fields.items()}
    if field.message_type.full_name == "google.protobuf.FieldMask":
        return list(value.paths)
    return from_message(value, way)


def _word(enum: EnumDescriptor, number: int, way: Sequence[str]) -> str:
    words = {number: word for word, number in _numbers(enum).items()}
    if number not in words:
        raise wrong(way, f"{enum.name} has no such value")
    return words[number]


def _moment(value: Timestamp, way: Sequence[str]) -> datetime:
    try:
        return value.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise wrong(way, "this is in no calendar") from error


def _number_or_word(value: Value, way: Sequence[str]) -> str | float | bool | None:
    """A whole number is an int, as JSON's reader makes it: one message sent by both doors must be
    one message."""
    match value.WhichOneof("kind"):
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "null_value":
            return None
        case "number_value" if math.isfinite(number := value.number_value):
            return int(number) if number.is_integer() and abs(number) <= EXACT else number
    raise wrong(way, "this must be a text, a finite number, a boolean or null")


def wrong(way: Sequence[str], what: str) -> Invalid:
    """What is wrong where. Names may be the client's, so they are cut."""
    where = ".".join(way)[:200]
    errors = [{"where": where, "what": what}]
    return Invalid("invalid_request", f"{where}: {what}", errors=errors)


def _is_map(field: FieldDescriptor) -> bool:
    kind = field.message_type
    return kind is not None and bool(kind.GetOptions().map_entry)


def _fields(message: Message) -> Mapping[str, Any]:
    return message.DESCRIPTOR.fields_by_name


@cache
def _numbers(enum: EnumDescriptor) -> dict[str, int]:
    """By the words of the models: without what all of the enum's names begin with, and without the
    value that stands for nothing."""
    start = len(enum.values_by_number[0].name.removesuffix("UNSPECIFIED"))
    low = enum.name in LOWER_CASE
    words = {v.name[start:]: v.number for v in enum.values if v.number}
    return {word.lower() if low else word: number for word, number in words.items()}
