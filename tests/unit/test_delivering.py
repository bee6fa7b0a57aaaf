"""Each person's messages in their order, each at least once, and each once where we can know."""

import threading

import pytest

from chat4all.adapters.memory import MemoryMessageStore, MemoryStore
from chat4all.errors import TryLater, Unavailable, Undeliverable
from chat4all.receipts import Mark, Receipt, Status
from tests.builders import SERVICE, FakeChannel, a_delivery, a_new_message, received
from tests.world import World

BUSY = TryLater("131056", "too fast")
LOST = TryLater("answer_lost", "ReadTimeoutError", maybe_sent=True)
NOT_THERE = Undeliverable("131026", "not on WhatsApp", recipient=True)


def a_world(*people: str, **more) -> tuple[World, str]:
    """People on WhatsApp under their own names, in one group with ana."""
    world = World(**more)
    for person in people:
        world.user(person, whatsapp=person)
    return world, world.conversation("ana", *people)


def waits(world: World) -> list[int]:
    return [seconds for _, _, seconds in world.queue.hidden]


@pytest.mark.req("RNF-004")
def test_a_delivery_offered_twice_is_sent_once() -> None:
    world, conversation = a_world("bo")
    world.say(conversation, "ana")
    world.route()
    [body] = [m.body for m in world.queue.queues["channel-whatsapp"]]
    delivery = a_delivery().model_validate_json(body)

    for _ in range(2):
        again = world.delivering["whatsapp"].deliver([received(delivery)])

    assert again == []
    assert len(world.whatsapp.sent) == 1


def test_a_delivery_twice_in_one_batch_is_sent_once() -> None:
    world, conversation = a_world("bo")
    message_id = world.say(conversation, "ana")
    world.route()
    delivery = a_delivery(message_id=message_id, address="bo", conversation_id=conversation)

    world.delivering["whatsapp"].deliver([received(delivery), received(delivery)])

    assert len(world.whatsapp.sent) == 1


@pytest.mark.req("RF-006")
def test_what_the_provider_took_is_sent() -> None:
    world, conversation = a_world("bo")
    message_id = world.say(conversation, "ana")

    world.drain()

    assert world.place(message_id).times == {(0, Mark.SENT): world.clock.now()}
    [reference] = world.store.references.values()
    assert (reference.message_id, reference.index) == (message_id, 0)


@pytest.mark.req("RNF-005")
def test_each_persons_messages_keep_their_order() -> None:
    world, conversation = a_world("bo", "cy", "di")
    for number in range(3):
        world.say(conversation, "ana", f"{number}")

    world.drain()

    for person in ("bo", "cy", "di"):
        assert world.whatsapp.texts_to(person) == ["ana: 0", "ana: 1", "ana: 2"]


def test_people_are_served_side_by_side() -> None:
    world, conversation = a_world("bo", "cy", "di")
    together = threading.Barrier(3, timeout=5)

    class Meeting(FakeChannel):
        def send(self, *given, **more) -> str:
            together.wait()
            return super().send(*given, **more)

    world.channels["whatsapp"] = Meeting()
    world.delivering["whatsapp"] = world.a_worker("whatsapp")
    world.say(conversation, "ana")

    world.drain()

    assert len(world.whatsapp.sent) == 3


def test_whoever_has_to_wait_holds_their_own_followers_and_nobody_else() -> None:
    world, conversation = a_world("bo", "cy")
    for number in range(3):
        world.say(conversation, "ana", f"{number}")
    world.route()
    world.whatsapp.fails("bo", BUSY)

    later = world.deliver()

    assert [(d.user_id, d.seq) for d in later] == [("bo", 1), ("bo", 2), ("bo", 3)]
    assert world.whatsapp.texts_to("cy") == ["ana: 0", "ana: 1", "ana: 2"]
    assert world.whatsapp.texts_to("bo") == []
    assert waits(world) == [2, 2, 2]
    world.drain()
    assert world.whatsapp.texts_to("bo") == ["ana: 0", "ana: 1", "ana: 2"]


def test_a_refusal_is_final_and_lets_the_next_one_pass() -> None:
    world, conversation = a_world("bo")
    first, second = world.say(conversation, "ana", "first"), world.say(conversation, "ana", "2nd")
    world.whatsapp.fails("bo", Undeliverable("131047", "outside the window"))

    world.drain()

    assert world.place(first).failures[0].code == "131047"
    assert [world.status(m) for m in (first, second)] == [Status.FAILED, Status.SENT]
    assert world.whatsapp.texts_to("bo") == ["2nd"]


def test_a_payload_that_the_channel_does_not_carry_is_refused_before_it_is_sent() -> None:
    world, conversation = a_world("bo")
    world.whatsapp.capabilities = world.whatsapp.capabilities._replace(payloads=frozenset())
    message_id = world.say(conversation, "ana")

    world.drain()

    assert world.place(message_id).failures[0].code == "payload_not_supported"
    assert world.whatsapp.tries == 0


class FlakyStore(MemoryMessageStore):
    down: bool = False

    def record(self, *given) -> list[Receipt]:
        if self.down:
            raise Unavailable("table")
        return super().record(*given)


@pytest.mark.req("RNF-003")
def test_a_crash_after_the_provider_took_it_repeats_at_most_that_wave() -> None:
    store = MemoryStore()
    messages = FlakyStore(store)
    world, conversation = a_world("bo", "cy", store=store, messages=messages)
    for number in range(3):
        world.say(conversation, "ana", f"{number}")
    world.route()
    messages.down = True
    with pytest.raises(Unavailable):
        world.deliver()
    assert len(world.whatsapp.sent) == 2

    messages.down = False
    world.drain()

    for person in ("bo", "cy"):
        assert world.whatsapp.texts_to(person) == ["ana: 0", "ana: 0", "ana: 1", "ana: 2"]


def test_a_delivery_whose_message_is_gone_holds_nobody_else_back() -> None:
    world, conversation = a_world("bo")
    message_id = world.messaging.accept(
        SERVICE, a_new_message(conversation, sender="ana")
    ).message_id
    world.route()
    world.whatsapp.fails("gone", BUSY)
    lost = a_delivery(404, user_id="gone", address="gone")
    good = a_delivery(message_id=message_id, address="bo", conversation_id=conversation)

    world.delivering["whatsapp"].deliver([received(lost), received(good)])

    assert world.status(message_id) is Status.SENT
