"""What providers report, and what people write to us."""

import itertools
from uuid import UUID

import pytest

from chat4all.delivery import INBOUND, InboundUpdate, MediaPayload, StatusUpdate, ToRoute
from chat4all.errors import Unavailable
from chat4all.file_jobs import MEDIA
from chat4all.ids import derived_id
from chat4all.meeting import Meeting
from chat4all.receipts import Failure, Mark, Reference, Status
from chat4all.user import Identity, UserProfile
from tests.builders import NOW, SERVICE, an_id, text
from tests.world import World


def a_status(mark: Mark, provider_id: str = "p1", **fields) -> StatusUpdate:
    return StatusUpdate(channel="whatsapp", provider_id=provider_id, mark=mark, at=NOW, **fields)


def an_inbound(words: str = "hi", provider_id: str = "wamid.1", **fields) -> InboundUpdate:
    given = {"account": "1555", "address": "551100", "name": "Bo", "at": NOW}
    return InboundUpdate(
        channel="whatsapp", provider_id=provider_id, payload=text(words), **{**given, **fields}
    )


def a_sent_message(**more) -> tuple[World, str]:
    world = World()
    world.user("bo", whatsapp="551100")
    message_id = world.say(world.conversation("ana", "bo"), "ana", "hello", **more)
    world.drain()
    return world, message_id


@pytest.mark.req("RF-006")
@pytest.mark.parametrize(
    "order", list(itertools.permutations(["sent", "delivered", "read", "failed"]))
)
def test_receipts_in_any_order_and_twice_give_the_same_status(order: tuple[str, ...]) -> None:
    world, message_id = a_sent_message()

    for mark in (*order, *order):
        world.report(message_id, Mark(mark))

    assert world.status(message_id) is Status.READ
    assert len(world.place(message_id).times) == 4


def test_receipts_in_one_batch_are_each_recorded_once() -> None:
    world, message_id = a_sent_message()
    opaque = f"{message_id}.0"
    batch = [a_status(m, opaque=opaque) for m in (Mark.DELIVERED, Mark.READ, Mark.DELIVERED)]

    first = world.inbound.apply(batch)
    again = world.inbound.apply(batch)

    assert (first.recorded, first.unknown) == (2, [])
    assert (again.recorded, again.unknown) == (0, [])


def test_a_receipt_without_our_field_is_found_by_the_providers_id() -> None:
    world, message_id = a_sent_message()

    applied = world.inbound.apply([a_status(Mark.READ, "p1-551100")])

    assert applied.unknown == []
    assert world.status(message_id) is Status.READ


def test_a_field_that_is_not_ours_is_not_believed() -> None:
    world, message_id = a_sent_message()

    applied = world.inbound.apply([a_status(Mark.READ, "p1-551100", opaque="somebody's order")])

    assert applied.unknown == []
    assert world.status(message_id) is Status.READ


def test_a_receipt_that_comes_before_its_record_is_reported_as_unknown() -> None:
    world, message_id = a_sent_message()
    early = a_status(Mark.READ, "p2")

    applied = world.inbound.apply([a_status(Mark.DELIVERED, opaque=f"{message_id}.0"), early])
    reference = Reference(
        channel="whatsapp", provider_id="p2", message_id=message_id, conversation_id="c", index=0
    )
    world.message_store.record([], [reference])
    later = world.inbound.apply([early])

    assert applied.unknown == [1]
    assert later.unknown == []
    assert world.status(message_id) is Status.READ


@pytest.mark.parametrize("opaque", [f"{an_id(404)}.0", f"{an_id(404)}.9999"])
def test_a_receipt_for_a_message_that_we_do_not_have_is_unknown(opaque: str) -> None:
    world, _ = a_sent_message()

    assert world.inbound.apply([a_status(Mark.READ, opaque=opaque)]).unknown == [0]


def test_a_receipt_for_a_delivery_that_was_never_planned_is_unknown() -> None:
    world, message_id = a_sent_message()

    assert world.inbound.apply([a_status(Mark.READ, opaque=f"{message_id}.7")]).unknown == [0]


@pytest.mark.req("RNF-009")
def test_one_channel_says_nothing_of_what_another_delivers() -> None:
    world, message_id = a_sent_message()
    reference = Reference(
        channel="instagram", provider_id="i1", message_id=message_id, conversation_id="c", index=0
    )
    world.message_store.record([], [reference])
    batch = [
        StatusUpdate(
            channel="instagram", provider_id=provider_id, mark=Mark.READ, at=NOW, opaque=opaque
        )
        for provider_id, opaque in (("p9", f"{message_id}.0"), ("i1", None))
    ]

    applied = world.inbound.apply(batch)

    assert (applied.recorded, applied.unknown) == (0, [0, 1])
    assert world.status(message_id) is Status.SENT


def test_an_earlier_part_that_is_read_is_no_news_and_one_that_failed_is() -> None:
    world = World()
    world.user("bo", whatsapp="551100")
    world.whatsapp.limit = 4
    message_id = world.say(world.conversation("ana", "bo"), "ana", "abcdef")
    world.drain()

    read = world.inbound.apply([a_status(Mark.READ, "p1-551100")])
    after_read = world.status(message_id)
    world.inbound.apply([a_status(Mark.FAILED, "p1-551100")])

    assert (read.recorded, read.unknown, after_read) == (0, [], Status.SENT)
    assert world.status(message_id) is Status.FAILED


def test_a_failure_keeps_the_providers_reason() -> None:
    world, message_id = a_sent_message()
    failure = Failure(code="131049", reason="not now", retriable=True)

    world.report(message_id, Mark.FAILED, failure=failure)

    assert world.place(message_id).failures == {0: failure}


@pytest.mark.req("RF-007")
def test_an_unknown_person_becomes_a_user_with_a_conversation() -> None:
    world = World()

    message_id = world.inbound.receive(an_inbound("hello?"))
    world.drain()

    message = world.store.messages[message_id]
    user = world.store.users[message.sender]
    conversation = world.store.conversations[message.conversation_id]
    assert (user.name, message.origin) == ("Bo", "whatsapp")
    assert user.identities == (Identity(channel="whatsapp", address="551100", account="1555"),)
    assert conversation.members == {user.user_id, "inbox.whatsapp.1555"}
    assert world.seqs(conversation.conversation_id) == [1]


def test_what_comes_twice_changes_nothing_the_second_time() -> None:
    world = World()
    first = world.inbound.receive(an_inbound())
    world.drain()
    users, conversations = set(world.store.users), set(world.store.conversations)

    again = world.inbound.receive(an_inbound())
    world.drain()

    assert first == again
    assert list(world.store.messages) == [first]
    assert (users, conversations) == (set(world.store.users), set(world.store.conversations))


@pytest.mark.req("RNF-003")
def test_what_could_not_be_queued_is_queued_when_it_is_offered_again() -> None:
    world = World()
    world.queue.down = True
    with pytest.raises(Unavailable):
        world.inbound.receive(an_inbound())

    world.queue.down = False
    message_id = world.inbound.receive(an_inbound())
    world.drain()

    assert world.place(message_id).seq == 1


@pytest.mark.req("RNF-003")
@pytest.mark.parametrize("failing", ["create", "add", "share", "record", "send"])
def test_what_died_half_way_is_completed_by_the_repeat(
    failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    media = MediaPayload(reference="m-1", content_type="image/png")
    update = an_inbound().model_copy(update={"payload": media})
    owner = {
        "create": world.conversation_store,
        "add": world.message_store,
        "share": world.file_store,
        "record": world.message_store,
        "send": world.queue,
    }[failing]

    def dies(*given: object) -> None:
        raise Unavailable("died")

    with monkeypatch.context() as patched:
        patched.setattr(owner, failing, dies)
        with pytest.raises(Unavailable):
            world.inbound.receive(update)
    message_id = world.inbound.receive(update)
    world.drain()

    message = world.store.messages[message_id]
    assert world.place(message_id).seq == 1
    assert [u for u in world.store.users if not u.startswith("inbox")] == [message.sender]
    [file] = world.store.files.values()
    assert world.file_store.shared_in(file.file_id) == [message.conversation_id]
    assert len(world.queue.take(MEDIA)) == 1
    assert ("whatsapp", "wamid.1") in world.store.references
    assert world.store.users[message.sender].last_conversations


@pytest.mark.req("RNF-009")
def test_the_id_of_somebody_met_on_a_channel_needs_the_key_to_be_found_out() -> None:
    worlds = [World(), World()]
    other = Meeting(worlds[1].user_store, worlds[1].clock, lambda: b"another key")

    one = worlds[0].store.messages[worlds[0].inbound.receive(an_inbound())].sender
    two = other.sender(an_inbound()).user_id

    assert one != two
    assert {UUID(i).version for i in (one, two)} == {8}
    assert derived_id("user", "whatsapp", "1555", "551100") not in (one, two)


def test_people_who_were_known_keep_their_ids() -> None:
    world = World()
    known = derived_id("user", "whatsapp", "1555", "551100")
    there = Identity(channel="whatsapp", address="551100", account="1555")
    world.users.put(SERVICE, known, UserProfile(name="Bo", identities=(there,)))

    message_id = world.inbound.receive(an_inbound())

    assert world.store.messages[message_id].sender == known


def test_what_people_write_arrives_when_the_inbox_was_erased() -> None:
    world = World()
    world.inbound.receive(an_inbound())
    world.user_store.erase("inbox.whatsapp.1555", NOW)

    message_id = world.inbound.receive(an_inbound(provider_id="wamid.2", address="551199"))
    world.drain()

    assert world.place(message_id).seq == 1


def test_a_repeat_stays_in_the_conversation_it_was_put_in() -> None:
    world = World()
    message_id = world.inbound.receive(an_inbound())
    world.drain()
    sender = world.store.messages[message_id].sender
    world.conversation(sender, "ana")
    world.say(world.conversation(sender, "cy"), "cy")
    world.drain()
    world.queue.forget_duplicates()

    world.inbound.receive(an_inbound())

    [queued] = [ToRoute.model_validate_json(b) for b in world.queue.take(INBOUND)]
    assert queued.conversation_id == world.store.messages[message_id].conversation_id


@pytest.mark.req("RNF-009")
def test_who_has_a_number_that_was_anothers_is_somebody_else() -> None:
    world = World()
    first = world.store.messages[world.inbound.receive(an_inbound())].sender
    moved = Identity(channel="whatsapp", address="551199", account="1555")
    world.users.put(SERVICE, first, UserProfile(name="Bo", identities=(moved,)))

    words = [an_inbound(provider_id=f"wamid.{n}", name="Stranger") for n in (2, 3)]
    strangers = {world.store.messages[world.inbound.receive(w)].sender for w in words}

    assert len(strangers) == 1 and first not in strangers
    there = world.store.users[first]
    assert (there.name, there.identities) == ("Bo", (moved,))


def test_a_late_repeat_does_not_change_where_the_next_words_go() -> None:
    world = World()
    sender = world.store.messages[world.inbound.receive(an_inbound())].sender
    world.drain()
    elsewhere = world.conversation(sender, "ana")
    identity = world.store.users[sender].identities[0]
    world.user_store.spoke_in(sender, identity, elsewhere)
    world.queue.forget_duplicates()

    world.inbound.receive(an_inbound())
    following = world.inbound.receive(an_inbound("and then", provider_id="wamid.2"))

    assert world.store.messages[following].conversation_id == elsewhere


@pytest.mark.req("RF-002")
def test_from_one_channel_to_another() -> None:
    world = World()
    world.user("ana", whatsapp="551100")
    world.user("bo", instagram="igbo")
    conversation = world.conversation("ana", "bo")

    message_id = world.inbound.receive(an_inbound("across"))
    world.drain()

    assert world.store.messages[message_id].conversation_id == conversation
    assert world.instagram.sent == [("igbo", "across")]


def test_an_identity_without_an_account_is_known_on_every_account() -> None:
    world = World()
    world.user("bo", whatsapp="551100")

    sender = world.store.messages[world.inbound.receive(an_inbound())].sender

    assert sender == "bo"
