"""How a stream ends, and that nothing is lost by it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import grpc
import pytest

from chat4all.api import users
from chat4all.events.envelope import made
from tests.builders import SERVICE, an_id
from tests.support.forging import altered
from tests.support.stream_world import StreamWorld, a_text, seqs, stream_world

pytestmark = pytest.mark.req("RF-008")


@pytest.fixture
def world() -> Iterator[StreamWorld]:
    with stream_world() as made:
        yield made


def test_it_ends_with_the_token_and_says_where_to_go_on(world: StreamWorld) -> None:
    talk_about = world.conversation("ana", "bo")
    token = world.token("ana")
    stream = world.stream(altered(token, exp=int(time.time()) + 2))
    stream.say(start={})
    world.log(*world.say(talk_about, "bo", "one"))
    stream.messages(1)

    end = stream.ended()

    assert (end.code, end.reason) == (grpc.StatusCode.UNAUTHENTICATED, "invalid_token")
    assert end.details["ErrorInfo"].metadata["cursor"] == stream.cursor
    later = world.stream(token)
    later.say(start={"cursor": stream.cursor})
    world.log(*world.say(talk_about, "bo", "two"))
    assert seqs(later.messages(1)) == [2]
    later.cut()


def test_one_that_was_told_nothing_says_the_cursor_that_it_began_with(
    world: StreamWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.conversation("ana", "bo")
    first, idle = world.stream(world.token("ana")), world.stream(world.token("ana"))
    first.say(start={})
    first.caught_up()
    idle.say("x")
    idle.answer("x")
    monkeypatch.setattr("chat4all.streaming.inbox.Inbox.step", lambda _: [])
    second = world.stream(world.token("ana"))
    second.say("s", start={"cursor": first.cursor})
    second.answer("s")

    world.drain()

    assert second.ended().details["ErrorInfo"].metadata["cursor"] == first.cursor
    assert "cursor" not in idle.ended().details["ErrorInfo"].metadata


def test_a_renewed_token_lets_it_go_on(world: StreamWorld) -> None:
    world.conversation("ana", "bo")
    token = world.token("ana")
    stream = world.stream(altered(token, exp=int(time.time()) + 2))
    stream.say("renew", renew={"token": token})
    stream.answer("renew")

    time.sleep(2.5)
    stream.say("start", start={})

    assert stream.answer("start").HasField("done")
    stream.cut()


def test_who_is_erased_hears_nothing_more(world: StreamWorld) -> None:
    talk_about = world.conversation("ana", "bo")
    token = world.token("bo")
    stream = world.stream(token)
    stream.say(start={})
    world.log(*world.say(talk_about, "ana", "one"))
    stream.messages(1)

    users.erase(SERVICE, "bo")
    world.log(made("user.erased", int(time.time() * 1000), ("bo",), {"user_id": "bo"}))

    end = stream.ended()
    assert (end.code, end.reason) == (grpc.StatusCode.UNAUTHENTICATED, "invalid_token")
    later = world.stream(token)
    later.say("start", start={})
    assert later.answer("start").error.message == "There is no such user."
    later.cut()


def test_when_the_process_goes_down_what_was_said_is_answered_first(world: StreamWorld) -> None:
    talk_about = world.conversation("ana", "bo")
    stream = world.stream(world.token("ana"))
    stream.say("start", start={})
    stream.caught_up()
    stream.say("send", send={**a_text(talk_about), "message_id": an_id(1)})
    stream.answer("send")

    began = time.monotonic()
    world.drain()
    end = stream.ended()

    assert time.monotonic() - began < 2
    assert (end.code, end.reason) == (grpc.StatusCode.UNAVAILABLE, "draining")
    assert end.details["ErrorInfo"].metadata["cursor"] == stream.cursor
    refused = world.stream(world.token("ana")).ended()
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAVAILABLE, "draining")


def test_who_does_not_read_is_cut_off_and_others_are_not_held_up(
    world: StreamWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grpc_front.streams.writing.SLOWEST_S", 1.0)
    talk_about = world.conversation("ana", "bo")
    world.say(talk_about, "bo", *["\N{GRINNING FACE}" * 4096] * 40)  # 16 KB each
    slow = world.stream(world.token("ana"), reads=False)
    slow.say(start={})
    other = world.stream(world.token("bo"))
    other.say(start={})

    assert seqs(other.messages(40)) == list(range(1, 41))
    time.sleep(2)
    slow.read()
    end = slow.ended()

    assert (end.code, end.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "slow_reader")
    assert end.details["ErrorInfo"].metadata["cursor"] == slow.cursor
    got = seqs(slow.messages())
    again = world.stream(world.token("ana"))
    again.say(start={"cursor": slow.cursor})
    assert got + seqs(again.messages(40 - len(got))) == list(range(1, 41))
    again.cut()
    other.cut()


def test_a_stream_that_nobody_reads_ends_without_a_bug_and_keeps_its_place(
    world: StreamWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("grpc_front.streams.writing.SLOWEST_S", 0.3)
    monkeypatch.setattr("grpc_front.errors.ENDING_S", 0.3)
    monkeypatch.setattr("grpc_front.streams.places.OF_A_CALLER", 1)
    talk_about = world.conversation("ana", "bo")
    world.say(talk_about, "bo", *["\N{GRINNING FACE}" * 4096] * 40)
    slow = world.stream(world.token("ana"), reads=False)

    slow.say(start={})
    time.sleep(2)

    another = world.stream(world.token("ana"))
    assert another.ended().reason == "too_many_streams"
    assert [record for record in caplog.records if record.name.startswith("grpc")] == []
    slow.call.cancel()


def test_bytes_that_are_no_message_end_it(world: StreamWorld) -> None:
    world.conversation("ana", "bo")
    stream = world.stream(world.token("ana"))

    stream.say_raw(b"\xff\xff\xff")

    assert (stream.ended().code, stream.ended().reason) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "bad_message",
    )
