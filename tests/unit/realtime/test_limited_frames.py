"""What counts towards a user's minute over a socket."""

import pytest
from realtime_harness import RealtimeWorld

from chat4all.access.limits import LIVE_PER_MINUTE, RateLimited
from tests.builders import an_id

pytestmark = pytest.mark.req("RNF-009")


def a_limited_talk(world: RealtimeWorld, limit: int) -> tuple[str, str]:
    conversation = world.conversation("ana", "bo")
    world.talk(conversation, "bo", 3)
    world.verifier.requests_per_minute = limit
    return conversation, world.connect("ana")


def hello(conversation: str, number: int) -> dict:
    payload = {"type": "text", "text": "hello"}
    return {"message_id": an_id(number), "conversation_id": conversation, "payload": payload}


def test_sending_and_reading_count_and_one_too_many_is_refused(world: RealtimeWorld) -> None:
    conversation, ana = a_limited_talk(world, 2)

    [sent] = world.says(ana, "send", message=hello(conversation, 101))
    [read] = world.says(ana, "read", conversation_id=conversation, up_to_seq=1)
    [refused] = world.says(ana, "send", request_id="r", message=hello(conversation, 102))

    assert (sent["type"], read["type"]) == ("accepted", "ok")
    assert (refused["type"], refused["request_id"]) == ("error", "r")
    problem = refused["problem"]
    assert (problem["status"], problem["code"]) == (429, "rate_limited")
    assert 1 <= problem["retry_after"] <= 60
    assert an_id(102) not in world.store.messages


def test_acknowledging_and_signs_of_life_do_not_count(world: RealtimeWorld) -> None:
    conversation, ana = a_limited_talk(world, 1)

    for seq in (1, 2, 3):
        [acked] = world.says(ana, "ack", conversation_id=conversation, up_to_seq=seq)
        assert acked["type"] == "ok"
    world.says(ana, "typing", conversation_id=conversation)
    world.says(ana, "ping")
    world.says(ana, "resume")

    assert world.says(ana, "send", message=hello(conversation, 101))[0]["type"] == "accepted"


def test_coming_resuming_and_renewing_are_counted_apart(world: RealtimeWorld) -> None:
    conversation, ana = a_limited_talk(world, 1)

    for number in range(LIVE_PER_MINUTE // 4):
        world.connect("ana", f"again-{number}")
        world.connecting.disconnect(f"again-{number}")
        world.clock.advance(1)  # within the minute
        world.says(ana, "resume")
        world.says(ana, "renew", token="ana")
        world.says(ana, "renew", token="ana")
    refused = [world.says(ana, "resume"), world.says(ana, "renew", token="ana")]

    for [answer] in refused:
        assert answer["problem"]["code"] == "rate_limited"
        assert 1 <= answer["problem"]["retry_after"] <= 60
    with pytest.raises(RateLimited):
        world.connect("ana", "once more")
    assert world.connections.get("once more") is None
    assert world.says(ana, "ping")[0]["type"] == "pong"
    assert (
        world.says(ana, "typing", request_id="r", conversation_id=conversation)[0]["type"] == "ok"
    )
    assert world.says(ana, "ack", conversation_id=conversation, up_to_seq=1)[0]["type"] == "ok"
    assert world.says(ana, "send", message=hello(conversation, 101))[0]["type"] == "accepted"


def test_who_came_too_often_comes_again_in_the_next_minute(world: RealtimeWorld) -> None:
    world.user("ana")
    for number in range(LIVE_PER_MINUTE):
        world.connect("ana", f"c-{number}")
        world.connecting.disconnect(f"c-{number}")
    with pytest.raises(RateLimited):
        world.connect("ana", "too many")

    world.clock.advance(60)

    assert world.connect("ana", "later")


def test_all_connections_of_a_user_share_the_minute(world: RealtimeWorld) -> None:
    conversation, ana = a_limited_talk(world, 1)
    other = world.connect("ana", "ana-2")

    world.says(ana, "send", message=hello(conversation, 101))
    [refused] = world.says(other, "send", message=hello(conversation, 102))

    assert refused["problem"]["code"] == "rate_limited"


def test_a_new_token_brings_its_own_limit(world: RealtimeWorld) -> None:
    conversation, ana = a_limited_talk(world, 1)
    world.says(ana, "send", message=hello(conversation, 101))
    world.verifier.requests_per_minute = 5

    world.says(ana, "renew", token="ana")

    assert world.says(ana, "send", message=hello(conversation, 102))[0]["type"] == "accepted"
