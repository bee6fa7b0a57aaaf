"""Messages.Stream over a real server: both directions, and how it goes on after it broke."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest

from tests.support.stream_world import StreamWorld, a_text, reason, seqs, stream_world

pytestmark = pytest.mark.req("RF-008")


@pytest.fixture(scope="module")
def world() -> Iterator[StreamWorld]:
    with stream_world() as made:
        yield made


def test_what_was_missed_comes_first_and_then_what_happens(world: StreamWorld) -> None:
    talk_about = world.conversation("ana", "bo")
    world.say(talk_about, "bo", "one", "two")
    stream = world.stream(world.token("ana"))

    stream.say("s", start={})
    stream.caught_up()
    world.log(*world.say(talk_about, "bo", "three"))

    assert stream.answer("s").WhichOneof("frame") == "done"
    frames = stream.messages(3)
    assert seqs(frames) == [1, 2, 3]
    assert [f.event.message_accepted.payload.text.text for f in frames] == ["one", "two", "three"]
    stream.cut()


def test_whoever_comes_back_with_the_last_cursor_gets_each_message_once(
    world: StreamWorld,
) -> None:
    talk_about = world.conversation("cy", "bo")
    token = world.token("cy")
    got: list[int] = []
    first = world.stream(token)
    first.say(start={})
    first.caught_up()
    events = world.say(talk_about, "bo", *map(str, range(1, 11)))

    world.log(*events[:6])
    got += seqs(first.messages(6))
    cursor = first.cursor
    first.cut()
    second = world.stream(token)
    second.say(start={"cursor": cursor})
    world.log(*reversed(events[6:]))  # late, and in no order
    got += seqs(second.messages(4))
    second.cut()

    assert got == list(range(1, 11))


def test_what_the_log_leaves_out_comes_from_the_store(world: StreamWorld) -> None:
    talk_about = world.conversation("gil", "bo", days=1)
    stream = world.stream(world.token("gil"))
    stream.say(start={})
    stream.caught_up()

    [event] = world.say(talk_about, "bo", "for a day")
    left_out = {**event["data"], "payload": None, "payload_omitted": True}
    world.log({**event, "data": left_out})

    [frame] = stream.messages(1)
    assert frame.event.message_accepted.payload.text.text == "for a day"
    assert not frame.event.message_accepted.payload_omitted
    stream.cut()


def test_who_is_no_member_gets_nothing(world: StreamWorld) -> None:
    talk_about = world.conversation("ana", "bo")
    own = world.conversation("eve", "cy")
    stream = world.stream(world.token("eve"))
    stream.say(start={})
    stream.caught_up()

    world.log(*world.say(talk_about, "bo", "not for eve"))
    world.log(*world.say(own, "cy", "for eve"))

    [frame] = stream.messages(1)
    assert frame.event.message_accepted.payload.text.text == "for eve"
    stream.cut()


def test_a_service_follows_the_user_that_it_names_and_speaks_for_any(world: StreamWorld) -> None:
    talk_about = world.conversation("hal", "bo")
    stream = world.stream(world.service_token())

    stream.say("nobody", start={})
    stream.say("start", start={"user_id": "hal"})
    stream.caught_up()
    stream.say("send", send=a_text(talk_about, "for bo", sender="bo"))
    stream.answer("send")
    world.log(*world.route())

    assert reason(stream.answer("nobody")) == "user_required"
    assert stream.answer("send").HasField("accepted")
    [frame] = stream.messages(1)
    assert frame.event.message_accepted.sender == "bo"
    stream.cut()


def test_a_stream_that_only_sends_ends_when_all_is_answered(world: StreamWorld) -> None:
    talk_about = world.conversation("ana", "bo")
    stream = world.stream(world.token("ana"))

    stream.say("1", send=a_text(talk_about))
    stream.close()

    assert stream.ended().code is grpc.StatusCode.OK
    assert stream.answer("1") and world.route()


def test_one_that_was_started_goes_on_when_the_client_says_no_more(world: StreamWorld) -> None:
    talk_about = world.conversation("lea", "bo")
    stream = world.stream(world.token("lea"))

    stream.say(start={})
    stream.close()
    stream.caught_up()
    world.log(*world.say(talk_about, "bo", "one"))

    assert seqs(stream.messages(1)) == [1]
    stream.cut()
