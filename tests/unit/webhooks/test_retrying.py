"""What comes after an attempt: the next one, or the end of the endpoint."""

from __future__ import annotations

import pytest

from chat4all.ports.webhooks import Posted
from chat4all.timestamps import iso
from chat4all.webhooks.endpoint import Attempt, AttemptJob, EndpointPatch, EndpointStatus
from chat4all.webhooks.signing import signed_headers
from tests.builders import SERVICE
from tests.support.webhook_world import DOWN, REFUSED, STARTED, World, an_event, outcomes

pytestmark = pytest.mark.req("RF-009")
DAY = 86_400


def test_a_success_is_a_row_and_nothing_comes_after_it(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.happens(an_event())

    done = world.dispatches()

    [row] = world.attempts.rows
    assert row == Attempt(
        webhook_id=webhook_id,
        event_id="event-1",
        event_type="message.sent",
        attempt=1,
        at=STARTED,
        duration_ms=row.duration_ms,
        status_code=200,
    )
    assert (done.attempts, done.failed) == ([row], [])
    assert (world.delayed.waiting, world.scheduler.schedules) == ([], {})


def test_a_dead_subscriber_is_tried_by_the_schedule_and_then_no_more(world: World) -> None:
    world.an_endpoint()
    world.poster.answers_with("a.example", REFUSED)
    world.happens(an_event())
    world.dispatches()

    for wait in (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000):
        assert world.turns(wait - 1).attempts == [] if wait > 900 else True
        world.turns(1 if wait > 900 else wait)

    assert outcomes(world) == [(n, None, "connection_refused") for n in range(1, 9)]
    times = [(row.at - STARTED) // 1000 for row in world.attempts.rows]
    assert times == [0, 5, 305, 2_105, 9_305, 27_305, 63_305, 99_305]
    nexts = [row.next_attempt_at for row in world.attempts.rows]
    assert nexts == [row.at for row in world.attempts.rows[1:]] + [None]
    assert (world.delayed.waiting, world.scheduler.schedules) == ([], {})


def test_every_attempt_has_the_same_id_and_the_time_of_its_own(world: World) -> None:
    world.an_endpoint()
    world.poster.answers_with("a.example", DOWN, Posted(204))
    world.happens(an_event())

    world.dispatches()
    world.turns(5)

    first, second = [headers for _, headers, _ in world.poster.posted]
    assert first["webhook-id"] == second["webhook-id"] == "event-1"
    assert int(second["webhook-timestamp"]) == int(first["webhook-timestamp"]) + 5
    assert outcomes(world) == [(1, 500, "status"), (2, 204, None)]


@pytest.mark.req("RNF-009")
def test_an_attempt_after_a_bodys_hour_has_no_body_and_neither_has_what_waits_for_it(
    world: World,
) -> None:
    world.an_endpoint()
    world.poster.answers_with("a.example", DOWN)
    content = {"payload": {"type": "text", "text": "hello"}, "metadata": {"order": 7}}
    until = {"body_until": iso(STARTED + 2_000_000)}
    world.happens(an_event(kind="message.accepted", **content, **until))

    world.dispatches()
    for wait in (5, 300, 1_800):
        world.turns(wait)

    told = [event["data"] for event in world.posted_to("a.example")]
    assert [data["payload"] for data in told] == [content["payload"]] * 3 + [None]
    assert ("metadata" in told[2], "metadata" in told[3]) == (True, False)
    assert told[3]["payload_omitted"] is True
    assert {headers["webhook-id"] for _, headers, _ in world.poster.posted} == {"event-1"}
    [(_, waiting)] = world.scheduler.schedules.values()
    assert "hello" not in waiting


@pytest.mark.req("RNF-009")
def test_a_job_that_a_queue_kept_past_the_bodys_hour_is_posted_without_it(world: World) -> None:
    webhook_id = world.an_endpoint()
    secret = world.endpoint(webhook_id).secrets[0].value
    world.happens(
        an_event(payload={"type": "text", "text": "hello"}, body_until=iso(STARTED + 1_000))
    )
    world.clock.advance(1)

    world.dispatches()

    [(_, headers, body)] = world.poster.posted
    assert b"hello" not in body
    signed = signed_headers([secret], "event-1", world.clock.now() // 1000, body)
    assert headers.items() >= signed.items()


def test_short_waits_are_the_queues_and_long_ones_the_schedulers(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.poster.answers_with("a.example", DOWN)
    jobs = [
        AttemptJob(webhook_id=webhook_id, event=an_event(n), attempt=n, first_at=STARTED)
        for n in (1, 2, 3)
    ]

    world.dispatches(jobs)

    assert sorted(later.seconds for later in world.delayed.waiting) == [5, 300]
    [(when, body)] = world.scheduler.schedules.values()
    assert when == STARTED + 1_800_000
    assert AttemptJob.model_validate_json(body).attempt == 4


def test_a_crash_after_the_post_repeats_it_and_makes_no_second_schedule(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.poster.answers_with("a.example", DOWN)
    job = AttemptJob(webhook_id=webhook_id, event=an_event(), attempt=3, first_at=STARTED)
    world.attempts.down = True
    assert world.dispatches([job]).failed == ["item-1"]
    world.attempts.down = False

    world.dispatches([job])

    assert [h["webhook-id"] for _, h, _ in world.poster.posted] == ["event-1", "event-1"]
    assert len(world.scheduler.schedules) == 1


def test_the_second_of_two_jobs_that_a_crash_left_is_taken_once(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.poster.answers_with("a.example", DOWN)
    job = AttemptJob(webhook_id=webhook_id, event=an_event(), first_at=STARTED)
    world.dispatches([job])
    world.dispatches([job])

    world.queues(world.delayed.take())

    assert len(world.queued()) == 1


def test_retry_after_is_honoured(world: World) -> None:
    world.an_endpoint()
    world.poster.answers_with("a.example", Posted(503, "status", retry_after=600.0))
    world.happens(an_event())

    world.dispatches()

    [row] = world.attempts.rows
    assert row.next_attempt_at == STARTED + 600_000
    assert [later.seconds for later in world.delayed.waiting] == [600]


def test_410_disables_at_once_and_nothing_is_tried_again(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.poster.answers_with("a.example", Posted(410, "status"))
    world.happens(an_event(1), an_event(2))

    world.dispatches()
    world.happens(an_event(3))

    endpoint = world.endpoint(webhook_id)
    assert (endpoint.status, endpoint.disabled_reason) == (EndpointStatus.DISABLED, "gone")
    assert world.delayed.waiting == []
    assert world.queued() == []


def test_five_days_of_failure_disable(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.poster.answers_with("a.example", REFUSED)
    for day in range(6):
        assert world.endpoint(webhook_id).status is EndpointStatus.ACTIVE
        world.happens(an_event(day))
        world.dispatches()
        world.delayed.take()
        world.clock.advance(DAY)

    endpoint = world.endpoint(webhook_id)
    assert (endpoint.status, endpoint.disabled_reason) == (EndpointStatus.DISABLED, "failing")
    assert endpoint.failing_since == STARTED


def test_one_success_ends_the_failures(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.poster.answers_with("a.example", REFUSED, Posted(200), REFUSED)
    for day in range(6):
        world.happens(an_event(day))
        world.dispatches()
        world.clock.advance(DAY)

    endpoint = world.endpoint(webhook_id)
    assert endpoint.status is EndpointStatus.ACTIVE
    assert endpoint.failing_since == STARTED + 2 * DAY * 1000


def test_failures_of_an_url_that_was_changed_meanwhile_say_nothing(world: World) -> None:
    webhook_id = world.an_endpoint()
    before = world.endpoint(webhook_id)
    world.happens(an_event())
    world.poster.answers_with("a.example", Posted(410, "status"))
    post = world.poster.post

    def changing(*given: object, **more: object) -> Posted:
        patch = EndpointPatch(url="https://b.example/")
        world.webhooks.change(SERVICE, webhook_id, patch)
        return post(*given, **more)  # type: ignore[arg-type]

    world.poster.post = changing  # type: ignore[method-assign]
    world.dispatches()

    endpoint = world.endpoint(webhook_id)
    assert (endpoint.status, endpoint.url) == (EndpointStatus.ACTIVE, "https://b.example/")
    assert endpoint.version == before.version + 1


def test_a_verdict_holds_when_something_else_was_changed_meanwhile(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.happens(an_event())
    world.poster.answers_with("a.example", Posted(410, "status"))
    post = world.poster.post

    def changing(*given: object, **more: object) -> Posted:
        world.webhooks.change(SERVICE, webhook_id, EndpointPatch(description="new"))
        return post(*given, **more)  # type: ignore[arg-type]

    world.poster.post = changing  # type: ignore[method-assign]
    world.dispatches()

    endpoint = world.endpoint(webhook_id)
    assert (endpoint.status, endpoint.description) == (EndpointStatus.DISABLED, "new")
