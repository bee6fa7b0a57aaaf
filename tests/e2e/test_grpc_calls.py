"""Calls of the running gRPC server as strange clients make them: without time, without the .proto
files; and what it shows beside what REST shows."""

from __future__ import annotations

import uuid

import grpc
import httpx
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from grpc_front.generated.chat4all.v1 import messages_pb2
from infra.local.client import Api, Sandbox, wait_until
from infra.local.running import Addresses
from tests.e2e.conftest import People
from tests.e2e.uploads import PNG, send_file, upload
from tests.support.grpc_json import lost
from tests.support.grpc_lines import a_text, bearer
from tests.support.over_grpc import GrpcApi

pytestmark = pytest.mark.req("RF-008")


def test_whatever_rest_shows_is_shown_over_grpc(
    stack: Addresses,
    api: Api,
    over_grpc: GrpcApi,
    sandbox: Sandbox,
    people: People,
) -> None:
    (ana, _), (bo, bos), (cy, _) = people.on(), people.on("whatsapp"), people.on()
    as_ana = api.as_user(ana)
    body = {"type": "group", "members": [ana, bo, cy], "metadata": {"n": 1, "s": "é", "no": None}}
    talk = api.ok("POST", "/v1/conversations", body)["conversation_id"]
    file = upload(as_ana, PNG + b"of Ana")["file_id"]
    first = api.send(talk, ana, "Olá 👋", metadata={"priority": 1.5}, to=[bo], channels=["all"])
    last = send_file(api, talk, ana, file, caption="Look!")
    sandbox.writes(bos["whatsapp"], "whatsapp", "from a channel")
    for message_id in (first, last):
        wait_until(lambda m=message_id: api.message(m)["counts"]["read"], "Bo to read")  # type: ignore[misc]
    wait_until(lambda: len(api.history(talk)) == 3, "what Bo wrote")
    api.ok("POST", f"/v1/conversations/{talk}/read", {"user_id": cy, "up_to_seq": 1})
    hook = {"url": "http://127.0.0.1:9999/nobody", "types": ["user.erased"], "description": "x"}
    webhook = api.ok("POST", "/v1/webhooks", hook)["webhook_id"]
    paths = [
        f"/v1/messages/{first}",
        f"/v1/messages/{last}",
        f"/v1/conversations/{talk}",
        f"/v1/conversations/{talk}/messages",
        f"/v1/conversations/{talk}/messages?limit=1&since=1",
        f"/v1/conversations?user_id={ana}",
        f"/v1/sync?user_id={cy}",
        f"/v1/users/{bo}",
        f"/v1/users/{bo}/presence",
        f"/v1/files/{file}",
        f"/v1/webhooks/{webhook}",
        f"/v1/clients/{stack.client_id}",
        "/v1/audit?limit=5&action=webhook.created",
        "/.well-known/jwks.json",
    ]
    paths += [f"/v1/messages/{uuid.uuid4()}", f"/v1/conversations/{talk}/messages?cursor=none"]

    try:
        for path in paths:
            url = httpx.URL(path)
            given = {"params": dict(url.params)}
            rest, other = (door.call("GET", url.path, **given) for door in (api, over_grpc))
            assert rest.status_code == other.status_code, path
            of_rest_alone = ("type", "title") if rest.is_error else ("next_cursor",)
            expected = {k: v for k, v in rest.json().items() if k not in of_rest_alone}
            assert list(lost(expected, other.json())) == [], path
    finally:
        api.ok("DELETE", f"/v1/webhooks/{webhook}")


def test_a_call_without_time_ends_and_its_retry_is_the_same_message(
    api: Api, over_grpc: GrpcApi, people: People
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation, message_id = api.conversation(ana, bo), str(uuid.uuid4())
    request = messages_pb2.MessagesSendRequest(message=a_text(conversation, ana, "x", message_id))
    send = over_grpc.channel.unary_unary(
        "/chat4all.v1.Messages/Send",
        request_serializer=messages_pb2.MessagesSendRequest.SerializeToString,
        response_deserializer=messages_pb2.MessagesSendResponse.FromString,
    )

    codes = []
    for milliseconds in (1, 2, 4, 8, 16, 32, 64, 128):
        answer = send.future(request, milliseconds / 1000, metadata=bearer(over_grpc.token))
        codes.append(answer.code())
    last = send(request, 30, metadata=bearer(over_grpc.token))

    assert codes[0] is grpc.StatusCode.DEADLINE_EXCEEDED
    assert set(codes) <= {grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.OK}
    assert last.message_id == message_id
    wait_until(lambda: api.message(message_id)["seq"], "its place")
    assert [m["message_id"] for m in api.history(conversation)] == [message_id]


def test_a_client_that_has_no_proto_files_asks_the_server_for_them(
    api: Api, over_grpc: GrpcApi, people: People
) -> None:
    """As grpcurl does: list, describe, then call with JSON."""
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)

    database = ProtoReflectionDescriptorDatabase(over_grpc.channel)
    services = set(database.get_services())
    method = (
        DescriptorPool(database).FindServiceByName("chat4all.v1.Messages").FindMethodByName("Send")
    )
    asked = {
        "message": {
            "conversation_id": conversation,
            "sender": ana,
            "payload": {"text": {"text": "by reflection"}},
            "metadata": {"tool": "grpcurl"},
        }
    }
    call = over_grpc.channel.unary_unary(
        "/chat4all.v1.Messages/Send",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=GetMessageClass(method.output_type).FromString,
    )
    request = json_format.ParseDict(asked, GetMessageClass(method.input_type)())
    answer = call(request, 30, metadata=bearer(over_grpc.token))

    ours = {
        f"chat4all.v1.{name}"
        for name in (
            "Audit", "Auth", "Clients", "Conversations", "Events", "Files", "Messages", "Users",
            "Webhooks",
        )
    }  # fmt: skip
    assert services - ours <= {
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
        "grpc.reflection.v1.ServerReflection",
    }
    assert ours < services
    assert api.message(answer.message_id)["metadata"] == {"tool": "grpcurl"}
