"""Accepting messages: durable and on their way, or not at all; and only once."""

import pytest

from chat4all.adapters.memory import MemoryMessageStore, MemoryStore
from chat4all.delivery import INBOUND, ToRoute
from chat4all.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from chat4all.messaging import Accepted
from tests.builders import SERVICE, a_new_message, an_id, as_user
from tests.world import World

M1, M2, M3 = an_id(1), an_id(2), an_id(3)


def waiting(world: World) -> list[str]:
    return [ToRoute.model_validate_json(body).message_id for body in world.queue.take(INBOUND)]


@pytest.mark.req("RF-002")
def test_an_accepted_message_is_stored_and_on_its_way() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")

    accepted = world.messaging.accept(as_user("ana"), a_new_message(conversation, "hello"))

    assert world.store.messages[accepted.message_id].sender == "ana"
    assert not accepted.replayed
    assert waiting(world) == [accepted.message_id]


@pytest.mark.req("RN-001")
def test_a_message_without_an_id_gets_one_and_one_with_an_id_keeps_it() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")

    given = world.say(conversation, "ana", message_id=M1)
    made = {world.say(conversation, "ana") for _ in range(3)}

    assert given == M1
    assert len(made) == 3


@pytest.mark.req("RN-002")
def test_messages_are_queued_by_conversation() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")

    world.say(conversation, "ana", message_id=M1)

    [queued] = world.queue.queues[INBOUND]
    assert (queued.group, queued.deduplication_id) == (conversation, M1)


@pytest.mark.req("RNF-004")
def test_a_repeat_is_answered_as_the_first_time() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    new = a_new_message(conversation, message_id=M1, sender="ana")

    first = world.messaging.accept(SERVICE, new)
    again = world.messaging.accept(SERVICE, new)

    assert first == Accepted(M1, replayed=False)
    assert again == Accepted(M1, replayed=True)
    assert len(world.store.messages) == 1


@pytest.mark.req("RNF-004")
@pytest.mark.parametrize(
    "other",
    [{"words": "other"}, {"to": ["bo"]}, {"channels": ["all"]}, {"metadata": {"priority": 1}}],
)
def test_an_id_with_another_content_is_a_conflict_that_tells_nothing(other: dict) -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    world.say(conversation, "ana", message_id=M1, words="a secret")

    with pytest.raises(Conflict) as refused:
        world.say(conversation, "ana", **{"message_id": M1, "words": "a secret", **other})

    assert refused.value.code == "message_id_taken"
    assert refused.value.extra == {}
    assert "secret" not in refused.value.detail
    assert "ana" not in refused.value.detail


def test_the_same_content_from_another_caller_is_a_conflict() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    world.messaging.accept(as_user("ana"), a_new_message(conversation, message_id=M1))

    with pytest.raises(Conflict):
        world.messaging.accept(as_user("bo"), a_new_message(conversation, message_id=M1))

    assert world.store.messages[M1].sender == "ana"


def test_the_form_of_a_uuid_does_not_make_another_message() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    world.say(conversation, "ana", message_id="ABCDEF00-0000-4000-8000-000000000001")

    with pytest.raises(Conflict):
        world.say(conversation, "ana", "x", message_id="abcdef00000040008000000000000001")


@pytest.mark.req("RNF-003")
def test_a_repeat_enqueues_again_while_the_message_has_no_place() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    world.say(conversation, "ana", message_id=M1)
    world.queue.take(INBOUND)  # as if the process had died before the send
    world.queue.forget_duplicates()

    world.say(conversation, "ana", message_id=M1)

    assert waiting(world) == [M1]


def test_a_repeat_does_not_enqueue_what_has_its_place() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    world.say(conversation, "ana", message_id=M1)
    world.drain()
    world.queue.forget_duplicates()

    world.say(conversation, "ana", message_id=M1)

    assert waiting(world) == []


@pytest.mark.req("RNF-003")
def test_a_message_that_could_not_be_queued_is_not_accepted_and_its_repeat_is() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    world.queue.down = True
    with pytest.raises(Unavailable):
        world.say(conversation, "ana", message_id=M1)

    world.queue.down = False
    world.say(conversation, "ana", message_id=M1)
    world.drain()

    assert world.place(M1).seq == 1


def test_a_conflict_stays_a_conflict_while_the_queue_is_down() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    world.say(conversation, "ana", message_id=M1)
    world.queue.down = True

    outcomes = world.messaging.accept_batch(
        SERVICE,
        [
            a_new_message(conversation, "other", message_id=M1, sender="ana"),
            a_new_message(conversation, "new", message_id=M2, sender="ana"),
        ],
    )

    assert [type(o) for o in outcomes] == [Conflict, Unavailable]


def test_a_batch_keeps_its_order_and_answers_each() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    batch = [
        a_new_message(conversation, "one", message_id=M1, sender="ana"),
        a_new_message(conversation, "two", message_id=M2, sender="nobody"),
        a_new_message(an_id(77), "three", sender="ana"),
        a_new_message(conversation, "four", message_id=M3, sender="bo"),
    ]

    outcomes = world.messaging.accept_batch(SERVICE, batch)

    assert outcomes[0] == Accepted(M1)
    assert [type(o) for o in outcomes[1:3]] == [Forbidden, NotFound]
    assert outcomes[3] == Accepted(M3)
    assert waiting(world) == [M1, M3]


def test_a_repeat_inside_a_batch_is_one_message() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    same = a_new_message(conversation, "same", message_id=M1, sender="ana")
    other = a_new_message(conversation, "other", message_id=M1, sender="ana")

    outcomes = world.messaging.accept_batch(SERVICE, [same, same, other])

    assert outcomes[:2] == [Accepted(M1), Accepted(M1, replayed=True)]
    assert isinstance(outcomes[2], Conflict)
    assert waiting(world) == [M1]


class DownStore(MemoryMessageStore):
    def add(self, messages: object) -> list:
        raise Unavailable("table")


def test_every_message_of_a_batch_that_could_not_be_stored_says_so() -> None:
    store = MemoryStore()
    world = World(store, messages=DownStore(store))
    conversation = world.conversation("ana", "bo")
    same = a_new_message(conversation, message_id=M1, sender="ana")

    outcomes = world.messaging.accept_batch(
        SERVICE, [same, same, a_new_message(conversation, sender="ana")]
    )

    assert [type(o) for o in outcomes] == [Unavailable] * 3
    assert waiting(world) == []


@pytest.mark.parametrize(
    ("caller", "fields", "error", "code"),
    [
        (SERVICE, {}, Invalid, "user_required"),
        (SERVICE, {"sender": "eve"}, Forbidden, "sender_not_member"),
        (as_user("ana"), {"sender": "bo"}, Forbidden, "not_yourself"),
        (as_user("eve"), {}, NotFound, "conversation_not_found"),
        (as_user("ana"), {"to": ["bo", "eve"]}, Invalid, "recipient_not_member"),
        (as_user("ana"), {"channels": ["pigeon"]}, Invalid, "unknown_channel"),
    ],
)
def test_who_may_say_what_to_whom(caller, fields, error, code) -> None:
    world = World()
    conversation = world.conversation("ana", "bo")

    with pytest.raises(error) as refused:
        world.messaging.accept(caller, a_new_message(conversation, **fields))

    assert refused.value.code == code
    assert world.store.messages == {}
    assert waiting(world) == []


@pytest.mark.req("RF-007")
@pytest.mark.parametrize("channels", [["whatsapp", "instagram"], ["all"], ["app"]])
def test_every_channel_there_is_may_be_chosen(channels: list[str]) -> None:
    world = World()
    conversation = world.conversation("ana", "bo")

    message_id = world.say(conversation, "ana", channels=channels)

    assert world.store.messages[message_id].channels == tuple(channels)
