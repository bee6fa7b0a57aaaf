"""A user's conversations, the latest activity first, page by page."""

import random

from tests.builders import SERVICE, as_user
from tests.world import World


def ids(entries) -> list[str]:
    return [entry.conversation.conversation_id for entry in entries]


def pages(world: World, user_id: str, limit: int) -> list[list[str]]:
    found, after = [], None
    while True:
        entries, after = world.conversations.recent(user_id, limit=limit, after=after)
        found.append(ids(entries))
        if after is None:
            return found


def test_the_latest_activity_comes_first() -> None:
    world = World()
    one, other = world.conversation("ana", "bo"), world.conversation("ana", "cy")
    world.clock.advance(1)
    world.say(one, "bo")
    world.route()

    entries, more = world.conversations.recent("ana", limit=10, after=None)

    assert ids(entries) == [one, other]
    assert more is None


def test_pages_meet_within_an_hour_and_across_hours() -> None:
    world = World()
    talks = [world.conversation("ana", f"user-{n}") for n in range(12)]
    order = random.Random(7).sample(talks, 12)
    for number, conversation in enumerate(order):
        world.clock.advance(3600 if number % 5 == 4 else 1)
        world.say(conversation, "ana")
        world.route()

    for limit in (1, 3, 5, 12, 50):
        found = pages(world, "ana", limit)

        assert [i for page in found for i in page] == order[::-1]
        assert all(len(page) <= limit for page in found)


def test_unread_is_what_others_said_since() -> None:
    world = World()
    pair = world.conversation("ana", "bo")
    for sender in ("ana", "ana", "bo", "ana"):
        world.say(pair, sender)
        world.route()

    def unread(user_id: str) -> int:
        [entry], _ = world.conversations.recent(user_id, limit=10, after=None)
        return entry.member.unread(entry.head)

    assert (unread("ana"), unread("bo")) == (0, 1)
    world.conversations.read(as_user("bo"), pair, None, 4)
    assert unread("bo") == 0


def test_an_entry_has_the_last_message() -> None:
    world = World()
    pair = world.conversation("ana", "bo")
    world.say(pair, "ana", "first")
    last = world.say(pair, "bo", "last")
    world.route()

    [entry], _ = world.conversations.recent("ana", limit=10, after=None)

    assert entry.last_message is not None
    assert entry.last_message.message_id == last


def test_a_new_conversation_has_no_last_message_and_nothing_unread() -> None:
    world = World()
    world.conversation("ana", "bo")

    [entry], _ = world.conversations.recent("ana", limit=10, after=None)

    assert entry.last_message is None
    assert entry.member.unread(entry.head) == 0
    assert world.conversations.show(SERVICE, ids([entry])[0]).head.last_seq == 0
