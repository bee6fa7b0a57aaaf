"""The rules of buf's categories STANDARD and COMMENTS, for machines without buf. One of them is
left out: a service is named as the API's resource is, without `Service`."""

import re
from collections import Counter
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

from infra.proto.generate import OURS, PROTO
from tests.support.proto_set import files, messages, told

pytestmark = pytest.mark.req("RF-008")
PASCAL = re.compile(r"([A-Z][a-z0-9]*)+")
LOWER_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
UPPER_SNAKE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
each_file = pytest.mark.parametrize("file", files(), ids=lambda file: Path(file.name).stem)


def upper_snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


def used_types(file: FileDescriptorProto) -> set[str]:
    """Of fields, those of maps included, and of calls."""
    found: set[str] = set()
    for message in file.message_type:
        for holder in (message, *message.nested_type):
            found |= {field.type_name for field in holder.field if field.type_name}
    for service in file.service:
        found |= {name for rpc in service.method for name in (rpc.input_type, rpc.output_type)}
    return {name.lstrip(".") for name in found}


def test_all_files_are_looked_at() -> None:
    written = {str(path.relative_to(PROTO)) for path in OURS.rglob("*.proto")}

    assert {file.name for file in files()} == written
    assert len(written) >= 10


@each_file
def test_a_files_package_is_its_folder_and_has_a_version(file: FileDescriptorProto) -> None:
    assert file.syntax == "proto3"
    assert file.package == str(Path(file.name).parent).replace("/", ".")
    assert re.fullmatch(r"[a-z0-9]+(\.[a-z0-9]+)*\.v[1-9][0-9]*", file.package)
    assert LOWER_SNAKE.fullmatch(Path(file.name).stem)


@each_file
def test_what_is_imported_is_used(file: FileDescriptorProto) -> None:
    packages = {
        "google/protobuf/field_mask.proto": {"google.protobuf.FieldMask"},
        "google/protobuf/struct.proto": {"google.protobuf.Struct"},
        "google/protobuf/timestamp.proto": {"google.protobuf.Timestamp"},
        "google/rpc/status.proto": {"google.rpc.Status"},
    }
    for other in files():
        names = {name for name, _ in messages(other)} | {enum.name for enum in other.enum_type}
        packages[other.name] = {f"{other.package}.{name}" for name in names}

    unused = [name for name in file.dependency if not packages[name] & used_types(file)]

    assert unused == []
    assert not file.public_dependency and not file.weak_dependency


@each_file
def test_everything_is_documented(file: FileDescriptorProto) -> None:
    silent = [f"{part.kind} {part.name}" for part in told(file) if not part.comment]

    assert silent == []


@each_file
def test_nothing_is_defined_inside_of_a_message(file: FileDescriptorProto) -> None:
    for message in file.message_type:
        assert not message.enum_type
        assert all(inner.options.map_entry for inner in message.nested_type)


@each_file
def test_names_are_in_the_usual_case(file: FileDescriptorProto) -> None:
    case = {"field": LOWER_SNAKE, "oneof": LOWER_SNAKE, "value": UPPER_SNAKE}

    odd = [
        part.name
        for part in told(file)
        if not case.get(part.kind, PASCAL).fullmatch(part.name.split(".")[-1])
    ]

    assert odd == []


@each_file
def test_an_enums_values_have_its_name_and_begin_with_none(file: FileDescriptorProto) -> None:
    for enum in file.enum_type:
        prefix = f"{upper_snake(enum.name)}_"

        assert all(value.name.startswith(prefix) for value in enum.value)
        assert (enum.value[0].name, enum.value[0].number) == (f"{prefix}UNSPECIFIED", 0)
        assert max(Counter(value.number for value in enum.value).values()) == 1


def test_each_call_has_a_request_and_a_response_of_its_own() -> None:
    used: Counter[str] = Counter()
    for file in files():
        for service in file.service:
            for rpc in service.method:
                named = f".{file.package}.{service.name}{rpc.name}"
                used.update({rpc.input_type: 1, rpc.output_type: 1})

                assert (rpc.input_type, rpc.output_type) == (f"{named}Request", f"{named}Response")

    assert len(used) > 80
    assert set(used.values()) == {1}


def test_no_field_is_required_and_no_number_is_twice() -> None:
    for file in files():
        for _, message in messages(file):
            numbers = [field.number for field in message.field]

            assert len(set(numbers)) == len(numbers)
            assert all(f.label != FieldDescriptorProto.LABEL_REQUIRED for f in message.field)
