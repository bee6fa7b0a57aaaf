"""What a client does on a stream: each frame has its own answer, and ends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from chat4all.bootstrap.parts import conversation_store
from chat4all.errors import Unavailable
from tests.builders import an_id
from tests.support.forging import altered
from tests.support.stream_world import StreamWorld, a_text, reason, stream_world

pytestmark = pytest.mark.req("RF-008")


@pytest.fixture(scope="module")
def world() -> Iterator[StreamWorld]:
    with stream_world() as made:
        made.conversation("ana", "bo")
        yield made


def test_sends_are_answered_in_their_order_and_one_that_is_wrong_stops_no_other(
    world: StreamWorld,
) -> None:
    talk_about = world.conversation("di", "bo")
    stream = world.stream(world.token("di"))

    for number in range(30):
        words = "" if number == 7 else f"message {number}"
        stream.say(f"r{number}", send=a_text(talk_about, words, message_id=an_id(100 + number)))
    stream.close()

    assert stream.ended().code is grpc.StatusCode.OK
    assert [f.request_id for f in stream.frames] == [f"r{n}" for n in range(30)]
    assert [f.request_id for f in stream.of("error")] == ["r7"]
    assert reason(stream.of("error")[0]) == "invalid_request"
    placed = sorted(world.route(), key=lambda e: e["data"]["seq"])
    assert [e["data"]["message_id"] for e in placed] == [
        an_id(100 + n) for n in range(30) if n != 7
    ]


def test_a_repeat_is_the_same_message(world: StreamWorld) -> None:
    talk_about = world.conversation("ed", "bo")
    stream = world.stream(world.token("ed"))
    message = a_text(talk_about, message_id=an_id(1))

    stream.say("1", send=message)
    stream.answer("1")
    stream.say("2", send=message)

    assert not stream.answer("1").accepted.replayed
    assert stream.answer("2").accepted.replayed
    world.route()
    stream.cut()


def test_acknowledging_delivers_and_reading_reads(world: StreamWorld) -> None:
    talk_about = world.conversation("flo", "bo")
    world.say(talk_about, "bo", "one", "two")
    stream = world.stream(world.token("flo"))
    mark = {"conversation_id": talk_about, "up_to_seq": 2}

    stream.say("a", ack=mark)
    stream.say("r", read={**mark, "up_to_seq": 1})
    stream.say("x", read={**mark, "up_to_seq": 3})

    assert reason(stream.answer("x")) == "seq_not_reached"
    member = conversation_store().members(talk_about)["flo"]
    assert (member.delivered_seq, member.read_seq) == (2, 1)
    stream.cut()


def test_a_service_marks_for_the_user_for_whom_it_started_unless_it_names_another(
    world: StreamWorld,
) -> None:
    talk_about = world.conversation("gil", "hal", "bo")
    world.say(talk_about, "bo", "one", "two")
    stream = world.stream(world.service_token())
    mark = {"conversation_id": talk_about, "up_to_seq": 2}

    stream.say("early", read=mark)
    stream.say("s", start={"user_id": "gil"})
    stream.say("a", ack=mark)
    stream.say("r", read={**mark, "up_to_seq": 1})
    stream.say("h", read={**mark, "user_id": "hal"})

    assert stream.answer("h").HasField("done")
    assert reason(stream.answer("early")) == "user_required"
    members = conversation_store().members(talk_about)
    assert (members["gil"].delivered_seq, members["gil"].read_seq) == (2, 1)
    assert members["hal"].read_seq == 2
    stream.cut()


def test_a_frame_that_is_refused_ends_nothing(world: StreamWorld) -> None:
    stream = world.stream(world.token("ana"))

    stream.say("nothing")
    stream.say("another's", start={"user_id": "bo"})
    stream.say("no cursor", start={"cursor": "x"})
    stream.say("start", start={})
    stream.say("again", start={})

    assert reason(stream.answer("nothing")) == "invalid_request"
    assert reason(stream.answer("another's")) == "not_yourself"
    assert reason(stream.answer("no cursor")) == "bad_cursor"
    assert stream.answer("start").HasField("done")
    assert reason(stream.answer("again")) == "already_started"
    stream.cut()


def test_another_tokens_owner_cannot_renew(world: StreamWorld) -> None:
    stream = world.stream(world.token("ana"))

    stream.say("bo's", renew={"token": world.token("bo")})
    stream.say("a service's", renew={"token": altered(world.token("ana"), kind="service")})
    stream.say("own", renew={"token": world.token("ana")})

    assert reason(stream.answer("bo's")) == "invalid_token"
    assert reason(stream.answer("a service's")) == "invalid_token"
    assert stream.answer("own").done.token_expires_at.seconds > 0
    stream.cut()


def test_each_action_wants_its_scopes_and_a_renewed_token_counts_at_once(
    world: StreamWorld,
) -> None:
    talk_about = world.conversation("ida", "bo")
    token = world.token("ida")
    stream = world.stream(altered(token, scope="messages:write"))

    stream.say("start", start={})
    stream.say("renew", renew={"token": altered(token, scope="messages:read conversations")})
    stream.say("start again", start={})
    stream.say("send", send=a_text(talk_about))
    stream.say("too narrow", renew={"token": altered(token, scope="messages:write")})

    assert reason(stream.answer("start")) == "insufficient_scope"
    assert stream.answer("start again").HasField("done")
    assert reason(stream.answer("send")) == "insufficient_scope"
    assert reason(stream.answer("too narrow")) == "insufficient_scope"
    stream.cut()


def test_sends_and_reads_take_from_the_minute_and_acknowledging_does_not(
    world: StreamWorld,
) -> None:
    talk_about = world.conversation("jo", "bo")
    world.say(talk_about, "bo", "one")
    stream = world.stream(altered(world.token("jo"), rpm=3))
    mark = {"conversation_id": talk_about, "up_to_seq": 1}

    for number in range(6):
        stream.say(f"s{number}", send=a_text(talk_about))
    stream.say("read", read=mark)
    stream.say("ack", ack=mark)

    assert stream.answer("ack").HasField("done")
    world.route()
    refused = [f.request_id for f in stream.of("error")]
    # Two minutes may have passed by.
    assert refused[-1:] == ["read"] and 1 < len(refused) <= 4
    assert {reason(f) for f in stream.of("error")} == {"rate_limited"}
    stream.cut()


def test_opening_starting_and_renewing_are_limited_together(
    world: StreamWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []
    monkeypatch.setattr("grpc_front.streams.acting.take_live", lambda c: taken.append(c.subject))
    stream = world.stream(world.token("ana"))

    stream.say("start", start={})
    stream.say("renew", renew={"token": world.token("ana")})
    stream.say("ack", ack={"conversation_id": an_id(3), "up_to_seq": 1})
    stream.answer("ack")

    assert taken == ["ana"] * 3
    stream.cut()


def test_a_frame_is_told_when_something_under_us_is_down_and_the_stream_goes_on(
    world: StreamWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk_about = world.conversation("kim", "bo")
    stream = world.stream(world.token("kim"))

    def down(*_: Any) -> None:
        raise Unavailable("down")

    with monkeypatch.context() as patched:
        patched.setattr("chat4all.api.messages.send_each", down)
        stream.say("1", send=a_text(talk_about, message_id=an_id(2)))
        first = stream.answer("1")
    stream.say("2", send=a_text(talk_about, message_id=an_id(2)))

    assert reason(first) == "unavailable"
    assert stream.answer("2").accepted.message_id == an_id(2)
    world.route()
    stream.cut()


def test_a_bug_is_told_as_one_and_ends_nothing(
    world: StreamWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = world.stream(world.token("kim"))

    def broken(*_: Any) -> None:
        raise RuntimeError("secret words")

    with monkeypatch.context() as patched:
        patched.setattr("chat4all.api.conversations.delivered", broken)
        stream.say("1", ack={"conversation_id": an_id(3), "up_to_seq": 1})
        first = stream.answer("1")
    stream.say("2", ack={"conversation_id": an_id(3), "up_to_seq": 1})

    assert reason(first) == "internal_error"
    assert "secret" not in str(first)
    assert reason(stream.answer("2")) == "conversation_not_found"
    stream.cut()
