"""Who says nothing for long is left alone for a minute, and nothing is lost by that."""

from __future__ import annotations

from itertools import pairwise

import pytest

from chat4all.ports.webhooks import Posted
from chat4all.webhooks.endpoint import AttemptJob
from chat4all.webhooks.schedule import Schedule
from tests.support.webhook_world import DOWN, REFUSED, STARTED, World, an_event, outcomes

pytestmark = pytest.mark.req("RF-009")
DAY = 86_400
MINUTE = 60_000
SILENT = Posted(error="timeout")
FIVE = [an_event(number) for number in range(1, 6)]


def silenced(world: World, posted: Posted = SILENT) -> str:
    """An endpoint of which five attempts took long and ended so."""
    webhook_id = world.an_endpoint()
    world.poster.answers_with("a.example", posted)
    world.slow = 5.0
    world.happens(*FIVE)
    world.dispatches()
    world.delayed.take()
    world.slow = 0.0
    return webhook_id


@pytest.mark.parametrize("error", ["timeout", "connection_lost", "unreachable", "tls"])
def test_who_says_nothing_to_five_at_once_rests_for_a_minute(world: World, error: str) -> None:
    webhook_id = silenced(world, Posted(error=error))

    assert world.endpoint(webhook_id).resting_until == STARTED + MINUTE


def test_so_does_one_whose_name_servers_are_silent(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.resolver.names["a.example"] = []
    world.slow = 5.0
    world.happens(*FIVE)

    world.dispatches()

    assert {row.error for row in world.attempts.rows} == {"dns"}
    assert world.endpoint(webhook_id).resting_until == STARTED + MINUTE


def test_less_than_five_may_be_an_accident(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.poster.answers_with("a.example", SILENT)
    world.slow = 5.0
    world.happens(*FIVE[:4])

    world.dispatches()

    assert world.endpoint(webhook_id).resting_until is None
    assert world.endpoint(webhook_id).failing_since is not None


@pytest.mark.parametrize(
    ("answers", "slow"),
    [([*[SILENT] * 4, DOWN], 5.0), ([*[SILENT] * 4, Posted(200)], 5.0), ([REFUSED], 0.0)],
    ids=["one status", "one success", "at once"],
)
def test_nobody_rests_who_answers_or_fails_at_once(
    world: World, answers: list[Posted], slow: float
) -> None:
    webhook_id = world.an_endpoint()
    world.poster.answers_with("a.example", *answers)
    world.slow = slow
    world.happens(*FIVE)

    world.dispatches()

    assert world.endpoint(webhook_id).resting_until is None


def test_an_attempt_that_was_not_made_is_not_counted_and_comes_after_the_rest(
    world: World,
) -> None:
    silenced(world)
    world.poster.answers_with("a.example", Posted(200))
    world.clock.advance(30)
    world.happens(an_event(6))
    world.dispatches()
    assert len(world.poster.posted) == 5
    assert outcomes(world)[-1] == (1, None, "resting")
    assert world.attempts.rows[-1].next_attempt_at == STARTED + MINUTE

    assert world.turns(30).failed == []

    assert outcomes(world)[-1] == (1, 200, None)
    assert world.posted_to("a.example")[-1]["id"] == "event-6"


def test_a_backlog_is_moved_ever_less_often(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.happens(an_event())
    for _ in range(8):
        until = world.clock.now() + MINUTE
        world.endpoints.update(world.endpoint(webhook_id), resting_until=until)
        world.dispatches()
        world.clock.time = world.attempts.rows[-1].next_attempt_at or 0
        world.queues([*world.delayed.take(), *world.scheduler.due(world.clock.now())])

    assert outcomes(world) == [(1, None, "resting")] * 8
    times = [row.at for row in world.attempts.rows]
    gaps = [(later - earlier) // 1000 for earlier, later in pairwise(times)]
    assert gaps == [60, 300, 1_800, 7_200, 18_000, 36_000, 36_000]
    assert world.poster.posted == []
    assert [job.attempt for job in world.queued()] == [1]


def test_what_cannot_come_again_within_five_days_is_posted_in_the_rest(world: World) -> None:
    webhook_id = world.an_endpoint()
    until = STARTED + MINUTE
    world.endpoints.update(world.endpoint(webhook_id), resting_until=until)
    first_at = STARTED - 5 * DAY * 1000 + 30_000
    job = AttemptJob(webhook_id=webhook_id, event=an_event(), first_at=first_at)

    world.dispatches([job])

    assert outcomes(world) == [(1, 200, None)]


def test_what_rests_together_does_not_come_back_together() -> None:
    schedule = Schedule(jitter=lambda: 0.9)

    assert schedule.after_rest(1, 0, STARTED, STARTED, STARTED + 10 * MINUTE) == STARTED + 660_000
    assert schedule.after_rest(1, 1, STARTED, STARTED, STARTED + 10) == STARTED + 330_000
