"""Messages.Stream as one more way in: each frame comes on a stream of its own, and asks what the
matrix says in REST's words."""

from __future__ import annotations

import itertools
import json
import queue
from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict
from google.rpc import error_details_pb2

from chat4all.access.rules import Rule
from grpc_front.generated.chat4all.v1 import messages_pb2
from grpc_front.streams.access import ACTIONS
from tests.support.doors import Seen
from tests.support.grpc_door import seen
from tests.support.grpc_json import Unsayable, to_proto
from tests.support.grpc_server import Client, refusal

Request, Response = messages_pb2.MessagesStreamRequest, messages_pb2.MessagesStreamResponse


class GrpcStreamDoor:
    name = "gRPC stream"
    rules: Mapping[str, Rule] = ACTIONS
    least: frozenset[str] = frozenset()
    client: Client
    """Of a server that runs; whoever walks the matrix starts it."""

    @property
    def operations(self) -> set[str]:
        """The actions that a frame can have."""
        return {field.name for field in Request.DESCRIPTOR.oneofs_by_name["action"].fields}

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
            request = to_proto({operation: body or {}}, Request())
        except Unsayable:
            request = Request()
        request.request_id = "r"
        getattr(request, operation).SetInParent()
        said: queue.Queue[Any] = queue.Queue()
        said.put(request)
        metadata = [("authorization", f"Bearer {token}")] if token else []
        open_stream = self.client.channel.stream_stream(
            "/chat4all.v1.Messages/Stream",
            request_serializer=Request.SerializeToString,
            response_deserializer=Response.FromString,
        )
        call = open_stream(iter(said.get, None), metadata=metadata, timeout=10)
        try:
            [answer] = itertools.islice((f for f in call if f.request_id == "r"), 1)
        except grpc.RpcError as error:
            return seen(refusal(error))
        finally:
            said.put(None)
            call.cancel()
        return _seen(answer)


def _seen(answer: Any) -> Seen:
    told = MessageToDict(answer, preserving_proto_field_name=True)
    if not answer.HasField("error"):
        return Seen(200, "", {}, json.dumps(told))
    info = error_details_pb2.ErrorInfo()
    answer.error.details[0].Unpack(info)
    text = json.dumps({**told, **info.metadata}, sort_keys=True)
    return Seen(int(info.metadata["http_status"]), info.reason, {}, text)
