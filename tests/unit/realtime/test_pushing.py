"""Events reach the sockets of those whom they concern, and nobody else's."""

import pytest
from realtime_harness import RealtimeWorld

from chat4all.events import Event, event_id
from chat4all.timestamps import iso
from tests.builders import SERVICE, an_id

pytestmark = pytest.mark.req("RF-009")
PEOPLE = ("ana", "bo", "cy", "eve")


def an_event(world: RealtimeWorld, kind: str, *, ago: float = 0, **data) -> Event:
    at = world.clock.now() - int(ago * 1000)
    return {"id": event_id(at, kind), "type": kind, "timestamp": iso(at), "data": data}


def connected(world: RealtimeWorld) -> str:
    """Everybody is, for a while already; the conversation of ana, bo and cy."""
    group = world.conversation("ana", "bo", "cy")
    world.user("eve")
    for name in PEOPLE:
        world.connect(name)
    world.clock.advance(60)
    return group


def hearing(world: RealtimeWorld) -> set[str]:
    return {name for name in PEOPLE if world.heard(f"{name}-1")}


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("message.accepted", {"from": "ana"}, {"ana", "bo", "cy"}),
        ("message.received", {"from": "ana"}, set()),
        ("message.sent", {"from": "ana", "user_id": "bo"}, {"ana"}),
        ("message.delivered", {"from": "ana", "user_id": "bo"}, {"ana"}),
        ("message.read", {"from": "ana", "user_id": "bo"}, {"ana"}),
        ("message.failed", {"from": "ana", "user_id": "bo"}, {"ana"}),
        ("conversation.created", {}, {"ana", "bo", "cy"}),
        ("conversation.updated", {}, {"ana", "bo", "cy"}),
        ("conversation.read", {"user_id": "bo"}, {"ana", "bo", "cy"}),
        ("conversation.delivered", {"user_id": "bo"}, {"ana", "bo", "cy"}),
        ("member.joined", {"user_id": "bo"}, {"ana", "bo", "cy"}),
        ("member.left", {"user_id": "eve"}, set(PEOPLE)),
        ("typing", {"user_id": "ana"}, {"bo", "cy"}),
        ("user.updated", {"user_id": "eve"}, {"eve"}),
        ("file.ready", {"owner": "bo"}, {"bo"}),
        ("file.rejected", {"owner": None}, set()),
        ("endpoint.disabled", {"webhook_id": "w"}, set()),
        ("presence", {"user_id": "ana", "status": "online"}, {"bo", "cy"}),
        ("presence", {"user_id": "eve", "status": "online"}, set()),
        ("what comes later", {}, set()),
    ],
)
def test_who_hears_of_what(world: RealtimeWorld, kind: str, data: dict, expected) -> None:
    group = connected(world)
    event = an_event(world, kind, conversation_id=group, **data)

    pushed = world.pushing.push({"r-1": event})

    assert hearing(world) == expected
    assert all(world.heard(f"{name}-1") == [event] for name in expected)
    assert (pushed.failed, pushed.posts) == (set(), len(expected))


def test_all_of_somebodys_devices_hear_it(world: RealtimeWorld) -> None:
    group = connected(world)
    world.connect("bo", "bo-2")
    world.clock.advance(60)

    world.pushing.push({"r-1": an_event(world, "message.accepted", conversation_id=group)})

    assert len(world.heard("bo-1")) == len(world.heard("bo-2")) == 1


def test_a_batch_reaches_each_in_its_order(world: RealtimeWorld) -> None:
    group = connected(world)
    events = {
        f"r-{n}": an_event(world, "message.accepted", conversation_id=group, seq=n)
        for n in range(10)
    }

    world.pushing.push(events)

    for name in ("ana", "bo", "cy"):
        assert [e["data"]["seq"] for e in world.heard(f"{name}-1")] == list(range(10))


def test_whoever_is_gone_is_forgotten(world: RealtimeWorld) -> None:
    group = connected(world)
    world.sockets.gone = {"bo-1"}

    pushed = world.pushing.push(
        {"r-1": an_event(world, "typing", conversation_id=group, user_id="cy")}
    )

    assert (pushed.failed, pushed.gone) == (set(), 1)
    assert world.connections.get("bo-1") is None
    assert world.connections.of_users(["bo"])["bo"].connections == {}


def test_whoever_is_about_to_come_is_waited_for(world: RealtimeWorld) -> None:
    """Its connection is written down before the handshake ends, and until then it is gone."""
    group = connected(world)
    world.connect("bo", "bo-2")
    world.sockets.gone = {"bo-2"}
    event = an_event(world, "message.accepted", conversation_id=group)

    pushed = world.pushing.push({"r-1": event})
    world.sockets.gone = set()
    again = world.pushing.push({"r-1": event})

    assert pushed.failed == {"r-1"}
    assert again.failed == set()
    assert world.heard("bo-2") == [event]


def test_who_cannot_be_reached_now_is_tried_again_and_the_others_are_not_kept_waiting(
    world: RealtimeWorld,
) -> None:
    group = connected(world)
    world.sockets.down = {"bo-1"}
    events = {
        "r-1": an_event(world, "message.accepted", conversation_id=group),
        "r-2": an_event(world, "user.updated", user_id="ana"),
    }

    pushed = world.pushing.push(events)

    assert pushed.failed == {"r-1"}
    assert hearing(world) == {"ana", "cy"}


def test_nobody_is_pushed_to_beyond_the_life_of_their_token(world: RealtimeWorld) -> None:
    group = connected(world)
    world.clock.advance(900)

    world.pushing.push({"r-1": an_event(world, "message.accepted", conversation_id=group)})

    [told] = world.heard("bo-1")
    assert (told["type"], told["problem"]["code"]) == ("error", "invalid_token")
    assert "bo-1" in world.sockets.closed
    assert world.connections.get("bo-1") is None


@pytest.mark.parametrize(
    ("kind", "seconds", "reached"),
    [
        ("message.accepted", 600, True),
        ("message.accepted", 601, False),
        ("typing", 30, True),
        ("typing", 31, False),
    ],
)
def test_what_waited_too_long_is_not_pushed(
    world: RealtimeWorld, kind: str, seconds: float, reached: bool
) -> None:
    group = connected(world)
    event = an_event(world, kind, ago=seconds, conversation_id=group, user_id="ana")

    pushed = world.pushing.push({"r-1": event})

    assert (pushed.failed, pushed.old) == (set(), int(not reached))
    assert bool(world.heard("bo-1")) is reached


def test_a_receipt_of_which_the_provider_told_late_is_pushed(world: RealtimeWorld) -> None:
    connected(world)
    read = {
        **an_event(world, "message.read", **{"from": "ana"}),
        "timestamp": "2025-01-01T00:00:00Z",
    }

    world.pushing.push({"r-1": read})

    assert world.heard("ana-1") == [read]


def test_a_broken_event_holds_up_no_other(world: RealtimeWorld) -> None:
    group = connected(world)
    broken = {
        "r-1": {"id": "1", "type": "typing", "timestamp": "yesterday", "data": {}},
        "r-2": an_event(world, "typing"),
        "r-3": an_event(world, "message.sent", conversation_id=group),
        "r-4": an_event(world, "message.accepted", conversation_id={"an": "object"}),
    }
    event = an_event(world, "message.accepted", conversation_id=group)

    pushed = world.pushing.push({**broken, "r-5": event})

    assert pushed.failed == set(broken)
    assert world.heard("bo-1") == [event]


def test_nothing_is_posted_about_what_does_not_exist(world: RealtimeWorld) -> None:
    connected(world)

    pushed = world.pushing.push(
        {"r-1": an_event(world, "message.accepted", conversation_id=an_id(5))}
    )

    assert (pushed.failed, pushed.posts) == (set(), 0)


def test_a_user_has_the_presence_of_fifty_conversations_at_most(world: RealtimeWorld) -> None:
    for number in range(55):
        world.clock.advance(3600)
        world.conversation("ana", f"peer-{number}")
    for number in range(55):
        world.connect(f"peer-{number}", f"c-{number}")

    world.pushing.push({"r-1": an_event(world, "presence", user_id="ana", status="online")})

    assert {n for n in range(55) if world.heard(f"c-{n}")} == set(range(5, 55))


def test_a_conversation_that_was_left_is_heard_of_no_more(world: RealtimeWorld) -> None:
    group = connected(world)
    world.conversations.leave(SERVICE, group, "cy")

    world.pushing.push({"r-1": an_event(world, "message.accepted", conversation_id=group)})

    assert hearing(world) == {"ana", "bo"}
