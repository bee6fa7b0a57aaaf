"""How much of the server a caller may take, and a stranger."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from chat4all.caller import Caller
from chat4all.errors import Unauthenticated, Unavailable
from grpc_front import admission, receiving, room, services
from grpc_front.generated.chat4all.v1.users_pb2 import UsersGetRequest
from grpc_front.room import Room, TooManyCalls
from tests.builders import SERVICE, as_user
from tests.support.grpc_server import Client, serving
from tests.support.made_up_front import SERVING, Calls, health, plain
from tests.support.made_up_front import serving as front_of
from tests.support.matrix_world import MatrixWorld
from tests.support.raw_http2 import line

pytestmark = pytest.mark.req("RF-008")
USERS_GET = b"/chat4all.v1.Users/Get"
ANA = UsersGetRequest(user_id="ana").SerializeToString()


def port_of(server: Client) -> int:
    return int(server.address.rpartition(":")[2])


def test_who_has_no_token_is_refused_before_their_message_is_there(server: Client) -> None:
    with line(port_of(server)) as raw:
        for path in (USERS_GET, b"/chat4all.v1.Events/Subscribe", b"/chat4all.v1.Messages/Stream"):
            raw.open(path, end=False)
        ended = raw.ended(3)

    assert len(ended) == 3 and all(b"There is no token." in frame.payload for frame in ended)


def test_a_message_is_waited_for_but_not_for_ever(
    world: MatrixWorld, server: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "SOON_S", 0.2)
    monkeypatch.setattr(receiving.only, "__defaults__", (0.2,))

    with line(port_of(server)) as raw:
        raw.open(USERS_GET, bearer=world.service(), end=False)
        raw.open(USERS_GET, ANA, bearer=world.service(), end=False)
        raw.open(b"/chat4all.v1.Events/Subscribe", bearer=world.service(), end=False)
        ended = raw.ended(3)

    assert len(ended) == 3 and all(b"did not come" in frame.payload for frame in ended)


def test_a_call_has_one_message(world: MatrixWorld, server: Client) -> None:
    with line(port_of(server)) as raw:
        raw.open(USERS_GET, bearer=world.service())
        raw.open(USERS_GET, ANA, ANA, bearer=world.service())
        ended = raw.ended(2)

    assert len(ended) == 2 and all(b"has one message" in frame.payload for frame in ended)


def test_health_is_told_while_there_is_no_room(
    world: MatrixWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "IN_ALL", 0)
    with serving() as client:
        refused = client.call("Users/Get", bearer=world.service(), user_id="ana")

    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAVAILABLE, "unavailable")
    assert "RetryInfo" in refused.details


def test_nobody_keeps_a_call_to_health_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grpc_front.health.SOON_S", 0.2)

    async def scenario() -> None:
        async with front_of(Calls()) as (_, port), plain(port) as channel:
            with line(port) as raw:
                for _ in range(100):
                    raw.open(b"/grpc.health.v1.Health/Check", end=False)
                assert await health(channel) == SERVING
                ended = await asyncio.to_thread(raw.ended, 100)
            assert len(ended) == 100

    asyncio.run(scenario())


def test_answers_that_nobody_takes_count_as_their_callers_until_the_line_is_over(
    world: MatrixWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms: list[Room] = []
    monkeypatch.setattr(services, "Room", lambda: rooms.append(Room()) or rooms[-1])
    monkeypatch.setattr(room, "BYTES_OF_A_CALLER", 1000)
    token = world.user_token("ana")
    with serving() as client:
        with line(port_of(client), window=0) as greedy:
            taken = client.call("Users/Get", bearer=token, user_id="ana").message
            size = len(taken.SerializeToString())
            for _ in range(60):
                greedy.open(USERS_GET, ANA, bearer=token)
            refused = greedy.ended(60 - 1000 // size)
            held = rooms[0].bytes.total()
            again = client.call("Users/Get", bearer=token, user_id="ana")
            other = client.call("Users/Get", bearer=world.user_token("bo"), user_id="bo")
        waited_for(lambda: not rooms[0].calls)
        after = client.call("Users/Get", bearer=token, user_id="ana")

    assert all(b"Take the answers" in frame.payload for frame in refused)
    assert 1000 - size < held <= 1000
    assert (again.code, again.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "too_many_calls")
    assert other.code is after.code is grpc.StatusCode.OK
    assert not rooms[0].bytes and rooms[0].places == 0


@pytest.mark.parametrize(
    "caller, most", [(as_user("ana"), room.OF_A_USER), (SERVICE, room.OF_A_SERVICE)]
)
def test_a_caller_has_so_many_calls_at_once(caller: Caller, most: int) -> None:
    empty = Room()
    shares = [empty.take(caller) for _ in range(most)]

    with pytest.raises(TooManyCalls):
        empty.take(caller)
    shares.pop().give_back()
    empty.take(caller)


def test_strangers_have_a_part_of_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "OF_STRANGERS", 3)
    empty = Room()
    shares = [empty.take(f"203.0.113.{number}") for number in range(3)]

    with pytest.raises(TooManyCalls):
        empty.take("203.0.113.9")
    for share in shares:
        share.give_back()

    assert (empty.strangers, len(empty.calls)) == (0, 0)


def test_what_is_done_is_told_even_where_there_is_little_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "BYTES_OF_A_CALLER", 10)
    monkeypatch.setattr(room, "BYTES_IN_ALL", 15)
    share, other = Room().take("203.0.113.1"), Room()

    share.hold(b"x" * 20, done=True)
    with pytest.raises(TooManyCalls):
        share.hold(b"x", done=False)
    other.take("203.0.113.1").hold(b"x" * 10, done=False)
    with pytest.raises(Unavailable):
        other.take("203.0.113.2").hold(b"x" * 10, done=False)


def test_a_flood_of_bad_tokens_is_not_looked_at_and_known_ones_go_on(
    world: MatrixWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "REFUSED_A_SECOND", 2)
    monkeypatch.setattr(admission.Bucket.__init__, "__defaults__", (2, lambda: 0.0))
    looked_at: list[str] = []

    def verify(token: str) -> Any:
        looked_at.append(token)
        raise Unauthenticated("invalid_token", "No.")

    with serving() as client:
        known = world.service()
        client.call("Users/Get", bearer=known, user_id="ana")
        monkeypatch.setattr(admission, "verify", verify)
        answers = [client.call("Users/Get", bearer=f"bad{n}", user_id="ana") for n in range(4)]
        still = client.call("Users/Get", bearer=known, user_id="ana")

    assert [answer.reason for answer in answers] == ["invalid_token"] * 2 + ["rate_limited"] * 2
    assert looked_at == ["bad0", "bad1"]
    assert still.code is grpc.StatusCode.OK


def waited_for(happened: Callable[[], bool], seconds: float = 5) -> None:
    until = time.monotonic() + seconds
    while not happened() and time.monotonic() < until:
        time.sleep(0.02)
