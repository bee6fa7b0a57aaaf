"""What is posted again from the log: named events, and ranges."""

from __future__ import annotations

import pytest

from chat4all.errors import Conflict, Invalid, NotFound
from chat4all.webhooks.endpoint import EndpointPatch
from tests.builders import SERVICE
from tests.support.webhook_world import STARTED, World, an_event

pytestmark = pytest.mark.req("RF-009")
SECOND, MINUTE = 1_000, 60_000


def test_named_events_are_queued_again_whatever_the_filter_says(world: World) -> None:
    webhook_id = world.an_endpoint(types=["typing"])
    world.log.add(STARTED, an_event(1), an_event(2), an_event(3))

    begun = world.attempting.replay_events(SERVICE, webhook_id, ["event-3", "event-1", "event-3"])

    queued = world.queued()
    assert [job.event["id"] for job in queued] == ["event-3", "event-1"]
    assert begun.queued == 2
    assert {job.replay for job in queued} == {begun.replay_id}


def test_a_replay_is_no_repeat_of_what_was_queued_before(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.log.add(STARTED, an_event())
    world.happens(an_event())

    for _ in range(2):
        world.attempting.replay_events(SERVICE, webhook_id, ["event-1"])

    assert len(world.queued()) == 3


def test_if_some_are_not_in_the_log_none_is_queued_and_they_are_named(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.log.add(STARTED, an_event(1))

    with pytest.raises(NotFound) as caught:
        world.attempting.replay_events(SERVICE, webhook_id, ["event-1", "event-2", "event-9"])

    assert caught.value.code == "event_not_found"
    assert caught.value.extra == {"event_ids": ["event-2", "event-9"]}
    assert world.queued() == []


def replayed(world: World) -> list[str]:
    """All that comes of a replay's jobs, as time passes."""
    found: list[str] = []
    while waiting := world.delayed.waiting:
        world.clock.advance(max(later.seconds for later in waiting))
        world.queues(world.delayed.take())
        found += [job.event["id"] for job in world.queued()]
    return found


def test_a_range_is_posted_again_as_far_as_the_endpoint_wants_it(world: World) -> None:
    webhook_id = world.an_endpoint(types=["message.read"])
    for number in range(6):
        kind = "message.read" if number % 2 else "message.sent"
        world.log.add(STARTED - (10 - number) * MINUTE, an_event(number, kind))

    since, until = STARTED - 9 * MINUTE, STARTED - 6 * MINUTE
    begun = world.attempting.replay_range(SERVICE, webhook_id, since, until)

    assert begun.queued is None
    assert replayed(world) == ["event-1", "event-3"]


def test_a_long_range_goes_on_page_by_page_without_loss(world: World) -> None:
    webhook_id = world.an_endpoint()
    events = [an_event(number) for number in range(350)]
    world.log.add(STARTED - MINUTE, *events)

    world.attempting.replay_range(SERVICE, webhook_id, STARTED - 2 * MINUTE, None)

    assert replayed(world) == [event["id"] for event in events]


def test_the_last_seconds_of_a_range_come_when_the_log_is_settled(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.log.add(STARTED - 10 * SECOND, an_event(1))
    world.log.add(STARTED - 2 * SECOND, an_event(2))

    world.attempting.replay_range(SERVICE, webhook_id, STARTED - MINUTE, None)
    world.queues(world.delayed.take())
    assert [job.event["id"] for job in world.queued()] == ["event-1"]
    world.log.add(STARTED - SECOND, an_event(3))
    world.log.add(STARTED + SECOND, an_event(4))

    assert replayed(world) == ["event-2", "event-3"]


def test_a_page_that_is_read_twice_is_queued_once(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.log.add(STARTED - MINUTE, an_event())
    world.attempting.replay_range(SERVICE, webhook_id, STARTED - 2 * MINUTE, STARTED - 6 * SECOND)
    [job] = world.delayed.take()

    world.queues([job, job])
    world.queues([job])

    assert len(world.queued()) == 1


def test_a_replay_ends_with_its_endpoint(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.log.add(STARTED - MINUTE, an_event())
    world.attempting.replay_range(SERVICE, webhook_id, 0, None)
    world.webhooks.change(SERVICE, webhook_id, EndpointPatch(status="PAUSED"))

    assert replayed(world) == []


@pytest.mark.parametrize("minutes", [(1, 2), (1, 1), (-1, None)])
def test_a_range_without_anything_in_it_is_refused(
    world: World, minutes: tuple[int, int | None]
) -> None:
    webhook_id = world.an_endpoint()
    before, until = minutes

    with pytest.raises(Invalid) as caught:
        world.attempting.replay_range(
            SERVICE,
            webhook_id,
            STARTED - before * MINUTE,
            None if until is None else STARTED - until * MINUTE,
        )

    assert caught.value.code == "bad_range"


def test_nothing_is_replayed_to_an_endpoint_that_is_not_active(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.webhooks.change(SERVICE, webhook_id, EndpointPatch(status="PAUSED"))

    for replay in (
        lambda: world.attempting.replay_events(SERVICE, webhook_id, ["event-1"]),
        lambda: world.attempting.replay_range(SERVICE, webhook_id, 0, None),
    ):
        with pytest.raises(Conflict) as caught:
            replay()
        assert caught.value.code == "webhook_not_active"
