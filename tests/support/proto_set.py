"""proto/ as protoc sees it, and the frozen list of what is in it.

`python -m tests.support.proto_set` adds what is new to the list. It takes nothing away: clients
that were built from an older copy of proto/ know it by these numbers.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
)

from infra.proto.generate import compiled

FROZEN = Path(__file__).parents[1] / "frozen_proto.txt"
Field = FieldDescriptorProto


class Told(NamedTuple):
    """Something in a file that has a name, and what the comment above it says."""

    kind: str
    """message, field, oneof, enum, value, service or rpc."""
    name: str
    """With the name of what it is in: `Event.type`."""
    comment: str


@cache
def files() -> tuple[FileDescriptorProto, ...]:
    """The files of proto/, with the places of their comments.

    Raises:
        RuntimeError: protoc refuses them.
    """
    with tempfile.TemporaryDirectory() as folder:
        compiled(Path(folder, "set"), "--descriptor_set_out={}", "--include_source_info")
        return tuple(FileDescriptorSet.FromString(Path(folder, "set").read_bytes()).file)


def messages(file: FileDescriptorProto) -> Iterator[tuple[str, DescriptorProto]]:
    """Nested ones with the name of what they are in; without those that stand for a map."""

    def walk(prefix: str, found: DescriptorProto) -> Iterator[tuple[str, DescriptorProto]]:
        name = f"{prefix}{found.name}"
        yield name, found
        for inner in found.nested_type:
            if not inner.options.map_entry:
                yield from walk(f"{name}.", inner)

    for message in file.message_type:
        yield from walk("", message)


def told(file: FileDescriptorProto) -> Iterator[Told]:
    """Everything that wants a comment. There are no nested messages and enums in proto/, which
    a test holds."""
    said = {tuple(place.path): place.leading_comments for place in file.source_code_info.location}

    def of(kind: str, name: str, *path: int) -> Told:
        return Told(kind, name, said.get(path, "").strip())

    for m, message in enumerate(file.message_type):
        yield of("message", message.name, 4, m)
        for f, field in enumerate(message.field):
            yield of("field", f"{message.name}.{field.name}", 4, m, 2, f)
        for o, oneof in enumerate(message.oneof_decl):
            if not oneof.name.startswith("_"):  # what `optional` makes
                yield of("oneof", f"{message.name}.{oneof.name}", 4, m, 8, o)
    for e, enum in enumerate(file.enum_type):
        yield of("enum", enum.name, 5, e)
        for v, value in enumerate(enum.value):
            yield of("value", f"{enum.name}.{value.name}", 5, e, 2, v)
    for s, service in enumerate(file.service):
        yield of("service", service.name, 6, s)
        for r, rpc in enumerate(service.method):
            yield of("rpc", f"{service.name}.{rpc.name}", 6, s, 2, r)


def lines() -> list[str]:
    """What clients depend on: fields, values and calls, by name, number and type."""
    found = []
    for file in files():
        for name, message in messages(file):
            found += [f"{file.package}.{name}.{_field(message, field)}" for field in message.field]
        for enum in file.enum_type:
            place = f"{file.package}.{enum.name}"
            found += [f"{place}.{value.name} = {value.number}" for value in enum.value]
        for service in file.service:
            place = f"{file.package}.{service.name}"
            found += [f"{place}/{_call(rpc)}" for rpc in service.method]
    return found


def _field(message: DescriptorProto, field: FieldDescriptorProto) -> str:
    kind = field.type_name.lstrip(".") or Field.Type.Name(field.type)[5:].lower()
    oneof = field.HasField("oneof_index") and not field.proto3_optional
    how = [
        "repeated" if field.label == Field.LABEL_REPEATED else "",
        "optional" if field.proto3_optional else "",
        f"oneof {message.oneof_decl[field.oneof_index].name}" if oneof else "",
    ]
    return " ".join(filter(None, [f"{field.name} = {field.number}", *how, kind]))


def _call(rpc: MethodDescriptorProto) -> str:
    sent = "stream " * rpc.client_streaming + rpc.input_type.lstrip(".")
    answered = "stream " * rpc.server_streaming + rpc.output_type.lstrip(".")
    return f"{rpc.name} ({sent}) -> ({answered})"


def frozen() -> list[str]:
    return FROZEN.read_text(encoding="utf-8").splitlines()


def main() -> int:
    before = frozen() if FROZEN.exists() else []
    if gone := [line for line in before if line not in lines()]:
        sys.stderr.write("\n".join(["This was there, and clients depend on it:", *gone, ""]))
        return 1
    FROZEN.write_text("".join(f"{line}\n" for line in lines()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
