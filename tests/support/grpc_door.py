"""The gRPC front as one more way in: a real server, asked what the matrix says in REST's words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from chat4all.access.rules import Rule
from grpc_front import methods
from tests.support.doors import Seen
from tests.support.grpc_json import Unsayable, to_proto
from tests.support.grpc_routes import ROUTES, Said
from tests.support.grpc_server import METHODS, Answered, Client

NO_MESSAGE = b"\xff\xff"


class NoStreams:
    """Whoever gets as far as a stream finds it over at once: the matrix is about who gets there."""

    def __init__(self, pool: Any) -> None: ...

    async def subscribe(self, *_: Any) -> None: ...

    async def stream(self, *_: Any) -> None: ...


class GrpcDoor:
    name = "gRPC"
    rules: Mapping[str, Rule] = {
        name.removeprefix(f"{methods.PACKAGE}."): method.rule
        for name, method in methods.METHODS.items()
    }
    least: frozenset[str] = frozenset()
    client: Client
    """Of a server that runs; whoever walks the matrix starts it."""

    @property
    def operations(self) -> set[str]:
        """What the .proto files say, which is what is served."""
        return set(METHODS)

    def refusal(self, column: str) -> tuple[int, str]:
        return 401, "invalid_token"

    def ask(
        self,
        operation: str,
        token: str | None,
        ids: Mapping[str, str],
        body: Any,
        query: Mapping[str, str],
    ) -> Seen:
        try:
            asked: Message | bytes = request_of(operation, ids, body, query)
        except Unsayable:
            asked = NO_MESSAGE
        if METHODS[operation].server_streaming:
            return seen(self.client.stream(operation, asked, bearer=token))
        return seen(self.client.call(operation, asked, bearer=token))


def request_of(operation: str, ids: Mapping[str, str], body: Any, query: Mapping[str, str]) -> Any:
    """What a row says in REST's words. Raises Unsayable."""
    method, of = methods.METHODS[f"{methods.PACKAGE}.{operation}"], METHODS[operation]
    named = {name: ids[name] for name in re.findall(r"{(\w+)}", method.route)}
    fields = {**named, **query, **(body or {})}
    request = GetMessageClass(of.input_type)()
    if method.route not in ROUTES or of.server_streaming:
        return to_proto(fields, request)
    said = ROUTES[method.route]
    if said.ask and "no" not in fields:
        fields = said.ask(Said(fields, {}))
    return to_proto({said.within: fields} if said.within else fields, request)


def seen(answered: Answered) -> Seen:
    """Everything that came, but for the call's own id."""
    trailers = {k: v for k, v in answered.trailers.items() if isinstance(v, str)}
    trailers.pop("x-request-id", None)
    if answered.message is not None:
        told = MessageToDict(answered.message, preserving_proto_field_name=True)
        return Seen(200, "", {}, json.dumps({**told, **trailers}))
    details = {kind: MessageToDict(detail) for kind, detail in answered.details.items()}
    metadata = details.get("ErrorInfo", {}).get("metadata", {})
    told = {"code": answered.code.name, "words": answered.words, **details, **metadata, **trailers}
    return Seen(answered.http_status, answered.reason, {}, json.dumps(told, sort_keys=True))
