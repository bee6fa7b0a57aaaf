"""Calls that no library would send, and which the server outlives."""

from __future__ import annotations

import asyncio

import grpc
import pytest

from tests.support.made_up_front import SERVING, Calls, echo, health, plain, serving
from tests.support.raw_http2 import line

pytestmark = pytest.mark.req("RF-008")
NO_TEXT = b"/\xff"


def poke(port: int, times: int, path: bytes = NO_TEXT) -> int:
    with line(port) as raw:
        for _ in range(times):
            raw.open(path, b"")
        return len(raw.ended(times))


def test_a_path_that_is_no_text_ends_its_own_call_alone() -> None:
    async def scenario() -> None:
        async with serving(Calls(waits=0.5)) as (_, port), plain(port) as channel:
            stream = channel.unary_stream("/test/Flow")(b"")
            assert await stream.read() == b"begun"
            running = asyncio.ensure_future(echo(channel, b"meanwhile"))
            await asyncio.sleep(0.1)
            assert await asyncio.to_thread(poke, port, 150) == 150
            assert await running == b"meanwhile"
            assert await health(channel) == SERVING
            assert not stream.done()

    asyncio.run(scenario())


def test_the_server_ends_as_ever_when_such_a_call_has_come() -> None:
    async def scenario() -> float:
        async with serving(Calls(waits=0.3)) as (front, port), plain(port) as channel:
            await asyncio.to_thread(poke, port, 1)
            running = asyncio.ensure_future(echo(channel, b"last"))
            await asyncio.sleep(0.1)
            began = asyncio.get_running_loop().time()
            await front.stop()
            assert await running == b"last"
            return asyncio.get_running_loop().time() - began

    assert asyncio.run(scenario()) < 2


def test_an_authority_that_is_no_text_harms_nobody() -> None:
    async def scenario() -> None:
        async with serving(Calls()) as (_, port), plain(port) as channel:
            with line(port) as raw:
                raw.open(b"/test/Echo", b"", authority=b"\xff\xfe")
                await asyncio.to_thread(raw.ended, 1, 1)
            assert await echo(channel, b"still here") == b"still here"

    asyncio.run(scenario())


def test_a_path_that_nothing_has_is_told() -> None:
    async def scenario() -> None:
        async with serving(Calls()) as (_, port), plain(port) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await channel.unary_unary("/test/Nothing")(b"")
            assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED

    asyncio.run(scenario())


def test_whatever_else_ends_the_taking_of_calls_is_logged_and_it_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bugs: list[Exception] = []
    monkeypatch.setattr("grpc_front.accepting.log_bug", bugs.append)

    async def scenario() -> None:
        async with serving(Calls()) as (_, port), plain(port) as channel:
            with monkeypatch.context() as broken:
                broken.setattr("grpc_front.accepting._Taker._next", fails)
                await echo(channel, b"the next one is taken by what fails")
                await asyncio.sleep(0.3)
            assert await echo(channel, b"again") == b"again"

    asyncio.run(scenario())
    assert bugs and {type(bug) for bug in bugs} == {ZeroDivisionError}


async def fails(self: object) -> None:
    raise ZeroDivisionError
