"""Who gets an event."""

from __future__ import annotations

import json

import pytest

from chat4all.events.types import LOGGED, TRANSIENT
from chat4all.webhooks.endpoint import AttemptJob
from tests.builders import an_id
from tests.support.webhook_world import STARTED, World, an_event

pytestmark = pytest.mark.req("RF-009")


def who(world: World) -> list[tuple[str, str]]:
    """Endpoint and event of each attempt that was queued."""
    return [(job.webhook_id, job.event["id"]) for job in world.queued()]


def test_an_event_is_queued_for_each_endpoint_that_wants_it(world: World) -> None:
    everything, reads = world.an_endpoint(), world.an_endpoint(types=["message.read"])

    done = world.happens(an_event(1, "message.sent"), an_event(2, "message.read"))

    queued = [(everything, "event-1"), (everything, "event-2"), (reads, "event-2")]
    assert sorted(who(world)) == sorted(queued)
    assert (done.attempts, done.failed) == (3, [])


def test_an_attempt_is_the_first_one_of_the_whole_event_in_its_endpoints_group(
    world: World,
) -> None:
    webhook_id = world.an_endpoint()

    world.happens(an_event(payload={"type": "text", "text": "olá ✓"}))

    [outgoing] = world.queue.queues["attempts"]
    [job] = world.queued()
    assert outgoing.group == webhook_id
    assert (job.attempt, job.first_at, job.replay) == (1, world.clock.now(), None)
    assert job.event == an_event(payload={"type": "text", "text": "olá ✓"})


def test_the_star_means_what_is_logged_and_transient_types_are_named(world: World) -> None:
    star = world.an_endpoint()
    named = world.an_endpoint(types=list(TRANSIENT))

    world.happens(*[an_event(n, kind) for n, kind in enumerate([*LOGGED, *TRANSIENT])])

    queued = world.queued()
    assert [j.event["type"] for j in queued if j.webhook_id == star] == list(LOGGED)
    assert [j.event["type"] for j in queued if j.webhook_id == named] == list(TRANSIENT)


def test_a_conversation_narrows_what_comes(world: World) -> None:
    webhook_id = world.an_endpoint(conversation_id=an_id(7))

    world.happens(
        an_event(1, conversation_id=an_id(7)),
        an_event(2, conversation_id=an_id(8)),
        {"id": "event-3", "type": "user.updated", "timestamp": "t", "data": {"user_id": "ana"}},
    )

    assert who(world) == [(webhook_id, "event-1")]


def test_an_event_that_comes_twice_is_queued_once(world: World) -> None:
    world.an_endpoint()

    world.happens(an_event(), an_event())
    world.happens(an_event())

    assert len(world.queued()) == 1


def test_endpoints_are_read_once_a_batch_and_not_at_all_for_attempts(world: World) -> None:
    webhook_id = world.an_endpoint()
    job = AttemptJob(webhook_id=webhook_id, event=an_event(), attempt=2, first_at=STARTED)
    world.endpoints.reads = 0

    world.queues([job.model_dump_json()])
    assert world.endpoints.reads == 0

    world.happens(*[an_event(n) for n in range(10)])
    assert world.endpoints.reads == 1


def test_an_attempt_whose_wait_is_over_is_queued_as_it_is(world: World) -> None:
    job = AttemptJob(webhook_id=an_id(1), event=an_event(), attempt=3, first_at=STARTED)

    done = world.queues([job.model_dump_json()])

    assert world.queued() == [job]
    assert done.failed == []


def test_half_a_surrogate_pair_breaks_nothing_on_its_way(world: World) -> None:
    """JSON can hold it, UTF-8 cannot."""
    world.an_endpoint()
    event = an_event(payload={"type": "text", "text": "a\ud83d ✓"})
    world.happens(event, an_event(2))

    jobs = world.queued()
    done = world.dispatches(jobs)

    assert done.failed == []
    texts = [e["data"].get("payload", {}).get("text") for e in world.posted_to("a.example")]
    assert sorted(texts, key=str) == [None, "a? ✓"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        pytest.param("[" * 100_000, id="deep"),
        "7",
        "null",
        "{}",
        '{"id":"x"}',
        '{"id":1,"type":"t","data":{}}',
        '{"kind":"attempt"}',
        '{"kind":"replay","webhook_id":7}',
        '{"kind":"other"}',
        '{"kind":"attempt","webhook_id":"w","event":{},"first_at":1}',
    ],
)
def test_what_nobody_can_read_comes_again_alone(world: World, body: str) -> None:
    world.an_endpoint()

    done = world.queues([json.dumps(an_event(1)), body, json.dumps(an_event(2))])

    assert done.failed == ["item-2"]
    assert len(world.queued()) == 2


def test_a_queue_that_is_down_has_the_batch_come_again(world: World) -> None:
    world.an_endpoint()
    world.queue.down = True

    done = world.happens(an_event(1), an_event(2))

    assert done.failed == ["item-1", "item-2"]
    assert done.reasons == ["queue attempts"]


def test_a_table_that_is_down_has_the_batch_come_again(world: World) -> None:
    world.endpoints.down = True

    assert world.happens(an_event()).failed == ["item-1"]
