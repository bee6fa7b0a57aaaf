"""A channel that is down is left alone for a while, by every worker."""

import pytest

from chat4all.breaker import OPEN_MS, THRESHOLD
from chat4all.delivering import MAX_ATTEMPTS
from chat4all.errors import TryLater
from chat4all.receipts import Status
from tests.world import World

DOWN = TryLater("131000", "something went wrong", channel_down=True)
BAD_TOKEN = TryLater("190", "token expired", opens_breaker=True)
pytestmark = pytest.mark.req("RN-006")


def a_world(*errors: TryLater) -> tuple[World, str]:
    world = World()
    world.user("bo", whatsapp="551100", instagram="igbo")
    world.whatsapp.fails("551100", *errors)
    message_id = world.say(world.conversation("ana", "bo"), "ana")
    world.route()
    return world, message_id


def test_failures_in_a_row_open_it_and_then_nothing_is_tried() -> None:
    world, _ = a_world(*[DOWN] * THRESHOLD)
    for _ in range(THRESHOLD):
        world.deliver()
    world.queue.hidden.clear()

    later = world.deliver()

    assert world.whatsapp.tries == THRESHOLD
    assert len(later) == 1
    assert [seconds for _, _, seconds in world.queue.hidden] == [OPEN_MS // 1000]


def test_bad_credentials_open_it_at_once() -> None:
    world, _ = a_world(BAD_TOKEN)
    world.deliver()

    world.deliver()

    assert world.whatsapp.tries == 1


def test_an_open_breaker_is_no_attempt_and_bad_credentials_never_end_a_delivery() -> None:
    world, message_id = a_world(*[BAD_TOKEN] * 20)

    for _ in range(20):
        world.deliver()
        world.deliver()
        world.clock.advance(31)

    assert world.whatsapp.tries == 20
    assert world.status(message_id) is Status.SENT  # accepted, and still on its way
    assert world.place(message_id).times == {}


def test_every_worker_sees_it() -> None:
    world, _ = a_world(BAD_TOKEN)
    world.deliver()

    world.delivering["whatsapp"] = world.a_worker("whatsapp")
    world.deliver()

    assert world.whatsapp.tries == 1


def test_what_only_a_wrong_clock_can_have_written_holds_nobody_up() -> None:
    world, message_id = a_world(BAD_TOKEN)
    world.clock.advance(300)
    world.deliver()
    world.clock.advance(-300)
    world.delivering["whatsapp"] = world.a_worker("whatsapp")

    world.deliver()

    assert world.status(message_id) is Status.SENT
    assert world.breakers.get("whatsapp") == (0, 0)


def test_clocks_that_differ_by_seconds_leave_it_open() -> None:
    world, _ = a_world(BAD_TOKEN)
    world.clock.advance(5)
    world.deliver()
    world.clock.advance(-5)
    world.delivering["whatsapp"] = world.a_worker("whatsapp")

    world.deliver()

    assert world.whatsapp.tries == 1


def test_a_clock_that_was_put_back_has_the_state_read_again() -> None:
    world, message_id = a_world(BAD_TOKEN)
    world.deliver()
    world.clock.advance(-20)
    world.breakers.reset("whatsapp")

    world.deliver()

    assert world.status(message_id) is Status.SENT
    assert world.whatsapp.tries == 2


def test_after_half_a_minute_one_try_closes_it() -> None:
    world, message_id = a_world(*[DOWN] * THRESHOLD)
    for _ in range(THRESHOLD):
        world.deliver()
    world.clock.advance(OPEN_MS / 1000)

    world.deliver()

    assert world.status(message_id) is Status.SENT
    assert world.breakers.get("whatsapp") == (0, 0)


def test_after_half_a_minute_one_failure_opens_it_again() -> None:
    world, _ = a_world(*[DOWN] * (THRESHOLD + 1))
    for _ in range(THRESHOLD):
        world.deliver()
    world.clock.advance(OPEN_MS / 1000)

    world.deliver()
    world.deliver()

    assert world.whatsapp.tries == THRESHOLD + 1


def test_a_success_between_failures_starts_the_count_again() -> None:
    world, _ = a_world(*[DOWN] * (THRESHOLD - 1))
    conversation = next(iter(world.store.conversations))
    for _ in range(THRESHOLD):
        world.deliver()
    world.whatsapp.fails("551100", DOWN)
    world.say(conversation, "ana")
    world.route()

    world.deliver()
    world.drain()

    assert world.breakers.get("whatsapp") == (0, 0)
    assert len(world.whatsapp.sent) == 2


def test_a_throttled_person_does_not_open_it() -> None:
    world, _ = a_world(*[TryLater("131056", "too fast")] * (THRESHOLD + 1))

    for _ in range(THRESHOLD + 1):
        world.deliver()

    assert world.whatsapp.tries == THRESHOLD + 1


def test_an_outage_of_hours_ends_no_delivery() -> None:
    world, message_id = a_world(*[DOWN] * 3 * MAX_ATTEMPTS)

    for _ in range(3 * MAX_ATTEMPTS):
        world.deliver()
        world.clock.advance(900)
    world.deliver()

    assert world.whatsapp.tries == 3 * MAX_ATTEMPTS + 1
    assert world.place(message_id).failures == {}
    assert world.whatsapp.sent == [("551100", "hi")]


def test_what_fails_alone_while_others_pass_is_given_up() -> None:
    world, message_id = a_world(*[DOWN] * MAX_ATTEMPTS)
    world.user("cy", whatsapp="551101")
    others = world.conversation("ana", "cy")

    for _ in range(MAX_ATTEMPTS):
        world.deliver()
        world.say(others, "ana")
        world.route()
        world.deliver()
        world.clock.advance(900)

    assert world.place(message_id).failures[0].code == "gave_up"


def test_a_day_of_an_open_breaker_has_fewer_looks_than_the_queue_allows_receives() -> None:
    world, _ = a_world(*[BAD_TOKEN] * 1000)
    looks, until = 0, world.clock.now() + 24 * 3_600_000

    while world.clock.now() < until:
        world.queue.hidden.clear()
        world.deliver()
        looks += 1
        world.clock.advance(max(seconds for _, _, seconds in world.queue.hidden))

    assert looks < 1000


def test_another_channel_goes_on() -> None:
    world, _ = a_world(BAD_TOKEN)
    world.deliver()
    conversation = next(iter(world.store.conversations))

    world.say(conversation, "ana", "hello", channels=["instagram"])
    world.drain()

    assert world.instagram.sent == [("igbo", "hello")]
