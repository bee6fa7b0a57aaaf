"""What the server allows, and what it tells without a token."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2_grpc
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest

from grpc_front.server import MAX_REQUEST_BYTES, OPTIONS, Front
from grpc_front.services import services
from tests.support.made_up_front import (
    ANY_PORT,
    SERVING,
    Calls,
    echo,
    health,
    plain,
    serving,
)

pytestmark = pytest.mark.req("RF-008")


def test_nobody_is_answered_before_it_is_ready_and_then_health_is_told_of_every_service() -> None:
    async def scenario() -> None:
        calls = Calls()
        front = Front(ANY_PORT, calls.handlers(), calls.drain)
        async with plain(front.open()) as channel:
            early = asyncio.ensure_future(health(channel))
            await asyncio.sleep(0.2)
            assert not early.done()
            await front.start()
            assert await early == SERVING
            names = ["", *(service.full_name for service in services())]
            assert [await health(channel, name) for name in names] == [SERVING] * len(names)
            assert "chat4all.v1.Messages" in names and "chat4all.v1.Events" in names
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await health(channel, "chat4all.v1.Nothing")
            assert refused.value.code() is grpc.StatusCode.NOT_FOUND
        await front.stop(grace=0)

    asyncio.run(scenario())


def test_nobody_keeps_a_call_open_without_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grpc_front.server.REFLECTION_S", 0.2)

    async def scenario() -> None:
        async with serving(Calls()) as (_, port), plain(port) as channel:
            watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await watch.read()
            assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
            asking = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo()
            await asking.write(ServerReflectionRequest(list_services=""))
            assert (await asking.read()).list_services_response.service
            with pytest.raises(grpc.aio.AioRpcError, match="Open another line"):
                await asking.read()

    asyncio.run(scenario())


def test_a_request_that_is_too_large_is_refused_and_the_line_goes_on() -> None:
    async def scenario() -> None:
        async with serving(Calls()) as (_, port), plain(port) as channel:
            assert len(await echo(channel, b"x" * MAX_REQUEST_BYTES)) == MAX_REQUEST_BYTES
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await echo(channel, b"x" * (MAX_REQUEST_BYTES + 1))
            assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert await echo(channel, b"still here") == b"still here"

    asyncio.run(scenario())


def test_a_request_that_would_grow_when_unpacked_is_not_unpacked() -> None:
    async def scenario() -> None:
        async with (
            serving(Calls()) as (_, port),
            plain(port, compression=grpc.Compression.Gzip) as channel,
        ):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await echo(channel, b"\0" * 50_000_000)
            assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED

    asyncio.run(scenario())


def test_clients_may_ping_every_ten_seconds_and_those_who_are_gone_are_noticed() -> None:
    said = dict(OPTIONS)

    assert said["grpc.http2.min_recv_ping_interval_without_data_ms"] == 10_000
    assert said["grpc.keepalive_permit_without_calls"] == 1
    assert said["grpc.keepalive_time_ms"] + said["grpc.keepalive_timeout_ms"] <= 60_000
    longest_token = 15 * 60_000
    assert said["grpc.max_connection_age_grace_ms"] > longest_token
