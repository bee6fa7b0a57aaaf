"""A client of the gRPC API with the face of REST's: the scenarios that are about the contract run
over both. It makes real calls with the messages of the .proto files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

import grpc
import httpx
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_status import rpc_status

from grpc_front.generated.chat4all.v1 import (
    audit_pb2,
    auth_pb2,
    clients_pb2,
    conversations_pb2,
    events_pb2,
    files_pb2,
    messages_pb2,
    users_pb2,
    webhooks_pb2,
)
from infra.local.client import Api
from infra.local.running import Addresses
from tests.support.grpc_json import from_proto, to_proto
from tests.support.grpc_routes import Route, Said, problem, route_of

SECONDS = 30
"""A call may take."""
QUICKLY = [("grpc.min_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 500)]
SERVICES = {
    service.name: service
    for module in (
        audit_pb2, auth_pb2, clients_pb2, conversations_pb2, events_pb2, files_pb2, messages_pb2,
        users_pb2, webhooks_pb2,
    )
    for service in module.DESCRIPTOR.services_by_name.values()
}  # fmt: skip


@cache
def channel_to(address: str, ca_file: str = "") -> grpc.Channel:
    """One connection for all callers: each call has its own token."""
    if not ca_file:
        return grpc.insecure_channel(address, QUICKLY)
    trusted = grpc.ssl_channel_credentials(Path(ca_file).read_bytes())
    return grpc.secure_channel(address, trusted, QUICKLY)


def method_of(service: str, name: str) -> tuple[type[Message], type[Message]]:
    """What a method takes and what it answers."""
    method = SERVICES[service].methods_by_name[name]
    return GetMessageClass(method.input_type), GetMessageClass(method.output_type)


class GrpcApi(Api):
    """One caller of the gRPC API, who speaks as to REST."""

    def __init__(self, addresses: Addresses, token: str | None = None) -> None:
        self.addresses = addresses
        self.channel = channel_to(addresses.grpc_address, addresses.ca_file)
        self.token = token or ""
        if not token:
            names = ("client_id", "client_secret")
            known = {name: getattr(addresses, name) for name in names}
            self.token = str(self.ok("POST", "/auth/token", known)["access_token"])

    def without_token(self) -> GrpcApi:
        stranger = GrpcApi(self.addresses, "none")
        stranger.token = ""
        return stranger

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """What REST would have answered. A request that the .proto files cannot say is no call
        at all: Unsayable."""
        route, named = route_of(method, path)
        given = body if body is not None else options.get("json") or {}
        headers = {k.lower(): v for k, v in options.get("headers", {}).items()}
        fields = {**options.get("params", {}), **given}
        fields |= {name: unquote(value) for name, value in named.items()}
        asked = route.ask(Said(fields, headers)) if route.ask else fields
        takes, answers = method_of(*route.method.split("/"))
        request = to_proto({route.within: asked} if route.within else asked, takes())
        try:
            answer, call = self._call(route.method, answers).with_call(
                request, SECONDS, self._metadata(), wait_for_ready=True
            )
        except grpc.RpcError as error:
            told = _refused(error)
        else:
            told = _as_rest(route, answer, _headers(call))
        told.request = httpx.Request("POST", f"http://{self.addresses.grpc_address}{path}")
        return told

    def _call(self, method: str, answers: type[Message]) -> grpc.UnaryUnaryMultiCallable:
        return self.channel.unary_unary(
            f"/chat4all.v1.{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=answers.FromString,
        )

    def _metadata(self) -> list[tuple[str, str]]:
        return [("authorization", f"Bearer {self.token}")] if self.token else []


def _as_rest(route: Route, answer: Message, headers: Mapping[str, str]) -> httpx.Response:
    shown = from_proto(answer)
    if route.tell:
        told = route.tell(shown, answer)
        told.headers.update(headers)
        return told
    if route.status == 204:
        return httpx.Response(204, headers=headers)
    if route.inner:
        shown |= shown.pop(route.inner)
    if route.items:
        shown["items"] = shown.pop(route.items)
    return httpx.Response(route.status, json=shown, headers=headers)


def _refused(error: grpc.RpcError) -> httpx.Response:
    """The problem that it is; what is no answer of ours stays an error."""
    status = rpc_status.from_call(cast(grpc.Call, error))
    if status is None:
        raise error
    told = problem(status)
    return httpx.Response(told["status"], json=told, headers=_headers(cast(grpc.Call, error)))


def _headers(call: grpc.Call) -> dict[str, str]:
    found = [*(call.initial_metadata() or ()), *(call.trailing_metadata() or ())]
    return {name: value for name, value in found if isinstance(value, str)}
