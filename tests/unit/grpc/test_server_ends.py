"""How the server ends, and connections grow old."""

from __future__ import annotations

import asyncio

import grpc
import pytest

from grpc_front.server import OPTIONS, Front
from tests.support.made_up_front import (
    ANY_PORT,
    NOT_SERVING,
    Calls,
    echo,
    health,
    plain,
    serving,
)

pytestmark = pytest.mark.req("RF-008")


def test_at_the_end_health_says_so_first_and_calls_that_run_are_answered() -> None:
    async def scenario() -> None:
        calls = Calls(waits=0.5)
        lingering = ANY_PORT.model_copy(update={"linger": 0.2})
        async with serving(calls, lingering) as (front, port), plain(port) as channel:
            running = asyncio.ensure_future(echo(channel, b"begun before"))
            await asyncio.sleep(0.1)
            stopping = asyncio.create_task(front.stop())
            await asyncio.sleep(0.05)
            during = await health(channel)
            late = asyncio.ensure_future(echo(channel, b"sent before the balancer knew"))
            answers = await asyncio.gather(running, late)
            await stopping
            assert during == NOT_SERVING
            assert answers == [b"begun before", b"sent before the balancer knew"]
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await echo(channel, b"too late")
            assert refused.value.code() is grpc.StatusCode.UNAVAILABLE

    asyncio.run(scenario())


def test_at_the_end_streams_are_told_where_to_go_on() -> None:
    async def scenario() -> None:
        calls = Calls()
        async with serving(calls) as (front, port), plain(port) as channel:
            stream = channel.unary_stream("/test/Flow")(b"")
            assert await stream.read() == b"begun"
            stopping = asyncio.create_task(front.stop())
            with pytest.raises(grpc.aio.AioRpcError, match="draining at cursor 7"):
                await stream.read()
            await stopping

    asyncio.run(scenario())


def test_a_call_that_does_not_end_does_not_keep_the_process() -> None:
    async def scenario() -> float:
        async with serving(Calls(waits=30)) as (front, port), plain(port) as channel:
            running = asyncio.ensure_future(echo(channel, b"slow"))
            await asyncio.sleep(0.1)
            began = asyncio.get_running_loop().time()
            await front.stop(grace=0.3)
            with pytest.raises(grpc.aio.AioRpcError):
                await running
            return asyncio.get_running_loop().time() - began

    assert asyncio.run(scenario()) < 2


def test_a_connection_grows_old_and_the_calls_on_it_notice_nothing() -> None:
    aging = dict(OPTIONS) | {"grpc.max_connection_age_ms": 300}

    async def scenario() -> None:
        calls = Calls()
        async with serving(calls, options=list(aging.items())) as (_, port), plain(port) as channel:
            stream = channel.unary_stream("/test/Flow")(b"")
            assert await stream.read() == b"begun"
            for number in range(20):
                assert await echo(channel, b"%d" % number) == b"%d" % number
                await asyncio.sleep(0.05)
            assert not stream.done(), "it has the grace"

    asyncio.run(scenario())


def test_one_that_never_became_ready_ends_at_once() -> None:
    async def scenario() -> None:
        calls = Calls()
        front = Front(ANY_PORT, calls.handlers(), calls.drain)
        front.open()
        await asyncio.wait_for(front.stop(), 2)

    asyncio.run(scenario())
