"""What a client says, and what it hears in answer."""

import json

import pytest
from realtime_harness import RealtimeWorld

from chat4all.errors import Unavailable
from chat4all.realtime.frames import MAX_FRAME_BYTES
from chat4all.receipts import Status
from tests.builders import an_id

pytestmark = pytest.mark.req("RF-009")


def a_talk(world: RealtimeWorld, messages: int = 0) -> tuple[str, str]:
    conversation = world.conversation("ana", "bo")
    world.talk(conversation, "bo", messages)
    return conversation, world.connect("ana")


def hello(conversation: str) -> dict:
    return {
        "message_id": an_id(7),
        "conversation_id": conversation,
        "payload": {"type": "text", "text": "hello"},
    }


def test_sending_is_accepted_as_over_http(world: RealtimeWorld) -> None:
    conversation, ana = a_talk(world)
    frame = {"request_id": "r-1", "message": hello(conversation)}

    [first] = world.says(ana, "send", **frame)
    [again] = world.says(ana, "send", **frame)

    accepted = {"type": "accepted", "request_id": "r-1", "message_id": an_id(7)}
    assert first == {**accepted, "replayed": False}
    assert again == {**accepted, "replayed": True}
    assert world.store.messages[an_id(7)].sender == "ana"


def test_acknowledging_delivers_and_reading_reads(world: RealtimeWorld) -> None:
    conversation, ana = a_talk(world, 2)
    [first, second] = sorted(world.store.placed.values(), key=lambda r: r.seq)

    assert world.says(ana, "ack", conversation_id=conversation, up_to_seq=2) == [{"type": "ok"}]
    assert world.status(second.message_id) is Status.DELIVERED
    assert world.says(ana, "read", conversation_id=conversation, up_to_seq=1) == [{"type": "ok"}]
    assert world.status(first.message_id) is Status.READ
    assert world.status(second.message_id) is Status.DELIVERED


def test_typing_is_announced_and_answered_if_asked_for(world: RealtimeWorld) -> None:
    conversation, ana = a_talk(world)

    quiet = world.says(ana, "typing", conversation_id=conversation)
    heard = world.says(ana, "typing", conversation_id=conversation, typing=False, request_id="r")

    assert (quiet, heard) == ([], [{"type": "ok", "request_id": "r"}])
    assert [e["type"] for e in world.announcer.events] == ["typing", "typing"]
    assert [e["data"] for e in world.announcer.events] == [
        {"conversation_id": conversation, "user_id": "ana", "typing": typing}
        for typing in (True, False)
    ]
    assert len({e["id"] for e in world.announcer.events}) == 2


def test_whoever_types_without_a_pause_is_told_of_once_a_second(world: RealtimeWorld) -> None:
    conversation, ana = a_talk(world)

    for milliseconds in (0, 999, 1, 500):
        world.clock.advance(milliseconds / 1000)
        assert world.says(ana, "typing", conversation_id=conversation, request_id="r")
    world.says(ana, "typing", conversation_id=conversation, typing=False)

    told = [e["data"]["typing"] for e in world.announcer.events]
    assert told == [True, True, False]


@pytest.mark.req("RNF-009")
def test_typing_and_stopping_in_turn_is_told_of_no_more_often(world: RealtimeWorld) -> None:
    conversation, ana = a_talk(world)

    for number in range(100):
        world.says(ana, "typing", conversation_id=conversation, typing=number % 2 == 0)

    assert [e["data"]["typing"] for e in world.announcer.events] == [True, False]


def test_a_ping_is_a_sign_of_life_that_is_noted_once_a_minute(world: RealtimeWorld) -> None:
    _, ana = a_talk(world)
    seen = []
    for seconds in (59, 1, 59, 1):
        world.clock.advance(seconds)
        [pong] = world.says(ana, "ping")
        assert pong["type"] == "pong" and pong["at"].endswith("Z")
        connection = world.connections.get(ana)
        assert connection is not None
        seen.append((connection.seen_at - connection.connected_at) // 1000)

    assert seen == [0, 60, 60, 120]


def test_a_new_token_prolongs_a_connection(world: RealtimeWorld) -> None:
    _, ana = a_talk(world)
    world.clock.advance(800)

    [ok] = world.says(ana, "renew", token="ana", request_id="r")
    world.clock.advance(800)
    [pong] = world.says(ana, "ping")

    assert (ok["type"], ok["request_id"]) == ("ok", "r")
    assert pong["type"] == "pong"


@pytest.mark.parametrize("token", ["bo", "expired", "service:ana"])
def test_another_token_does_not(world: RealtimeWorld, token: str) -> None:
    _, ana = a_talk(world)

    [refused] = world.says(ana, "renew", token=token)

    assert refused["type"] == "error"
    assert world.sockets.closed == []


def test_with_an_expired_token_one_is_told_so_and_the_connection_ends(
    world: RealtimeWorld,
) -> None:
    conversation, ana = a_talk(world, 1)
    world.clock.advance(901)

    [refused] = world.says(ana, "read", conversation_id=conversation, up_to_seq=1)

    assert refused["problem"]["code"] == "invalid_token"
    assert world.sockets.closed == [ana]
    assert world.connections.get(ana) is None
    assert world.store.members[conversation, "ana"].read_seq == 0


def test_a_connection_that_nobody_knows_is_ended(world: RealtimeWorld) -> None:
    assert world.says("unknown", "ping") == []
    assert world.sockets.closed == ["unknown"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "bad_json"),
        ("{", "bad_json"),
        ("\x00", "bad_json"),
        ("[" * 30_000, "bad_json"),
        ('{"a":' * 6_000, "bad_json"),
        ("x" * (MAX_FRAME_BYTES + 1), "body_too_large"),
        ("null", "invalid_request"),
        ("[]", "invalid_request"),
        ("{}", "invalid_request"),
        ('{"action": "dance"}', "invalid_request"),
        ('{"action": ["ping"]}', "invalid_request"),
        ('{"action": "\\ud800"}', "invalid_request"),
        ('{"action": "ping", "request_id": "\\ud800", "\\udfff": 1}', "invalid_request"),
        (json.dumps({"action": "ping", "x" * 30_000: 1}), "invalid_request"),
        ('{"action": "read", "conversation_id": 1, "up_to_seq": 1e999}', "bad_json"),
        ('{"action": "ping", "action": "ping"}', "bad_json"),
        ('{"action": "ping", "n": ' + "9" * 5000 + "}", "bad_json"),
        ('{"action": "ping", "more": 1}', "invalid_request"),
        ('{"action": "ping", "request_id": 1}', "invalid_request"),
        ('{"action": "read", "conversation_id": "x", "up_to_seq": 1}', "invalid_request"),
        ('{"action": "resume", "cursor": "x"}', "bad_cursor"),
        ('{"action": "resume", "conversations": {}}', "invalid_request"),
        ('{"action": "send", "message": {}}', "invalid_request"),
        (json.dumps({"action": "send", "message": hello(an_id(1))}), "conversation_not_found"),
        (
            json.dumps({"action": "typing", "conversation_id": an_id(1)}),
            "conversation_not_found",
        ),
    ],
)
def test_what_cannot_be_done_is_answered_and_the_connection_stays(
    world: RealtimeWorld, body: str, code: str
) -> None:
    _, ana = a_talk(world)

    [refused] = world.says_raw(ana, body)

    problem = refused["problem"]
    assert (refused["type"], problem["code"]) == ("error", code)
    assert len(json.dumps(refused)) < 20_000
    assert problem["type"] == f"urn:chat4all:problem:{code}"
    assert problem["status"] and problem["title"] and problem["detail"]
    assert world.says(ana, "ping")[0]["type"] == "pong"


def test_a_refusal_names_the_request_and_not_what_was_said(world: RealtimeWorld) -> None:
    _, ana = a_talk(world)

    [refused] = world.says(ana, "send", request_id="r-9", message={"payload": "my secret"})

    assert refused["request_id"] == "r-9"
    assert "my secret" not in json.dumps(refused)


def test_what_others_said_is_none_of_a_strangers_business(world: RealtimeWorld) -> None:
    conversation, _ = a_talk(world, 1)
    world.user("eve")
    eve = world.connect("eve")

    codes = [
        world.says(eve, action, conversation_id=conversation, up_to_seq=1)[0]["problem"]["code"]
        for action in ("read", "ack")
    ]

    assert codes == ["conversation_not_found"] * 2


def test_when_something_is_down_one_is_told_to_say_it_again(
    world: RealtimeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, ana = a_talk(world)

    def down(*given: object) -> None:
        raise Unavailable("queue inbound: no answer")

    monkeypatch.setattr(world.queue, "send", down)

    [refused] = world.says(ana, "send", request_id="r", message=hello(conversation))

    assert (refused["request_id"], refused["problem"]["code"]) == ("r", "unavailable")
    assert "inbound" not in json.dumps(refused)


def test_an_answer_that_reaches_nobody_is_no_error(world: RealtimeWorld) -> None:
    _, ana = a_talk(world)
    frame = json.dumps({"action": "ping"})
    world.sockets.down = {ana}
    assert world.acting.act(ana, frame) == "unanswered"
    world.sockets.down, world.sockets.gone = set(), {ana}
    assert world.acting.act(ana, frame) == "gone"
