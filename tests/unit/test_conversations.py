"""Open conversations, join and leave them, list them, say what was read."""

import pytest

from chat4all.conversation import MAX_MEMBERS, ConversationType, NewConversation
from chat4all.errors import Chat4AllError, Conflict, Forbidden, Invalid, NotFound
from chat4all.receipts import Mark
from tests.builders import SERVICE, as_user
from tests.world import World

pytestmark = pytest.mark.req("RF-001")


def a_world(*users: str) -> World:
    world = World()
    for user in users or ("ana", "bo", "cy", "di"):
        world.user(user)
    return world


def new(*members: str, kind: str = "group") -> NewConversation:
    return NewConversation(type=ConversationType(kind), members=members)


def refusal(call, *given) -> tuple[type[Chat4AllError], str]:
    with pytest.raises(Chat4AllError) as refused:
        call(*given)
    return refused.type, refused.value.code


def test_a_pair_has_one_conversation_whoever_opens_it() -> None:
    world = a_world()

    first, created = world.conversations.open(as_user("ana"), new("ana", "bo", kind="private"))
    again, created_again = world.conversations.open(SERVICE, new("bo", "ana", kind="private"))

    assert (created, created_again) == (True, False)
    assert first == again


def test_groups_of_the_same_people_are_different() -> None:
    world = a_world()

    first, _ = world.conversations.open(SERVICE, new("ana", "bo", "cy"))
    other, _ = world.conversations.open(SERVICE, new("ana", "bo", "cy"))

    assert first.conversation_id != other.conversation_id


def test_a_group_opened_twice_with_one_key_is_one_group() -> None:
    world = a_world()

    first, created = world.conversations.open(SERVICE, new("ana", "bo", "cy"), "key")
    again, created_again = world.conversations.open(SERVICE, new("ana", "bo", "cy"), "key")

    assert (created, created_again) == (True, False)
    assert first == again


@pytest.mark.parametrize(
    ("caller", "wanted", "error", "code"),
    [
        (SERVICE, new("ana", "bo", "cy", kind="private"), Invalid, "private_needs_two"),
        (SERVICE, new("ana", "bo"), Invalid, "group_too_small"),
        (SERVICE, new("ana", "ana", kind="private"), Invalid, "repeated_member"),
        (SERVICE, new("ana", "bo", "bo"), Invalid, "repeated_member"),
        (SERVICE, new("ana", "bo", "eve"), Invalid, "unknown_member"),
        (as_user("di"), new("ana", "bo", kind="private"), Forbidden, "not_a_member"),
    ],
)
def test_what_cannot_be_opened(caller, wanted, error, code) -> None:
    world = a_world()

    assert refusal(world.conversations.open, caller, wanted) == (error, code)
    assert world.store.conversations == {}


def test_whoever_joins_gets_what_is_said_from_then_on() -> None:
    world = a_world()
    group = world.conversation("ana", "bo", "cy")

    world.conversations.join(as_user("ana"), group, "di")
    message_id = world.say(group, "ana")
    world.drain()

    assert [p.user_id for p in world.place(message_id).plan] == ["bo", "cy", "di"]
    assert world.conversations.show(as_user("di"), group).members["di"].read_seq == 0


def test_joining_twice_changes_nothing() -> None:
    world = a_world()
    group = world.conversation("ana", "bo", "cy")

    world.conversations.join(SERVICE, group, "di")
    world.conversations.join(SERVICE, group, "di")

    assert len(world.store.conversations[group].members) == 4


def test_whoever_leaves_sees_it_no_more() -> None:
    world = a_world()
    group = world.conversation("ana", "bo", "cy")

    world.conversations.leave(as_user("cy"), group, "cy")

    assert refusal(world.conversations.show, as_user("cy"), group)[1] == "conversation_not_found"
    assert world.conversations.recent("cy", limit=10, after=None) == ([], None)


def test_who_may_join_and_leave() -> None:
    world = a_world()
    group, pair = world.conversation("ana", "bo", "cy"), world.conversation("ana", "bo")
    join, leave = world.conversations.join, world.conversations.leave

    assert refusal(join, as_user("di"), group, "di") == (NotFound, "conversation_not_found")
    assert refusal(join, SERVICE, group, "eve") == (Invalid, "unknown_member")
    assert refusal(join, SERVICE, pair, "cy") == (Conflict, "conversation_is_private")
    assert refusal(leave, as_user("ana"), group, "bo") == (Forbidden, "not_yourself")
    assert refusal(leave, SERVICE, group, "di") == (NotFound, "member_not_found")
    assert refusal(leave, SERVICE, pair, "bo") == (Conflict, "conversation_is_private")


def test_a_group_has_at_most_a_hundred_members() -> None:
    people = [f"user-{n}" for n in range(MAX_MEMBERS + 1)]
    world = a_world(*people)
    group = world.conversation(*people[:MAX_MEMBERS])

    assert refusal(world.conversations.join, SERVICE, group, people[-1]) == (
        Conflict,
        "conversation_full",
    )


def test_reading_moves_both_watermarks_and_never_back() -> None:
    world = a_world()
    pair = world.conversation("ana", "bo")
    for _ in range(3):
        world.say(pair, "ana")
    world.drain()

    first = world.conversations.read(as_user("bo"), pair, None, 2)
    back = world.conversations.read(as_user("bo"), pair, None, 1)

    assert (first.read_seq, first.delivered_seq) == (2, 2)
    assert (back.read_seq, back.delivered_seq) == (2, 2)
    assert world.store.members[pair, "bo"].read_seq == 2


def test_when_a_message_was_read_is_when_the_watermark_first_reached_it() -> None:
    world = a_world()
    pair = world.conversation("ana", "bo")
    for _ in range(3):
        world.say(pair, "ana")
    world.drain()
    times = {}
    for seq in (1, 3):
        world.clock.advance(5)
        world.conversations.read(as_user("bo"), pair, None, seq)
        times[seq] = world.clock.now()

    read_at = [world.conversation_store.advanced_at(pair, "bo", Mark.READ, n) for n in (1, 2, 3, 4)]

    assert read_at == [times[1], times[3], times[3], None]


def test_who_may_say_that_something_was_read() -> None:
    world = a_world()
    pair = world.conversation("ana", "bo")
    read = world.conversations.read

    assert refusal(read, SERVICE, pair, None, 1) == (Invalid, "user_required")
    assert refusal(read, SERVICE, pair, "cy", 1) == (NotFound, "member_not_found")
    assert refusal(read, as_user("bo"), pair, "ana", 1) == (Forbidden, "not_yourself")
    assert refusal(read, as_user("cy"), pair, None, 1) == (NotFound, "conversation_not_found")
    assert refusal(read, as_user("bo"), pair, None, 1) == (Invalid, "seq_not_reached")


def test_what_a_members_app_has_is_delivered_and_not_read() -> None:
    world = a_world()
    pair = world.conversation("ana", "bo")
    for _ in range(3):
        world.say(pair, "ana")
    world.drain()

    first = world.conversations.delivered(as_user("bo"), pair, None, 2)
    back = world.conversations.delivered(as_user("bo"), pair, None, 1)

    assert (first.read_seq, first.delivered_seq) == (0, 2)
    assert back.delivered_seq == 2
    assert refusal(world.conversations.delivered, as_user("bo"), pair, None, 4) == (
        Invalid,
        "seq_not_reached",
    )


def test_who_shares_a_conversation() -> None:
    world = a_world()
    world.conversation("ana", "bo")
    group = world.conversation("ana", "cy", "di")
    world.conversations.leave(SERVICE, group, "di")

    shared = world.conversations.shared

    assert [shared("ana", other) for other in ("ana", "bo", "cy", "di")] == [True] * 3 + [False]
    assert not shared("bo", "cy")
