"""Who is there, and who may know it."""

import pytest
from realtime_harness import RealtimeWorld

from chat4all.errors import NotFound
from chat4all.realtime.presence import PresenceView
from tests.builders import SERVICE, as_user

pytestmark = pytest.mark.req("RF-009")


def test_somebody_is_online_while_there_are_signs_of_life(world: RealtimeWorld) -> None:
    world.user("ana")
    ana = world.connect("ana")
    begun = world.clock.now()

    views = []
    for seconds in (0, 180, 1):
        world.clock.advance(seconds)
        views.append(world.presence.show(SERVICE, "ana"))
    world.says(ana, "ping")
    back = world.presence.show(SERVICE, "ana")

    assert [v.online for v in views] == [True, True, False]
    assert {v.last_seen_at for v in views} == {begun}
    assert back == PresenceView("ana", online=True, last_seen_at=world.clock.now())


def test_one_of_several_devices_is_enough(world: RealtimeWorld) -> None:
    world.user("ana")
    world.connect("ana", "c-1")
    world.connect("ana", "c-2")

    world.connecting.disconnect("c-1")
    one_left = world.presence.show(SERVICE, "ana")
    world.clock.advance(5)
    world.connecting.disconnect("c-2")
    none_left = world.presence.show(SERVICE, "ana")

    assert one_left.online
    assert none_left == PresenceView("ana", online=False, last_seen_at=world.clock.now())


def test_somebody_who_was_never_there_was_never_seen(world: RealtimeWorld) -> None:
    world.user("ana")

    assert world.presence.show(SERVICE, "ana") == PresenceView("ana", False, None)


def test_who_may_know_it(world: RealtimeWorld) -> None:
    world.conversation("ana", "bo")
    world.conversation("ana", "cy", "di")
    world.user("eve")

    for allowed in ("ana", "bo", "cy", "di"):
        assert world.presence.show(as_user(allowed), "ana").user_id == "ana"
    for caller, whom in ((as_user("eve"), "ana"), (as_user("bo"), "cy"), (SERVICE, "nobody")):
        with pytest.raises(NotFound) as refused:
            world.presence.show(caller, whom)
        assert refused.value.code == "user_not_found"


def test_whoever_left_the_only_common_group_knows_no_more(world: RealtimeWorld) -> None:
    group = world.conversation("ana", "bo", "cy")
    world.conversations.leave(SERVICE, group, "cy")

    with pytest.raises(NotFound):
        world.presence.show(as_user("cy"), "ana")
