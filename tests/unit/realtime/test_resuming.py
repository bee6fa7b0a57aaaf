"""Coming back: what was missed, in order, without gaps, as the very events that were pushed."""

import pytest
from realtime_harness import RealtimeWorld, seqs

pytestmark = pytest.mark.req("RF-009")


class Lasting(set[str]):
    def clear(self) -> None:
        """It stays."""


def resumed(world: RealtimeWorld, connection: str, **fields) -> tuple[list[dict], dict]:
    """The events, and the answer after them."""
    *events, end = world.says(connection, "resume", request_id="r", **fields)
    assert (end["type"], end["request_id"]) == ("resumed", "r")
    return events, end


def test_what_was_missed_comes_with_the_ids_of_the_pushes(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    ids = world.talk(conversation, "ana", 5)
    bo = world.connect("bo")

    events, end = resumed(world, bo, conversations={conversation: 2})

    assert events == [world.accepted(i) for i in ids[2:]]
    assert (end["has_more"], end["complete"], end["cursor"]) == (False, True, None)


def test_conversations_are_caught_up_with_one_after_the_other(world: RealtimeWorld) -> None:
    one, other = world.conversation("ana", "bo"), world.conversation("bo", "cy")
    for _ in range(2):
        world.talk(one, "ana")
        world.talk(other, "cy")
    bo = world.connect("bo")

    events, _ = resumed(world, bo, conversations={one: 0, other: 1})

    by = [(e["data"]["conversation_id"], e["data"]["seq"]) for e in events]
    assert by == [(one, 1), (one, 2), (other, 2)]


def test_two_hundred_come_at_once_and_then_the_rest(world: RealtimeWorld) -> None:
    one, other = world.conversation("ana", "bo"), world.conversation("bo", "cy")
    world.talk(one, "ana", 203)
    world.talk(other, "cy", 1)
    bo = world.connect("bo")

    first, begun = resumed(world, bo, conversations={one: 0, other: 0})
    rest, ended = resumed(world, bo, conversations={one: 200, other: 0})

    assert seqs(first) == list(range(1, 201))
    assert seqs(rest) == [201, 202, 203, 1]
    assert (begun["has_more"], ended["has_more"]) == (True, False)


def test_what_the_index_lacks_is_waited_for(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    ids = world.talk(conversation, "ana", 4)
    world.late.late = {ids[1], ids[3]}
    bo = world.connect("bo")

    events, end = resumed(world, bo, conversations={conversation: 0})

    assert seqs(events) == [1, 2, 3, 4]
    assert end["complete"]
    assert world.slept


def test_but_not_for_ever(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    ids = world.talk(conversation, "ana", 4)
    world.late.late = Lasting({ids[2]})
    bo = world.connect("bo")

    events, end = resumed(world, bo, conversations={conversation: 0})

    assert seqs(events) == [1, 2]
    assert end["complete"] is False
    assert sum(world.slept) == pytest.approx(2.0)


def test_a_conversation_that_is_none_of_ones_business_holds_up_no_other(
    world: RealtimeWorld,
) -> None:
    mine, others = world.conversation("ana", "bo"), world.conversation("cy", "di")
    world.talk(mine, "ana", 1)
    world.talk(others, "cy", 1)
    bo = world.connect("bo")

    events, end = resumed(world, bo, conversations={others: 0, mine: 0})

    assert [e["data"]["conversation_id"] for e in events] == [mine]
    assert end["gone"] == [others]


def test_by_cursor_all_conversations_are_caught_up_with(world: RealtimeWorld) -> None:
    one, other = world.conversation("ana", "bo"), world.conversation("bo", "cy")
    world.talk(one, "ana", 2)
    bo = world.connect("bo")
    first, begun = resumed(world, bo)
    [new] = world.talk(other, "cy", 1)

    then, ended = resumed(world, bo, cursor=begun["cursor"])

    assert seqs(first) == [1, 2]
    assert then == [world.accepted(new)]
    assert ended["cursor"] and not ended["has_more"]


def test_nothing_is_delivered_until_the_client_says_so(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    world.talk(conversation, "ana", 2)
    bo = world.connect("bo")

    resumed(world, bo)
    before = world.store.members[conversation, "bo"].delivered_seq
    world.says(bo, "ack", conversation_id=conversation, up_to_seq=2)

    assert (before, world.store.members[conversation, "bo"].delivered_seq) == (0, 2)
