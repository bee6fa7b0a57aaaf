"""A delivery that has to wait: how long, until what, and when it is over."""

import pytest

from chat4all.delivering import LONGEST_WAIT, MAX_ATTEMPTS, SETTLE_WAIT
from chat4all.errors import TryLater
from chat4all.receipts import Mark, Status
from chat4all.sending import MAX_AGE_MS
from tests.builders import a_delivery, received
from tests.world import World

BUSY = TryLater("131056", "too fast")
LOST = TryLater("answer_lost", "ReadTimeoutError", maybe_sent=True)


def a_world(person: str) -> tuple[World, str]:
    world = World()
    world.user(person, whatsapp=person)
    return world, world.conversation("ana", person)


def waits(world: World) -> list[int]:
    return [seconds for _, _, seconds in world.queue.hidden]


@pytest.mark.req("RN-006")
def test_waits_grow_and_are_capped() -> None:
    world, conversation = a_world("bo")
    world.say(conversation, "ana")
    world.route()
    world.whatsapp.fails("bo", *[BUSY] * MAX_ATTEMPTS)

    for _ in range(MAX_ATTEMPTS - 1):
        world.deliver()

    assert waits(world) == [2, 4, 8, 16, 32, 64, 128, 256, 512, *[LONGEST_WAIT] * 2]


def test_jitter_takes_up_to_half_of_a_wait() -> None:
    world, conversation = a_world("bo")
    world.delivering["whatsapp"]._jitter = lambda: 0.0
    world.say(conversation, "ana")
    world.route()
    world.whatsapp.fails("bo", *[BUSY] * 3)

    for _ in range(3):
        world.deliver()

    assert waits(world) == [1, 2, 4]


def test_a_provider_that_says_how_long_is_given_that_long() -> None:
    world, conversation = a_world("bo")
    world.say(conversation, "ana")
    world.route()
    world.whatsapp.fails("bo", TryLater("4", "rate", retry_after=120))

    world.deliver()

    assert waits(world) == [120]


def test_a_lost_answer_waits_for_the_callback_that_settles_it() -> None:
    world, conversation = a_world("bo")
    message_id = world.say(conversation, "ana")
    world.route()
    world.whatsapp.fails("bo", LOST)
    world.deliver()

    world.report(message_id, Mark.DELIVERED)
    world.drain()

    assert waits(world) == [SETTLE_WAIT]
    assert world.whatsapp.tries == 1
    assert world.status(message_id) is Status.DELIVERED


def test_a_lost_answer_that_no_callback_settles_is_sent_again() -> None:
    world, conversation = a_world("bo")
    message_id = world.say(conversation, "ana")
    world.route()
    world.whatsapp.fails("bo", LOST)

    world.deliver()
    world.deliver()

    assert world.whatsapp.tries == 2
    assert world.status(message_id) is Status.SENT


@pytest.mark.req("RN-006")
def test_the_last_attempt_ends_a_delivery_with_a_reason() -> None:
    world, conversation = a_world("bo")
    first = world.say(conversation, "ana", "first")
    second = world.say(conversation, "ana", "second")
    world.route()
    world.whatsapp.fails("bo", *[BUSY] * MAX_ATTEMPTS)

    for _ in range(MAX_ATTEMPTS):
        world.deliver()

    failure = world.place(first).failures[0]
    assert (world.status(first), failure.code) == (Status.FAILED, "gave_up")
    assert failure.reason == "12 attempts: too fast"
    assert world.whatsapp.texts_to("bo") == ["second"]
    assert world.status(second) is Status.SENT


def test_a_provider_that_wants_it_slower_ends_no_delivery() -> None:
    world, conversation = a_world("bo")
    message_id = world.say(conversation, "ana")
    world.route()
    slower = TryLater("130429", "too fast", throttled=True)
    world.whatsapp.fails("bo", *[slower] * 3 * MAX_ATTEMPTS)

    for _ in range(3 * MAX_ATTEMPTS + 1):
        world.deliver()

    assert world.whatsapp.tries == 3 * MAX_ATTEMPTS + 1
    assert world.place(message_id).failures == {}


def test_a_day_ends_a_delivery_with_a_reason() -> None:
    world, conversation = a_world("bo")
    message_id = world.say(conversation, "ana")
    world.route()
    world.clock.advance(MAX_AGE_MS / 1000 + 1)

    world.deliver()

    assert world.place(message_id).failures[0].code == "expired"
    assert world.whatsapp.tries == 0


def test_no_send_is_begun_that_might_not_end_in_the_time_that_is_left() -> None:
    world, conversation = a_world("bo")
    message_id = world.say(conversation, "ana")
    world.route()
    delivery = a_delivery(message_id=message_id, address="bo", conversation_id=conversation)

    again = world.delivering["whatsapp"].deliver([received(delivery)], lambda: 1.0)

    assert again == [received(delivery).item_id]
    assert world.whatsapp.tries == 0
    assert waits(world) == [1]
