"""Every message gets its place once, without gaps, and goes to its recipients' channels."""

import pytest

from chat4all.adapters.memory import MemoryConversationStore, MemoryMessageStore, MemoryStore
from chat4all.conversation import Head
from chat4all.delivery import INBOUND, Delivery, ToRoute
from chat4all.errors import Raced, Unavailable
from chat4all.receipts import Status
from tests.builders import an_id
from tests.world import World

WHATSAPP, INSTAGRAM = "channel-whatsapp", "channel-instagram"


def queued(world: World, queue: str = WHATSAPP) -> list[Delivery]:
    bodies = [message.body for message in world.queue.queues.get(queue, ())]
    return [Delivery.model_validate_json(body) for body in bodies]


@pytest.mark.req("RNF-005")
def test_messages_get_their_places_in_the_order_of_acceptance() -> None:
    world = World()
    world.user("bo", whatsapp="551100")
    conversation = world.conversation("ana", "bo")
    ids = [world.say(conversation, "ana", f"words {n}") for n in range(25)]

    world.drain()

    assert [world.place(i).seq for i in ids] == list(range(1, 26))
    assert world.whatsapp.texts_to("551100") == [f"words {n}" for n in range(25)]


def test_each_conversation_counts_for_itself() -> None:
    world = World()
    one, other = world.conversation("ana", "bo"), world.conversation("ana", "cy")
    for conversation in (one, other, one, other, one):
        world.say(conversation, "ana")

    world.route()

    assert world.seqs(one) == [1, 2, 3]
    assert world.seqs(other) == [1, 2]


def test_a_message_that_comes_twice_in_a_batch_has_one_place() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    first, second = world.say(conversation, "ana"), world.say(conversation, "ana")
    wanted = [ToRoute(message_id=i, conversation_id=conversation) for i in (first, second, first)]

    routed = world.routing.route(wanted)

    assert routed.failed == []
    assert [world.place(i).seq for i in (first, second)] == [1, 2]
    assert world.store.heads[conversation].last_seq == 2


@pytest.mark.req("RNF-003")
def test_routing_again_keeps_the_place_and_the_deduplication_ids() -> None:
    world = World()
    world.user("bo", whatsapp="551100")
    conversation = world.conversation("ana", "bo")
    message_id = world.say(conversation, "ana")
    wanted = ToRoute(message_id=message_id, conversation_id=conversation)
    world.routing.route([wanted])
    world.queue.forget_duplicates()

    world.routing.route([wanted])

    first, again = world.queue.queues[WHATSAPP]
    assert first == again
    assert world.seqs(conversation) == [1]


@pytest.mark.req("RNF-003")
def test_a_crash_after_the_put_loses_nothing_once_the_client_repeats() -> None:
    world = World()
    world.user("bo", whatsapp="551100")
    conversation = world.conversation("ana", "bo")
    world.queue.down = True
    with pytest.raises(Unavailable):
        world.say(conversation, "ana", "first", message_id=an_id(1))
    world.queue.down = False
    world.say(conversation, "bo", "meanwhile", message_id=an_id(2))
    world.drain()

    world.say(conversation, "ana", "first", message_id=an_id(1))
    world.drain()

    assert [world.place(an_id(n)).seq for n in (2, 1)] == [1, 2]
    assert world.whatsapp.texts_to("551100") == ["first"]


@pytest.mark.req("RNF-003")
def test_a_crash_after_sequencing_loses_nothing_and_changes_no_place() -> None:
    world = World()
    world.user("bo", whatsapp="551100")
    conversation = world.conversation("ana", "bo")
    ids = [world.say(conversation, "ana", f"words {n}") for n in range(3)]
    world.queue.down = True

    routed = world.route()
    world.queue.down = False

    assert [w.message_id for w in routed.failed] == ids
    assert world.seqs(conversation) == [1, 2, 3]
    world.drain()
    assert [world.place(i).seq for i in ids] == [1, 2, 3]
    assert world.whatsapp.texts_to("551100") == ["words 0", "words 1", "words 2"]


@pytest.mark.req("RNF-003")
def test_a_crash_between_two_channels_queues_sends_on_both_once() -> None:
    world = World()
    world.user("bo", whatsapp="551100", instagram="igbo")
    conversation = world.conversation("ana", "bo")
    message_id = world.say(conversation, "ana", channels=["all"])
    world.route()
    world.queue.queues.pop(INSTAGRAM)  # as if the second send had never been made
    world.queue._seen = {key for key in world.queue._seen if key[0] == WHATSAPP}

    world.routing.route([ToRoute(message_id=message_id, conversation_id=conversation)])
    world.drain()

    assert len(world.whatsapp.sent) == len(world.instagram.sent) == 1


class RacedStore(MemoryMessageStore):
    """Another router advances the conversation just before this one does."""

    def __init__(self, store: MemoryStore, races: int) -> None:
        super().__init__(store)
        self.races = races

    def sequence(self, heads, placed) -> None:
        if self.races:
            self.races -= 1
            for conversation_id, (read, _) in heads.items():
                theirs = Head(conversation_id=conversation_id, last_seq=read + 1)
                self._s.heads[conversation_id] = theirs
        super().sequence(heads, placed)


@pytest.mark.parametrize("races", [1, 2, 3])
def test_a_race_on_the_head_is_tried_again_on_what_is_there_then(races: int) -> None:
    store = MemoryStore()
    world = World(store, messages=RacedStore(store, races))
    conversation = world.conversation("ana", "bo")
    message_id = world.say(conversation, "ana")

    routed = world.route()

    assert routed.failed == []
    assert world.place(message_id).seq == races + 1


def test_whoever_loses_every_race_is_offered_again() -> None:
    store = MemoryStore()
    world = World(store, messages=RacedStore(store, 9))
    message_id = world.say(world.conversation("ana", "bo"), "ana")

    routed = world.route()

    assert [w.message_id for w in routed.failed] == [message_id]
    assert message_id not in store.placed


class StuckStore(MemoryMessageStore):
    stuck: str = ""

    def sequence(self, heads, placed) -> None:
        if self.stuck in heads:
            raise Raced(self.stuck)
        super().sequence(heads, placed)


@pytest.mark.req("RNF-002")
def test_one_stuck_conversation_holds_nobody_else_back() -> None:
    store = MemoryStore()
    messages = StuckStore(store)
    world = World(store, messages=messages)
    bad, good = world.conversation("ana", "bo"), world.conversation("ana", "cy")
    messages.stuck = bad
    for _ in range(3):
        world.say(bad, "ana")
        world.say(good, "ana")

    routed = world.route()

    assert {w.conversation_id for w in routed.failed} == {bad}
    assert len(routed.failed) == 3
    assert world.seqs(good) == [1, 2, 3]


def test_a_message_that_is_not_in_the_table_holds_only_its_conversation() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    good = world.say(conversation, "ana")
    lost = ToRoute(message_id=an_id(5), conversation_id=world.conversation("ana", "cy"))
    bodies = [ToRoute.model_validate_json(b) for b in world.queue.take(INBOUND)]

    routed = world.routing.route([lost, *bodies])

    assert routed.failed == [lost]
    assert world.place(good).seq == 1


class CountingConversations(MemoryConversationStore):
    touches = 0

    def touch(self, *given) -> None:
        self.touches += 1
        super().touch(*given)


def test_listings_are_written_when_the_hour_changes_and_not_before() -> None:
    store = MemoryStore()
    conversations = CountingConversations(store)
    world = World(store, conversations=conversations)
    conversation = world.conversation("ana", "bo")
    for minutes in (0, 0, 61, 0, 61):
        world.clock.advance(minutes * 60)
        world.say(conversation, "ana")
        world.route()

    assert conversations.touches == 2
    assert set(store.hours.values()) == {f"{world.clock.now() // 3_600_000:010d}"}


def test_a_message_for_nobody_is_sent_and_delivered_to_nobody() -> None:
    world = World()
    conversation = world.conversation("ana", "bo", "cy")
    message_id = world.say(conversation, "ana", to=["ana"])

    world.drain()

    assert world.place(message_id).plan == ()
    assert world.status(message_id) is Status.SENT


def test_times_follow_the_seqs_when_a_routers_clock_is_behind() -> None:
    world = World()
    conversation, other = world.conversation("ana", "bo"), world.conversation("ana", "cy")
    first = world.say(conversation, "ana")
    world.route()
    world.clock.advance(-5)
    later, beside = world.say(conversation, "ana"), world.say(other, "ana")

    world.route()

    assert world.place(later).sequenced_at == world.place(first).sequenced_at
    assert world.store.heads[conversation].last_activity == world.place(first).sequenced_at
    assert world.place(beside).sequenced_at == world.store.conversations[other].created_at
