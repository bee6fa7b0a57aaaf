"""Whatever a message says, the answer is one that docs/errors.md knows: no bug, and no silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat4all.adapters.memory.webhooks import MemoryResolver
from chat4all.bootstrap import webhooks
from tests.cloud import cloud
from tests.support.grpc_server import METHODS, Client, serving
from tests.support.matrix_world import MatrixWorld

pytestmark = pytest.mark.req("RF-008")
UNARY = sorted(name for name, of in METHODS.items() if not of.server_streaming)
DEEP = 4
ODD = (
    "",
    "#",
    "*",
    "null",
    "\x00",
    "\ufffe\uffff",
    "é\u0301",
    "👩\u200d👩\u200d👧",
    "../v1/users",
    "urn:uuid:00000000-0000-4000-8000-000000000404",
    "٣" * 40,
    "a" * 5_000,
    "http://169.254.169.254/",
)
EDGES = (0, 1, -1, 100, 101, 10_000, 2**31 - 1, -(2**31))
LONG = (*EDGES, 2**53, 2**63 - 1, -(2**63), 10**15)
SHORT = {FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_UINT32, FieldDescriptor.TYPE_ENUM}
DOUBLES = st.sampled_from((0.0, -0.0, 0.1, 1e308, float("inf"), float("nan"), 2.0**53))
THINGS: dict[str, str] = {}
"""What there is, by the fields that name it."""


@pytest.fixture(scope="module")
def door() -> Iterator[tuple[Client, str]]:
    with cloud() as stack, serving() as client, pytest.MonkeyPatch.context() as patch:
        patch.setattr(webhooks, "_resolver", lambda: MemoryResolver({}))
        webhooks.webhooks.cache_clear()
        world = MatrixWorld(stack)
        THINGS.update(
            conversation_id=world.group,
            message_id=world.message,
            user_id="bo",
            sender="ana",
            to="bo",
            members="cy",
            file_id=world.upload,
            webhook_id=world.webhook,
            client_id=world.fresh_client(),
            types="message.sent",
            channels="app",
            scopes="users",
        )
        yield client, world.service()


@st.composite
def messages(draw: st.DrawFn, kind: Descriptor, depth: int = 0) -> Message:
    """One of this kind with some of its fields; most name things that there are."""
    made = GetMessageClass(kind)()
    for field in kind.fields:
        if depth > DEEP or not draw(st.booleans()):
            continue
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            value = field.message_type.fields_by_name["value"].message_type
            for name in draw(st.lists(texts("key"), max_size=3)):
                getattr(made, field.name)[name].CopyFrom(draw(messages(value, depth + 1)))
        elif field.is_repeated:
            several = draw(st.lists(values(field, depth), max_size=3))
            getattr(made, field.name).extend(several)
        elif field.message_type is not None:
            getattr(made, field.name).CopyFrom(draw(messages(field.message_type, depth + 1)))
        else:
            setattr(made, field.name, draw(values(field, depth)))
    return made


def texts(name: str) -> st.SearchStrategy[str]:
    there = st.builds(lambda: THINGS.get(name, "x"))
    return st.one_of(there, there, st.sampled_from(ODD), st.text(max_size=20))


def values(field: FieldDescriptor, depth: int) -> st.SearchStrategy[Any]:
    if field.message_type is not None:
        return messages(field.message_type, depth + 1)
    if field.type == FieldDescriptor.TYPE_STRING:
        return texts(field.name)
    if field.type == FieldDescriptor.TYPE_BOOL:
        return st.booleans()
    if field.type == FieldDescriptor.TYPE_DOUBLE:
        return DOUBLES
    if field.type == FieldDescriptor.TYPE_ENUM and field.enum_type.full_name.startswith("google"):
        return st.just(0)
    return st.sampled_from(EDGES if field.type in SHORT else LONG)


@pytest.mark.parametrize("name", UNARY)
def test_no_message_is_a_bug_of_ours(door: tuple[Client, str], name: str) -> None:
    client, token = door
    ask = asking(client, name, token)

    settings(
        max_examples=25,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )(given(messages(METHODS[name].input_type))(ask))()


def asking(client: Client, name: str, token: str) -> Callable[[Message], None]:
    def ask(message: Message) -> None:
        answered = client.call(name, message, bearer=token, timeout=5)

        assert answered.code is grpc.StatusCode.OK or answered.reason, (answered, message)
        assert answered.code not in (
            grpc.StatusCode.INTERNAL,
            grpc.StatusCode.UNAVAILABLE,
            grpc.StatusCode.DEADLINE_EXCEEDED,
        ), message

    return ask


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("raw", [b"\xff", b"\x0a\xff\xff\xff\xff\x0f", b"\x00"])
def test_bytes_that_are_no_message_are_refused(
    door: tuple[Client, str], name: str, raw: bytes
) -> None:
    client, token = door

    answered = client.call(name, raw, bearer=token)

    assert answered.reason, answered
    assert answered.code is grpc.StatusCode.INVALID_ARGUMENT
