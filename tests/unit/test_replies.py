"""Where a person's words belong: with what they reply to, else where they last spoke."""

import pytest

from chat4all.delivery import InboundUpdate
from tests.builders import NOW, text
from tests.world import World

pytestmark = pytest.mark.req("RF-007")


def writes(world: World, words: str, **fields) -> str:
    """Bo writes on WhatsApp; the conversation that it ends up in."""
    given = {"account": "1555", "address": "551100", "at": NOW}
    update = InboundUpdate(
        channel="whatsapp", provider_id=f"in {words}", payload=text(words), **{**given, **fields}
    )
    message_id = world.inbound.receive(update)
    world.drain()
    return world.store.messages[message_id].conversation_id


def two_talks() -> tuple[World, str, str]:
    """Bo was written to by ana, and after that by cy."""
    world = World()
    world.user("bo", whatsapp="551100")
    with_ana, with_cy = world.conversation("ana", "bo"), world.conversation("bo", "cy")
    world.say(with_ana, "ana", "from ana")
    world.drain()
    world.say(with_cy, "cy", "from cy")
    world.drain()
    return world, with_ana, with_cy


def test_a_reply_goes_to_the_conversation_of_what_it_replies_to() -> None:
    world, with_ana, _ = two_talks()

    assert writes(world, "a reply", reply_to="p1-551100") == with_ana


def test_a_reply_to_what_they_wrote_themselves_goes_there_too() -> None:
    world, with_ana, with_cy = two_talks()
    writes(world, "to ana", reply_to="p1-551100")
    world.say(with_cy, "cy", "again from cy")
    world.drain()

    assert writes(world, "and this", reply_to="in to ana") == with_ana


def test_without_a_reply_it_goes_where_they_were_last_spoken_to() -> None:
    world, _, with_cy = two_talks()

    assert writes(world, "an answer") == with_cy


def test_a_reply_to_something_unknown_goes_where_they_were_last_spoken_to() -> None:
    world, _, with_cy = two_talks()

    assert writes(world, "an answer", reply_to="wamid.of.another.system") == with_cy


def test_what_follows_a_reply_goes_where_the_reply_went() -> None:
    world, with_ana, _ = two_talks()
    writes(world, "to ana", reply_to="p1-551100")

    assert writes(world, "and one more thing") == with_ana


def test_a_reply_into_a_conversation_that_was_left_goes_elsewhere() -> None:
    world = World()
    world.user("bo", whatsapp="551100")
    group, pair = world.conversation("ana", "bo", "cy"), world.conversation("bo", "di")
    world.say(group, "ana")
    world.drain()
    world.conversation_store.leave(group, "bo", NOW)

    assert writes(world, "still here?", reply_to="p1-551100") == pair


def test_whoever_was_never_written_to_goes_to_their_latest_conversation() -> None:
    world = World()
    world.user("bo", whatsapp="551100")
    older = world.conversation("ana", "bo")
    world.clock.advance(7200)
    newer = world.conversation("bo", "cy")

    assert writes(world, "hello") == newer != older


def test_a_second_account_of_ours_is_another_person_to_talk_to() -> None:
    world = World()

    one, other = writes(world, "one", account="1555"), writes(world, "other", account="1666")

    assert one != other


def test_an_unknown_persons_second_message_stays_in_the_first_ones_conversation() -> None:
    world = World()

    assert writes(world, "hello") == writes(world, "anybody?")


def test_the_inbox_can_answer() -> None:
    world = World()
    conversation = writes(world, "hello")

    world.say(conversation, "inbox.whatsapp.1555", "how can we help?")
    world.drain()

    assert world.whatsapp.sent == [("551100", "how can we help?")]
