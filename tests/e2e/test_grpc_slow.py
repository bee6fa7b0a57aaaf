"""Readers of a stream that do not read: the server keeps nothing for them, they miss nothing."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from grpc_front.generated.chat4all.v1 import events_pb2
from infra.local.client import Api
from infra.local.running import Addresses
from tests.e2e.conftest import People
from tests.e2e.grpc_process import bugs, resident_mb
from tests.support.grpc_lines import bearer, milliseconds_ago
from tests.support.over_grpc import GrpcApi

pytestmark = pytest.mark.req("RF-008")
READERS = 16
BATCHES, BATCH = 40, 25
TEXT = "x" * 4_000
"""All messages together are 4 MB: 64 MB, if they were kept for each reader."""
MOST_MB = 32
SMALL = [("grpc.use_local_subchannel_pool", 1), ("grpc.http2.bdp_probe", 0)]
"""A connection of its own that takes 64 KB ahead of whoever reads, and does not grow."""


def test_readers_that_do_not_read_cost_no_memory_and_have_everything_when_they_do(
    stack: Addresses, api: Api, over_grpc: GrpcApi, people: People
) -> None:
    (ana, _) = people.on()
    talks = [api.conversation(ana, people.on()[0]) for _ in range(8)]
    over_grpc.ok("GET", f"/v1/users/{ana}")
    before = resident_mb(stack)
    with grpc.insecure_channel(stack.grpc_address, SMALL) as line:
        calls = [subscribed(line, over_grpc.token) for _ in range(READERS)]

        def say(batch: int) -> list[str]:
            return said(api, talks[batch % len(talks)], ana)

        with ThreadPoolExecutor(4) as pool:
            wanted = {message_id for some in pool.map(say, range(BATCHES)) for message_id in some}
        time.sleep(2)  # whoever keeps them has them by now
        grown = resident_mb(stack) - before
        came = read(calls[0], len(wanted))
        for call in calls:
            call.cancel()

    assert len(wanted) == BATCHES * BATCH
    assert sorted(wanted) == sorted(came)
    assert grown < MOST_MB, f"{grown:.0f} MB more than {before:.0f} MB"
    assert bugs(stack) == []


def subscribed(channel: grpc.Channel, token: str) -> Any:
    """A call whose answers nobody takes."""
    method = channel.unary_stream(
        "/chat4all.v1.Events/Subscribe",
        request_serializer=events_pb2.EventsSubscribeRequest.SerializeToString,
        response_deserializer=events_pb2.EventsSubscribeResponse.FromString,
    )
    asked = events_pb2.EventsSubscribeRequest(
        since=milliseconds_ago(1_000), types=["message.accepted"]
    )
    return method(asked, metadata=bearer(token))


def said(api: Api, conversation_id: str, sender: str) -> list[str]:
    messages = [
        {
            "message_id": str(uuid.uuid4()),
            "conversation_id": conversation_id,
            "from": sender,
            "payload": {"type": "text", "text": TEXT},
        }
        for _ in range(BATCH)
    ]
    answer = api.ok("POST", "/v1/messages/batch", {"messages": messages})
    return [item["message_id"] for item in answer["items"] if item["status"] == "accepted"]


def read(call: Any, count: int) -> Sequence[str]:
    """The ids of the messages, once so many have come that say what we said."""
    came: list[str] = []
    for response in call:
        told = [event.message_accepted for event in response.events]
        came += [message.message_id for message in told if message.payload.text.text == TEXT]
        if len(came) >= count:
            return came
    raise AssertionError(f"it ended after {len(came)}")
