"""How the next attempt waits when the Scheduler takes no more."""

from __future__ import annotations

import json

import pytest

from chat4all.ports.webhooks import Posted
from chat4all.webhooks.endpoint import AttemptJob
from tests.support.webhook_world import DOWN, STARTED, World, an_event, outcomes

pytestmark = pytest.mark.req("RF-009")
HALF_AN_HOUR = 1_800


def after_three(world: World, *numbers: int) -> list[AttemptJob]:
    """Jobs whose next wait is half an hour."""
    webhook_id = world.an_endpoint()
    return [
        AttemptJob(webhook_id=webhook_id, event=an_event(n), attempt=3, first_at=STARTED)
        for n in numbers
    ]


def test_without_a_schedule_an_attempt_waits_on_the_queue_in_hops(world: World) -> None:
    world.scheduler.room = 0
    world.poster.answers_with("a.example", DOWN, Posted(200))
    assert world.dispatches(after_three(world, 1)).failed == []

    [first] = world.delayed.waiting
    assert (first.seconds, json.loads(first.body)["due"]) == (900, STARTED + HALF_AN_HOUR * 1000)
    assert world.turns(890).attempts == [], "whatever comes early is sent on"
    [second] = world.delayed.waiting
    assert second.seconds == 900
    assert world.turns(900).attempts == []
    [third] = world.delayed.waiting
    assert third.seconds == 10

    world.turns(10)

    assert outcomes(world) == [(3, 500, "status"), (4, 200, None)]
    assert world.delayed.waiting == []


def test_an_attempt_after_one_that_hopped_is_due_at_its_own_time(world: World) -> None:
    world.poster.answers_with("a.example", DOWN)
    [job] = after_three(world, 1)

    world.dispatches([job.model_copy(update={"attempt": 1, "due": STARTED})])

    [later] = world.delayed.waiting
    assert json.loads(later.body)["due"] is None


def test_a_scheduler_that_refuses_is_not_asked_again_and_posts_are_not_repeated(
    world: World,
) -> None:
    world.scheduler.room = 1
    world.poster.answers_with("a.example", DOWN)

    done = world.dispatches(after_three(world, 1, 2, 3, 4))

    assert (done.failed, len(done.attempts), len(world.poster.posted)) == ([], 4, 4)
    assert (len(world.scheduler.schedules), world.scheduler.asked) == (1, 2)
    assert [later.seconds for later in world.delayed.waiting] == [900] * 3


def test_only_what_could_not_be_planned_comes_again(world: World) -> None:
    """Of three, one is taken, one is scheduled, and the queue that is down should have the last."""
    jobs = after_three(world, 1, 2, 3)
    jobs[2] = jobs[2].model_copy(update={"attempt": 1})
    failing = {"event-2", "event-3"}
    post = world.poster.post

    def picky(to: object, headers: dict[str, str], *more: object) -> Posted:
        post(to, headers, *more)  # type: ignore[arg-type]
        return DOWN if headers["webhook-id"] in failing else Posted(200)

    world.poster.post = picky  # type: ignore[assignment, method-assign]
    world.delayed.down = True

    done = world.dispatches(jobs)

    assert (done.failed, done.reasons) == (["item-3"], ["webhooks queue"])
    assert sorted(row.event_id for row in done.attempts) == ["event-1", "event-2"]
    assert done.attempts == world.attempts.rows


def test_what_stays_on_the_queue_is_not_taken_off_it(world: World) -> None:
    world.poster.answers_with("a.example", DOWN)
    [bad] = after_three(world, 1)
    bad = bad.model_copy(update={"attempt": 1})
    good = AttemptJob(webhook_id=world.an_endpoint("b.example"), event=an_event(), first_at=STARTED)
    world.delayed.down = True

    world.dispatches([bad, good])

    assert world.offered.removed == ["handle-2"]


def test_a_hop_that_fails_comes_again_alone(world: World) -> None:
    [job] = after_three(world, 1)
    waits = job.model_copy(update={"due": STARTED + 5_000})
    world.delayed.down = True

    done = world.queues([waits.model_dump_json(), job.model_dump_json()])

    assert (done.failed, done.reasons) == (["item-1"], ["webhooks queue"])
    assert world.queued() == [job]
