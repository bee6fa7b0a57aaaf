"""Retention: bodies go when their conversation's days are over, and leave no hole."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chat4all.conversation import NewConversation
from chat4all.delivery import InboundUpdate
from chat4all.errors import Conflict, Forbidden
from chat4all.message import ErasedPayload, Erasure, NewMessage, TextPayload
from chat4all.realtime.resuming import Resuming
from chat4all.realtime.syncing import Syncing
from chat4all.receipts import Mark, Status
from tests.builders import CURSORS, SERVICE, a_new_message, an_id, as_user
from tests.privacy import PrivateWorld

pytestmark = pytest.mark.req("RNF-009")
DAY = 86_400
OVER = str(Erasure.RETENTION)


def test_a_body_is_shown_for_its_days_and_not_a_moment_longer() -> None:
    world = PrivateWorld()
    conversation = world.keeping(2, "ana", "bo")
    world.say(conversation, "ana", "first")
    world.drain()
    world.clock.advance(DAY)
    world.say(conversation, "ana", "second")
    world.drain()

    world.clock.advance(DAY - 0.001)
    assert world.payloads(conversation) == ["first", "second"]
    world.clock.advance(0.001)
    assert world.payloads(conversation) == [OVER, "second"]
    world.clock.advance(DAY)
    assert world.payloads(conversation) == [OVER, OVER]


def test_without_days_bodies_stay() -> None:
    world = PrivateWorld()
    conversation = world.keeping(None, "ana", "bo")
    world.say(conversation, "ana", "for ever")
    world.drain()

    world.clock.advance(3650 * DAY)

    assert world.payloads(conversation) == ["for ever"]


def test_everything_that_shows_messages_shows_what_is_in_their_place() -> None:
    world = PrivateWorld()
    conversation = world.keeping(1, "ana", "bo")
    sent = [world.say(conversation, "ana", f"{n}", metadata={"n": n}) for n in range(3)]
    world.drain()
    world.clock.advance(DAY)
    syncing = Syncing(world.message_store, world.conversation_store, world.clock)
    resuming = Resuming(
        world.message_store, world.conversation_store, syncing, CURSORS, sleep=lambda _: None
    )

    shown = world.history.show(as_user("bo"), sent[0])
    [listed], _ = world.conversations.recent("bo", limit=9, after=None)
    resumed = resuming.by_seqs(as_user("bo"), {conversation: 0})

    gone = ErasedPayload(reason=Erasure.RETENTION)
    assert (shown.message.payload, shown.message.metadata) == (gone, {})
    assert shown.message.sender == "ana"
    assert listed.last_message is not None and listed.last_message.payload == gone
    assert listed.head.last_seq == 3
    assert [e["data"]["seq"] for e in resumed.events] == [1, 2, 3]
    assert resumed.complete and not resumed.gone
    told = {"type": "erased", "reason": "retention"}
    assert [e["data"]["payload"] for e in resumed.events] == [told] * 3


def test_a_device_that_was_away_gets_places_without_bodies() -> None:
    world = PrivateWorld()
    conversation = world.keeping(1, "ana", "bo")
    world.say(conversation, "ana", "too late")
    world.drain()
    world.clock.advance(DAY)
    world.say(conversation, "ana", "in time")
    world.drain()
    world.clock.advance(60)

    [part] = (
        Syncing(world.message_store, world.conversation_store, world.clock)
        .page(as_user("bo"), None, None, 9)
        .parts
    )

    payloads = [view.message.payload for view in part.views]
    assert payloads == [
        ErasedPayload(reason=Erasure.RETENTION),
        TextPayload(type="text", text="in time"),
    ]
    assert world.store.members[conversation, "bo"].delivered_seq == 2


def test_statuses_go_on_without_a_body() -> None:
    world = PrivateWorld()
    world.user("bo", whatsapp="5511")
    conversation = world.keeping(1, "ana", "bo")
    sent = world.say(conversation, "ana")
    world.drain()
    world.clock.advance(DAY)

    world.report(sent, Mark.READ)

    assert world.status(sent) is Status.READ


def test_what_people_write_on_channels_is_kept_as_long() -> None:
    world = PrivateWorld()
    world.user("bo", whatsapp="551100")
    conversation = world.keeping(1, "ana", "bo")
    written = InboundUpdate(
        channel="whatsapp",
        provider_id="w-1",
        account="1555",
        address="551100",
        payload=TextPayload(type="text", text="from outside"),
        at=world.clock.now(),
    )
    world.inbound.receive(written)
    world.drain()
    assert world.payloads(conversation) == ["from outside"]

    world.clock.advance(DAY)
    world.inbound.receive(written)  # the provider says it again
    world.drain()

    assert world.payloads(conversation) == [OVER]


def test_a_batch_keeps_each_message_as_long_as_its_own_conversation_says() -> None:
    world = PrivateWorld()
    short, long = world.keeping(1, "ana", "bo"), world.keeping(None, "ana", "cy")
    batch = [a_new_message(c, "hi", **{"from": "ana"}) for c in (short, long, short)]
    world.messaging.accept_batch(SERVICE, batch)
    world.drain()

    world.clock.advance(DAY)

    assert world.payloads(short) == [OVER, OVER]
    assert world.payloads(long) == ["hi"]


def test_an_id_stays_taken_when_its_body_is_gone() -> None:
    world = PrivateWorld()
    conversation = world.keeping(1, "ana", "bo")
    new = a_new_message(conversation, "once", **{"from": "ana", "message_id": an_id(1)})
    world.messaging.accept(SERVICE, new)
    world.drain()
    assert world.messaging.accept(SERVICE, new).replayed

    world.clock.advance(DAY)

    with pytest.raises(Conflict, match="message_id_taken"):
        world.messaging.accept(SERVICE, new)
    assert world.payloads(conversation) == [OVER]


def test_what_waited_longer_than_its_body_lasts_gets_its_place_and_goes_nowhere() -> None:
    world = PrivateWorld()
    world.user("bo", whatsapp="5511")
    conversation = world.keeping(1, "ana", "bo")
    late = world.say(conversation, "ana", "stuck")
    world.clock.advance(DAY)

    world.drain()

    assert world.payloads(conversation) == [OVER]
    assert world.whatsapp.sent == []
    assert world.status(late) is Status.FAILED
    assert [f.code for f in world.place(late).failures.values()] == ["erased"]


def test_only_services_say_how_long_others_words_are_kept() -> None:
    world = PrivateWorld()
    for user in ("ana", "bo"):
        world.user(user)
    new = NewConversation.model_validate(
        {"type": "private", "members": ["ana", "bo"], "retention_days": 1}
    )

    with pytest.raises(Forbidden, match="service_only"):
        world.conversations.open(as_user("ana"), new)

    conversation, created = world.conversations.open(SERVICE, new)
    assert (conversation.retention_days, created) == (1, True)
    again = world.conversations.open(SERVICE, new.model_copy(update={"retention_days": None}))
    assert again == (conversation, False)


def test_a_user_who_opened_a_pair_first_does_not_decide_that_it_is_kept_for_ever() -> None:
    world = PrivateWorld()
    pair = world.keeping(None, "ana", "bo")
    world.say(pair, "ana", "before")
    new = NewConversation.model_validate({"type": "private", "members": ["ana", "bo"]})
    days = new.model_copy(update={"retention_days": 1})

    kept, created = world.conversations.open(SERVICE, days)
    with pytest.raises(Forbidden, match="service_only"):
        world.conversations.open(as_user("bo"), new.model_copy(update={"retention_days": 9}))
    same, _ = world.conversations.open(as_user("bo"), new)

    assert (kept.conversation_id, kept.retention_days, created) == (pair, 1, False)
    assert same == kept
    world.say(pair, "ana", "since")
    world.drain()
    world.clock.advance(DAY)
    assert world.payloads(pair) == ["before", OVER]


def test_a_group_that_is_opened_again_with_its_key_stays_as_it_is() -> None:
    world = PrivateWorld()
    for user in ("ana", "bo", "cy"):
        world.user(user)
    new = NewConversation.model_validate({"type": "group", "members": ["ana", "bo", "cy"]})
    group, _ = world.conversations.open(SERVICE, new, "key")

    again = world.conversations.open(SERVICE, new.model_copy(update={"retention_days": 1}), "key")

    assert again == (group, False)


@pytest.mark.parametrize("days", [0, -1, 3651, 1.5, "x"])
def test_days_have_bounds(days: object) -> None:
    with pytest.raises(ValidationError):
        NewConversation.model_validate(
            {"type": "private", "members": ["ana", "bo"], "retention_days": days}
        )


def test_nobody_can_send_what_stands_in_a_bodys_place() -> None:
    payload = {"type": "erased", "reason": "retention"}

    with pytest.raises(ValidationError):
        NewMessage.model_validate({"conversation_id": an_id(1), "from": "ana", "payload": payload})
