"""Split texts, and the next channel when one cannot reach its recipient."""

import pytest

from chat4all.delivering import MAX_ATTEMPTS
from chat4all.errors import TryLater, Unavailable, Undeliverable
from chat4all.receipts import Failure, Mark, Status
from tests.world import World

NOT_THERE = Undeliverable("131026", "not on WhatsApp", recipient=True)
REPORTED = Failure(code="131026", reason="not on WhatsApp", next_choice=True)


def a_world(*more_members: str) -> tuple[World, str]:
    world = World()
    world.user("ana", "Ana")
    world.user("bo", whatsapp="551100", instagram="igbo")
    return world, world.conversation("ana", "bo", *more_members)


@pytest.mark.req("RF-007")
def test_an_address_that_cannot_be_reached_falls_over_to_the_next_channel() -> None:
    world, conversation = a_world()
    world.whatsapp.fails("551100", NOT_THERE)
    message_id = world.say(conversation, "ana", "hello")

    world.drain()

    place = world.place(message_id)
    assert world.instagram.sent == [("igbo", "hello")]
    assert place.failures[0].next_choice
    assert set(place.times) == {(0, Mark.FAILED), (1, Mark.SENT)}
    assert world.status(message_id) is Status.SENT


def test_the_senders_name_goes_along_to_the_next_channel() -> None:
    world, conversation = a_world("cy")
    world.whatsapp.fails("551100", NOT_THERE)
    world.say(conversation, "ana", "hello")

    world.drain()

    assert world.instagram.sent == [("igbo", "Ana: hello")]


@pytest.mark.req("RNF-003")
def test_the_next_channel_is_queued_before_the_failure_is_recorded() -> None:
    world, conversation = a_world()
    world.whatsapp.fails("551100", NOT_THERE, NOT_THERE)
    message_id = world.say(conversation, "ana", "hello")
    world.route()
    world.queue.down = True
    with pytest.raises(Unavailable):
        world.deliver()
    assert world.place(message_id).times == {}

    world.queue.down = False
    world.drain()

    assert world.instagram.sent == [("igbo", "hello")]


def test_chosen_channels_do_not_fall_over() -> None:
    world, conversation = a_world()
    world.whatsapp.fails("551100", NOT_THERE)
    message_id = world.say(conversation, "ana", channels=["whatsapp"])

    world.drain()

    assert world.instagram.sent == []
    assert not world.place(message_id).failures[0].next_choice
    assert world.status(message_id) is Status.FAILED


def test_what_is_wrong_with_the_message_does_not_fall_over() -> None:
    world, conversation = a_world()
    world.whatsapp.fails("551100", Undeliverable("131051", "unsupported type"))
    message_id = world.say(conversation, "ana")

    world.drain()

    assert world.instagram.sent == []
    assert world.status(message_id) is Status.FAILED


def test_whoever_was_tried_long_enough_is_tried_on_the_next_channel() -> None:
    world, conversation = a_world()
    world.whatsapp.fails("551100", *[TryLater("131056", "too fast")] * MAX_ATTEMPTS)
    message_id = world.say(conversation, "ana", "hello")
    world.route()

    for _ in range(MAX_ATTEMPTS):
        world.deliver()
    world.drain()

    assert world.place(message_id).failures[0].code == "gave_up"
    assert world.instagram.sent == [("igbo", "hello")]


def test_when_every_channel_fails_the_message_has_failed() -> None:
    world, conversation = a_world()
    world.whatsapp.fails("551100", NOT_THERE)
    world.instagram.fails("igbo", Undeliverable("551", "unavailable", recipient=True))
    message_id = world.say(conversation, "ana")

    world.drain()

    assert world.status(message_id) is Status.FAILED
    assert [f.code for f in world.place(message_id).failures.values()] == ["131026", "551"]


@pytest.mark.req("RF-007")
def test_a_failure_that_is_reported_later_falls_over_too() -> None:
    world, conversation = a_world()
    message_id = world.say(conversation, "ana", "hello")
    world.drain()

    world.report(message_id, Mark.FAILED, failure=REPORTED)
    world.drain()

    assert world.instagram.sent == [("igbo", "hello")]
    assert world.status(message_id) is Status.SENT


def test_a_failure_reported_twice_falls_over_once() -> None:
    world, conversation = a_world()
    message_id = world.say(conversation, "ana", "hello")
    world.drain()

    for _ in range(2):
        world.report(message_id, Mark.FAILED, failure=REPORTED)
        world.drain()
        world.queue.forget_duplicates()

    assert world.instagram.sent == [("igbo", "hello")]


def test_a_reported_failure_keeps_the_senders_name_in_a_group() -> None:
    world, conversation = a_world("cy")
    message_id = world.say(conversation, "ana", "hello")
    world.drain()
    index = next(i for i, p in enumerate(world.place(message_id).plan) if p.user_id == "bo")

    world.report(message_id, Mark.FAILED, index=index, failure=REPORTED)
    world.drain()

    assert world.instagram.sent == [("igbo", "Ana: hello")]


def test_what_was_delivered_does_not_fall_over_when_a_device_fails_later() -> None:
    world, conversation = a_world()
    message_id = world.say(conversation, "ana", "hello")
    world.drain()
    world.report(message_id, Mark.DELIVERED)

    world.report(message_id, Mark.FAILED, failure=REPORTED)
    world.drain()

    assert world.instagram.sent == []
    assert world.status(message_id) is Status.DELIVERED


def test_a_long_text_goes_in_parts_and_its_last_part_counts() -> None:
    world, conversation = a_world()
    world.whatsapp.limit = 4
    message_id = world.say(conversation, "ana", "abcdefghij")

    world.drain()

    assert world.whatsapp.texts_to("551100") == ["abcd", "efgh", "ij"]
    finals = [r.final for r in world.store.references.values()]
    assert finals == [False, False, True]
    assert world.status(message_id) is Status.SENT


def test_a_text_in_parts_goes_on_after_the_part_that_was_taken() -> None:
    world, conversation = a_world()
    world.whatsapp.limit = 4
    world.whatsapp.fails("551100", None, TryLater("131056", "too fast"))
    message_id = world.say(conversation, "ana", "abcdefghij")
    world.route()

    world.deliver()
    taken = world.place(message_id).parts
    world.drain()

    assert taken == {0: 1}
    assert world.whatsapp.texts_to("551100") == ["abcd", "efgh", "ij"]
