"""REST's JSON as messages of the .proto files and back, for clients that speak of things as REST
does. It knows the .proto files and docs/grpc.md and nothing of the server's own code: what that
gets wrong shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

M = TypeVar("M", bound=Message)
LOWER = {"ConversationType", "WebhookDelivery", "PresenceStatus", "ErasureReason"}
"""Enums whose values REST writes in lower case."""
NULL_WHEN_EMPTY = {"next_cursor", "upload_url", "refresh_token", "secret", "to", "channels"}
"""Fields without presence for which REST says null."""
LONG = {FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_UINT64}


class Unsayable(Exception):
    """The .proto files have no way to say it: over gRPC it cannot even be sent."""


def to_proto(given: Mapping[str, Any], message: M) -> M:
    """Fill the message as REST's body and query would be read.

    Raises:
        Unsayable: a field that is not there, or a value of another type.
    """
    try:
        return json_format.ParseDict(_asked(given, message.DESCRIPTOR), message)
    except (json_format.ParseError, AttributeError, TypeError) as wrong:
        raise Unsayable(str(wrong)) from None


def _asked(given: Mapping[str, Any], kind: Descriptor) -> dict[str, Any]:
    named = {_ours(name, kind): value for name, value in given.items() if value is not None}
    if kind.name == "Payload":
        return {named.pop("type"): named}
    fields = kind.fields_by_name
    return {
        name: _asked_value(value, fields[name]) if name in fields else value
        for name, value in named.items()
    }


def _asked_value(value: Any, field: FieldDescriptor) -> Any:
    if isinstance(value, list):
        return [_asked_one(item, field) for item in value]
    return _asked_one(value, field)


def _asked_one(value: Any, field: FieldDescriptor) -> Any:
    if field.enum_type is not None:
        return _prefix(field.enum_type) + str(value).upper()
    if _has_fields(field) and isinstance(value, Mapping):
        return _asked(value, field.message_type)
    return value


def from_proto(message: Message) -> dict[str, Any]:
    """The message as REST would show it: what is absent is null."""
    shown = json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return _shown(shown, message.DESCRIPTOR)


def _shown(found: Mapping[str, Any], kind: Descriptor) -> dict[str, Any]:
    if kind.name == "Payload":
        [(name, of_kind)] = found.items()
        inner = kind.fields_by_name[name].message_type
        return {"type": name, **_without_nulls(_shown(of_kind, inner))}
    answer: dict[str, Any] = {}
    for field in kind.fields:
        value = found.get(field.name)
        if field.containing_oneof is not None and not _is_optional(field):
            if value is not None:  # Event.data: what its type's name says
                answer[field.containing_oneof.name] = _data(value, field)
            continue
        if field.name in NULL_WHEN_EMPTY and not value:
            value = None
        answer[_theirs(field.name)] = None if value is None else _shown_value(value, field)
    return answer


def _data(value: Mapping[str, Any], field: FieldDescriptor) -> dict[str, Any]:
    """Of an event: what does not apply is left out, not null."""
    shown = _without_nulls(_shown(value, field.message_type))
    if not shown.get("payload_omitted", True):
        del shown["payload_omitted"]
    return shown


def _shown_value(value: Any, field: FieldDescriptor) -> Any:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return dict(value)
    if isinstance(value, list):
        return [_shown_one(item, field) for item in value]
    return _shown_one(value, field)


def _shown_one(value: Any, field: FieldDescriptor) -> Any:
    if field.enum_type is not None:
        word = str(value).removeprefix(_prefix(field.enum_type))
        return word.lower() if field.enum_type.name in LOWER else word
    if field.type in LONG:
        return int(value)
    if field.message_type is None:
        return value
    if field.message_type.full_name == "google.protobuf.Timestamp":
        return value if "." in value else value.replace("Z", ".000Z")
    if field.message_type.full_name == "google.protobuf.Struct":
        return {name: _number(each) for name, each in value.items()}
    return _shown(value, field.message_type) if _has_fields(field) else value


def _number(value: Any) -> Any:
    """A Struct has doubles only; REST writes whole ones without a point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _has_fields(field: FieldDescriptor) -> bool:
    """Whether it is a message of ours: those of Google have a form of their own in JSON."""
    kind = field.message_type
    return kind is not None and kind.full_name.startswith("chat4all.")


def _is_optional(field: FieldDescriptor) -> bool:
    return bool(field.has_presence) and field.containing_oneof.name == f"_{field.name}"


def _prefix(enum: EnumDescriptor) -> str:
    """`MESSAGE_STATUS_` of MessageStatus."""
    return str(enum.values_by_number[0].name).removesuffix("UNSPECIFIED")


def _without_nulls(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value is not None}


def _ours(name: str, kind: Descriptor) -> str:
    return "sender" if name == "from" and "sender" in kind.fields_by_name else name


def _theirs(name: str) -> str:
    return "from" if name == "sender" else name


def lost(rest: Any, grpc: Any, where: str = "") -> Iterator[str]:
    """Where gRPC's JSON has not what REST's has. A null and what is not there are the same."""
    if isinstance(rest, dict) and isinstance(grpc, dict):
        for name, value in rest.items():
            yield from lost(value, grpc.get(name), f"{where}.{name}")
    elif isinstance(rest, list) and isinstance(grpc, list) and len(rest) == len(grpc):
        for number, (one, other) in enumerate(zip(rest, grpc, strict=True)):
            yield from lost(one, other, f"{where}[{number}]")
    elif rest != grpc:
        yield f"{where}: {rest!r} is {grpc!r}"
