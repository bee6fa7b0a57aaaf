"""Erasing a person: what goes, what stays, and what of somebody who comes back."""

from __future__ import annotations

import pytest

from chat4all.delivery import InboundUpdate, ToRoute
from chat4all.errors import Forbidden, NotFound
from chat4all.file import FileStatus
from chat4all.message import TextPayload
from tests.builders import SERVICE, as_user
from tests.privacy import GONE, PHONE, SECRET, PrivateWorld, a_connection, second_pass

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


def test_somebody_who_writes_again_from_the_same_phone_is_new_and_keeps_what_they_say() -> None:
    world = PrivateWorld()
    inbound = InboundUpdate(
        channel="whatsapp",
        provider_id="w-1",
        account="1555",
        address=PHONE,
        name="Dora",
        payload=TextPayload(type="text", text=SECRET),
        at=world.clock.now(),
    )
    world.inbound.receive(inbound)
    world.route()
    [(user_id, before)] = [(i, u) for i, u in world.store.users.items() if u.identities]
    world.erasing.erase(SERVICE, user_id)
    world.pass_over()
    second_pass(world)
    world.clock.advance(60)

    back = inbound.model_copy(
        update={"provider_id": "w-2", "payload": TextPayload(type="text", text="I am back")}
    )
    world.inbound.receive(back)
    world.route()
    world.finish()

    [conversation] = world.conversation_store.ever_in(user_id)
    assert world.payloads(conversation) == [GONE, "I am back"]
    assert world.store.users[user_id].created_at > before.created_at
    assert world.store.users[user_id].identities == before.identities
    assert world.actions()[-1] == "user.erasure_completed"


def test_a_member_who_was_made_anew_stays_in_what_they_joined_since() -> None:
    world = PrivateWorld()
    talks = world.dora()
    world.erasing.erase(SERVICE, "dora")
    world.pass_over()
    world.clock.advance(60)

    world.user("dora", "Another Dora")
    world.conversations.join(SERVICE, talks["group"], "dora")
    world.connections.add(a_connection("socket-2"))
    theirs = world.a_file("another", "dora")
    world.say(talks["group"], "dora", "hello again")
    world.drain()
    world.finish()

    assert "dora" in world.store.conversations[talks["group"]].members
    assert world.payloads(talks["group"]) == [GONE, "hello Dora", "hello again"]
    assert world.store.users["dora"].name == "Another Dora"
    assert "socket-2" not in world.sockets.closed
    assert world.file_store.get("another") == theirs


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
