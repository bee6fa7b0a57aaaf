"""Erasing a person: what goes, what stays, and what of somebody who comes back."""

from __future__ import annotations

from typing import Any

import pytest

from chat4all.conversation import ConversationType, NewConversation
from chat4all.delivery import InboundUpdate, MediaPayload, ToRoute
from chat4all.errors import Conflict, Forbidden, Invalid, NotFound
from chat4all.file import FileStatus
from chat4all.file_jobs import MEDIA
from chat4all.message import Message, TextPayload
from chat4all.receipts import Failure, Mark
from chat4all.user import UserProfile
from tests.builders import SERVICE, as_user
from tests.privacy import FILENAME, GONE, NAME, PHONE, SECRET, PrivateWorld, a_connection

pytestmark = pytest.mark.req("RNF-009")


def test_nothing_of_an_erased_person_is_left_but_places_and_an_id() -> None:
    world = PrivateWorld()
    talks = world.dora()

    world.erase()

    assert world.left_of_dora() == []
    for conversation in talks.values():
        assert world.payloads(conversation) == [GONE, "hello Dora"]
        assert world.seqs(conversation) == [1, 2]
    assert world.store.conversations[talks["group"]].members == {"bo", "cy"}
    assert world.store.conversations[talks["pair"]].members == {"bo", "dora"}
    assert {f.status for f in world.store.files.values()} == {FileStatus.DELETED}
    assert world.sockets.closed == ["socket-1"]
    assert world.connections.of_users(["dora"]) == {}
    assert set(world.tokens.revoked) == {"dora"}
    assert world.actions() == ["user.erased", "user.erasure_completed"]
    assert world.conversation_store.ever_in("dora") == [talks["pair"]]


def test_who_they_are_is_gone_before_the_answer() -> None:
    world = PrivateWorld()
    world.dora()

    world.erasing.erase(SERVICE, "dora")

    assert "dora" not in world.store.users
    assert PHONE not in str(world.store.identities)
    assert world.tokens.revoked == ["dora"]
    with pytest.raises(NotFound):
        world.erasing.erase(SERVICE, "dora")
    assert world.actions() == ["user.erased"]


@pytest.mark.parametrize("caller", [as_user("dora"), as_user("bo")])
def test_only_services_erase(caller: object) -> None:
    world = PrivateWorld()
    world.dora()

    with pytest.raises(Forbidden):
        world.erasing.erase(caller, "dora")  # type: ignore[arg-type]

    assert (world.actions(), world.jobs.waiting) == ([], [])
    assert "dora" in world.store.users


def test_others_keep_what_is_theirs() -> None:
    world = PrivateWorld()
    talks = world.dora()
    world.user("bo", "Bo", whatsapp="5511000")
    said = world.say(talks["group"], "cy", "to both")
    world.drain()
    theirs = world.a_file("bos", "bo")

    world.erase()

    addresses = {p.user_id: p.address for p in world.place(said).plan}
    assert addresses == {"bo": "5511000", "dora": None}
    assert world.file_store.get("bos") == theirs
    assert world.payloads(talks["group"])[-1] == "to both"
    assert world.store.users["bo"].name == "Bo"


def test_what_is_written_with_a_token_that_still_lives_goes_in_the_second_pass() -> None:
    world = PrivateWorld()
    talks = world.dora()
    world.erasing.erase(SERVICE, "dora")
    world.pass_over()

    for _ in range(120):
        world.say(talks["pair"], "dora", f"{SECRET}, said too late")
        world.route()
    world.a_file("late", "dora")
    world.connections.add(a_connection("socket-1"))
    assert world.left_of_dora() != []
    assert [later.seconds for later in world.jobs.waiting] == [900]
    world.wait()
    world.pass_over()

    assert world.left_of_dora() == []
    assert world.payloads(talks["pair"])[:3] == [GONE, "hello Dora", GONE]
    assert world.actions()[-1] == "user.erasure_completed"


def an_inbound(words: str, provider_id: str, **fields: Any) -> InboundUpdate:
    given = {"account": "1555", "address": PHONE, "name": NAME, "at": 1, **fields}
    payload = TextPayload(type="text", text=words)
    return InboundUpdate(channel="whatsapp", provider_id=provider_id, payload=payload, **given)


def written(world: PrivateWorld, update: InboundUpdate) -> Message:
    message_id = world.inbound.receive(update)
    world.route()
    return world.store.messages[message_id]


def test_somebody_who_writes_again_from_the_same_phone_is_somebody_else() -> None:
    world = PrivateWorld()
    lives: list[Message] = []
    for life in range(3):
        lives.append(written(world, an_inbound(f"life {life}", f"w-{life}")))
        if life < 2:
            world.erasing.erase(SERVICE, lives[-1].sender)
            world.pass_over()
            world.clock.advance(60)
    world.finish()

    users = [m.sender for m in lives]
    assert len(set(users)) == len({m.conversation_id for m in lives}) == 3
    assert [world.payloads(m.conversation_id) for m in lives] == [[GONE], [GONE], ["life 2"]]
    assert [user in world.store.users for user in users] == [False, False, True]
    assert world.inbound.receive(an_inbound("still life 2", "w-9"))
    assert {m.sender for m in world.store.messages.values()} == set(users)


def test_nobody_is_given_the_id_of_who_was_erased() -> None:
    world = PrivateWorld()
    world.dora()
    world.erase()

    with pytest.raises(Conflict) as refused:
        world.users.put(SERVICE, "dora", UserProfile(name="Another Dora"))
    with pytest.raises(NotFound):
        world.users.put(as_user("dora"), "dora", UserProfile(name="Another Dora"))

    assert refused.value.code == "user_erased"
    pair = NewConversation(type=ConversationType.PRIVATE, members=("bo", "dora"))
    with pytest.raises(Invalid, match="unknown_member"):
        world.conversations.open(SERVICE, pair)
    assert world.left_of_dora() == []


@pytest.mark.parametrize("days", [None, 30])
def test_a_callback_that_is_repeated_after_the_erasure_brings_nothing_back(
    days: int | None,
) -> None:
    world = PrivateWorld()
    world.user("dora", NAME, whatsapp=PHONE)
    world.keeping(days, "dora", "bo")
    said, pictured = an_inbound(SECRET, "w-1"), an_inbound(SECRET, "w-2")
    picture = MediaPayload(reference="m-1", content_type="image/png", filename=FILENAME)
    pictured = pictured.model_copy(update={"payload": picture})
    messages = [written(world, update) for update in (said, pictured)]
    world.queue.take(MEDIA)
    world.erase()
    assert world.left_of_dora() == []
    references = dict(world.store.references)
    world.queue.forget_duplicates()

    for update in (said, pictured):
        world.inbound.receive(update)
        world.route()

    assert world.left_of_dora() == []
    assert list(world.store.users) == ["bo"]
    assert world.store.references == references
    assert world.queue.take(MEDIA) == []
    assert world.payloads(messages[0].conversation_id) == [GONE, GONE]


def test_providers_words_about_a_failure_go_with_the_address() -> None:
    world = PrivateWorld()
    talks = world.dora()
    first, late, last = (world.say(talks["pair"], "bo", f"hi {n}") for n in range(3))
    world.drain()
    failure = Failure(code="131009", reason=f"not valid: to={PHONE}")

    world.report(first, Mark.FAILED, failure=failure)
    world.erasing.erase(SERVICE, "dora")
    world.report(late, Mark.FAILED, failure=failure)
    world.finish()
    world.report(last, Mark.FAILED, failure=failure)

    assert world.left_of_dora() == []
    for message_id in (first, late, last):
        assert world.place(message_id).failures == {0: Failure(code="131009", reason="")}


def test_a_long_job_goes_on_in_other_invocations() -> None:
    world = PrivateWorld()
    talks = world.dora()
    for number in range(230):
        world.say(talks["group"], "dora", f"{SECRET} {number}")
        world.route()
    steps = iter(range(10**6))
    world.fate.calls = 0

    world.erasing.erase(SERVICE, "dora")
    while world.jobs.waiting:
        world.pass_over(lambda: 0.0 if next(steps) % 2 else 100.0)
        world.wait()

    assert world.left_of_dora() == []
    assert world.payloads(talks["left"]) == [GONE, "hello Dora"]
    assert len(world.seqs(talks["group"])) == 232
    assert world.fate.calls < 200, "a hundred messages at a time"


def test_what_is_on_its_way_to_an_erased_person_is_not_sent() -> None:
    world = PrivateWorld()
    talks = world.dora()
    said = world.say(talks["pair"], "bo", "wait for me")
    world.route()

    world.erase()
    world.deliver()

    assert "wait for me" not in world.whatsapp.texts_to(PHONE)
    assert [f.code for f in world.place(said).failures.values()] == ["erased"]


def test_a_router_that_repeats_what_was_planned_for_somebody_erased_goes_on() -> None:
    world = PrivateWorld()
    talks = world.dora()
    world.say(talks["pair"], "bo", "once")
    [waiting] = [ToRoute.model_validate_json(m.body) for m in world.queue.queues["inbound"]]
    world.route()
    world.erasing.erase(SERVICE, "dora")

    routed = world.routing.route([waiting])

    assert (routed.failed, len(routed.placed)) == ([], 1)
