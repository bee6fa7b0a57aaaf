"""What is posted, and that nobody waits for somebody else."""

from __future__ import annotations

import json
import threading
import time

import pytest
from standardwebhooks import Webhook

from chat4all.ports.webhooks import Posted
from chat4all.webhooks.endpoint import AttemptJob, EndpointPatch, EndpointStatus
from tests.builders import SERVICE, an_id
from tests.support.webhook_world import DOWN, STARTED, World, an_event, outcomes

pytestmark = pytest.mark.req("RF-009")


def test_an_event_arrives_whole_and_signed(world: World) -> None:
    created = world.created()
    world.clock.time = int(time.time() * 1000)
    event = an_event(payload={"type": "text", "text": "olá ✓"})
    world.happens(event)

    world.dispatches()

    [(to, headers, body)] = world.poster.posted
    assert Webhook(str(created.secret)).verify(body, headers) == event
    assert body == json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    assert (headers["webhook-id"], to.host) == (event["id"], "a.example")


def test_after_a_rotation_both_secrets_verify(world: World) -> None:
    created = world.created()
    world.clock.time = int(time.time() * 1000)
    new = world.webhooks.rotate(SERVICE, created.endpoint.webhook_id).secret
    world.happens(an_event())

    world.dispatches()

    [(_, headers, body)] = world.poster.posted
    for secret in (created.secret, new):
        assert Webhook(str(secret)).verify(body, headers) == an_event()


def test_an_endpoint_is_read_once_and_written_when_something_changes(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.endpoints.reads = 0
    for number in (1, 2, 3):
        world.dispatches(
            [
                AttemptJob(webhook_id=webhook_id, event=an_event(10 * number + n), first_at=STARTED)
                for n in range(5)
            ]
        )

    assert world.endpoints.reads == 3
    assert world.attempts.writes == 3
    assert world.endpoint(webhook_id).version == 1


@pytest.mark.parametrize("status", ["PAUSED", "DISABLED"])
def test_what_is_under_way_for_an_endpoint_that_is_not_active_is_dropped_and_says_so(
    world: World, status: str
) -> None:
    webhook_id = world.an_endpoint()
    world.happens(an_event())
    world.endpoints.update(world.endpoint(webhook_id), status=EndpointStatus(status))

    done = world.dispatches()

    assert world.poster.posted == []
    assert outcomes(world) == [(1, None, status.lower())]
    assert done.failed == []


def test_what_is_under_way_for_a_deleted_endpoint_is_dropped(world: World) -> None:
    job = AttemptJob(webhook_id=an_id(1), event=an_event(), first_at=STARTED)

    done = world.dispatches([job])

    assert (done.attempts, done.failed, world.attempts.rows) == ([], [], [])


def test_a_name_is_resolved_at_every_attempt_and_only_what_was_checked_is_posted_to(
    world: World,
) -> None:
    world.an_endpoint()
    world.resolver.names["a.example"] = ["93.184.215.99"]
    world.happens(an_event())
    world.dispatches()
    [(to, _, _)] = world.poster.posted
    assert to.addresses == ("93.184.215.99",)

    for address, word in ((["169.254.169.254"], "address_not_allowed"), ([], "dns")):
        world.resolver.names["a.example"] = address
        world.attempts.rows.clear()
        world.happens(an_event(len(word)))
        world.dispatches()
        assert outcomes(world) == [(1, None, word)]
    assert len(world.poster.posted) == 1
    assert len(world.delayed.waiting) == 2


def test_a_test_is_posted_once_whatever_the_status_and_changes_nothing(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.webhooks.change(SERVICE, webhook_id, EndpointPatch(status="PAUSED"))
    world.poster.answers_with("a.example", Posted(410, "status"))
    before = world.endpoint(webhook_id)

    event_id = world.attempting.test(SERVICE, webhook_id)
    world.dispatches()

    [event] = world.posted_to("a.example")
    assert (event["id"], event["type"]) == (event_id, "endpoint.test")
    assert event["data"]["webhook_id"] == webhook_id
    assert outcomes(world) == [(1, 410, "status")]
    assert world.delayed.waiting == []
    assert world.endpoint(webhook_id) == before


def test_a_table_that_is_down_has_that_endpoints_items_come_again(world: World) -> None:
    world.an_endpoint()
    world.happens(an_event(1), an_event(2))
    jobs = world.queued()
    world.endpoints.down = True

    done = world.dispatches(jobs)

    assert (done.failed, done.reasons) == (["item-1", "item-2"], ["table"])


def test_a_next_attempt_that_cannot_be_queued_has_the_item_come_again(world: World) -> None:
    world.an_endpoint()
    world.poster.answers_with("a.example", DOWN)
    world.happens(an_event())
    world.delayed.down = True

    done = world.dispatches()

    assert done.failed == ["item-1"]
    assert world.attempts.rows == [], "no row says that there is a next attempt"


def test_one_endpoint_that_fails_for_our_own_sake_leaves_the_other_alone(world: World) -> None:
    good, bad = world.an_endpoint("good.example"), world.an_endpoint("bad.example")
    world.poster.answers_with("bad.example", DOWN)
    world.delayed.down = True
    world.happens(an_event())

    jobs = sorted(world.queued(), key=lambda job: job.webhook_id == bad)
    done = world.dispatches(jobs)

    assert done.failed == ["item-2"]
    assert [row.webhook_id for row in world.attempts.rows] == [good]


class Gate:
    """Posts to one host wait until it opens."""

    def __init__(self, world: World, host: str) -> None:
        self.opened = threading.Event()
        post = world.poster.post

        def waiting(to: object, *given: object) -> Posted:
            if to.host == host:  # type: ignore[attr-defined]
                assert self.opened.wait(5)
            return post(to, *given)  # type: ignore[arg-type]

        world.poster.post = waiting  # type: ignore[assignment, method-assign]


def until(true: object, seconds: float = 5) -> None:
    ends = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < ends
        time.sleep(0.005)


def test_a_fast_endpoint_is_recorded_and_off_the_queue_while_a_slow_one_is_under_way(
    world: World,
) -> None:
    fast = world.an_endpoint("fast.example")
    world.an_endpoint("slow.example")
    gate = Gate(world, "slow.example")
    world.happens(an_event(1), an_event(2))
    jobs = sorted(world.queued(), key=lambda job: job.webhook_id != fast)

    invocation = threading.Thread(target=world.dispatches, args=(jobs,))
    invocation.start()
    until(lambda: world.offered.removed)

    assert world.offered.removed == ["handle-1", "handle-2"]
    assert {row.webhook_id for row in world.attempts.rows} == {fast}
    gate.opened.set()
    invocation.join(5)
    assert len(world.attempts.rows) == 4


def test_an_endpoint_alone_in_its_batch_leaves_the_queue_to_the_invocations_end(
    world: World,
) -> None:
    world.an_endpoint()
    world.happens(an_event())

    world.dispatches()

    assert world.offered.removed == []


def test_two_events_for_one_endpoint_are_posted_side_by_side(world: World) -> None:
    world.an_endpoint()
    world.happens(an_event(1), an_event(2))
    both = threading.Barrier(2, timeout=5)

    def together(*given: object) -> Posted:
        both.wait()
        return Posted(200)

    world.poster.post = together  # type: ignore[assignment, method-assign]

    assert len(world.dispatches().attempts) == 2


def test_a_batch_without_anything_is_done_at_once(world: World) -> None:
    assert world.dispatches([]) == ([], [], [])
