"""Who may see, change, fetch and send a file: its owner and the members of where it was shared."""

from collections.abc import Callable

import pytest

from chat4all.caller import Caller
from chat4all.errors import Rejected
from tests.builders import SERVICE, a_new_message, as_user
from tests.uploading import begun, checked, uploaded
from tests.world import World

pytestmark = pytest.mark.req("RF-003")
OWNER, MEMBER, LEFT, STRANGER = "ana", "bo", "cy", "eve"
CALLERS = {
    "owner": as_user(OWNER),
    "member": as_user(MEMBER),
    "former member": as_user(LEFT),
    "stranger": as_user(STRANGER),
    "service": SERVICE,
}
HIDDEN, NOT_YOURS = "file_not_found", "not_file_owner"


def a_shared_world() -> tuple[World, str]:
    """A group that cy has left, and that eve never was in."""
    world = World()
    group = world.conversation(OWNER, MEMBER, LEFT, "di")
    world.user(STRANGER)
    world.conversations.leave(SERVICE, group, LEFT)
    return world, group


def outcome(use: Callable[[], object]) -> str:
    try:
        use()
    except Rejected as error:
        return error.code
    return "ok"


USES: dict[str, Callable[[World, Caller, str], object]] = {
    "show": lambda world, caller, file_id: world.uploads.show(caller, file_id),
    "part urls": lambda world, caller, file_id: world.uploads.uploading(caller, file_id),
    "complete": lambda world, caller, file_id: world.uploads.complete(caller, file_id),
    "abort": lambda world, caller, file_id: world.uploads.abort(caller, file_id),
}
READ = {"owner": "ok", "member": "ok", "service": "ok"}
WRITE = {"owner": "ok", "member": NOT_YOURS, "service": "ok"}


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize("use", USES)
def test_who_may_do_what_with_an_upload(use: str, who: str) -> None:
    world, group = a_shared_world()
    file = uploaded(world, conversation_id=group)

    found = outcome(lambda: USES[use](world, CALLERS[who], file.file_id))

    assert found == (READ if use == "show" else WRITE).get(who, HIDDEN)


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize("use", USES)
def test_a_file_that_is_not_shared_is_its_owners_alone(use: str, who: str) -> None:
    world, _ = a_shared_world()
    file = uploaded(world)

    found = outcome(lambda: USES[use](world, CALLERS[who], file.file_id))

    assert found == ("ok" if who in ("owner", "service") else HIDDEN)


@pytest.mark.parametrize("who", CALLERS)
def test_who_may_fetch_a_file(who: str) -> None:
    world, group = a_shared_world()
    file = checked(world, conversation_id=group)

    found = outcome(lambda: world.downloads.content_url(CALLERS[who], file.file_id))

    assert found == READ.get(who, HIDDEN)


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize("use", USES)
def test_a_file_that_is_not_there_is_nobodys(use: str, who: str) -> None:
    world, _ = a_shared_world()
    file = begun(world)
    world.store.files.clear()

    assert outcome(lambda: USES[use](world, CALLERS[who], file.file_id)) == HIDDEN


@pytest.mark.parametrize("who", CALLERS)
def test_a_file_of_this_deployments_services_is_no_users(who: str) -> None:
    world, _ = a_shared_world()
    file = uploaded(world, by=SERVICE)

    found = outcome(lambda: world.uploads.show(CALLERS[who], file.file_id))

    assert found == ("ok" if who == "service" else HIDDEN)


@pytest.mark.parametrize(
    ("sender", "caller", "expected"),
    [
        (OWNER, as_user(OWNER), "ok"),
        (OWNER, SERVICE, "ok"),
        (MEMBER, as_user(MEMBER), "ok"),
        (STRANGER, as_user(STRANGER), HIDDEN),
        (STRANGER, SERVICE, HIDDEN),
        (LEFT, as_user(LEFT), HIDDEN),
    ],
)
def test_a_file_is_sent_by_those_who_may_fetch_it(sender, caller, expected) -> None:
    world, group = a_shared_world()
    file = checked(world, conversation_id=group)
    other = world.conversation(sender, "zoe")
    payload = {"type": "file", "file_id": file.file_id}
    new = a_new_message(other, payload=payload, **{"from": sender})

    assert outcome(lambda: world.messaging.accept(caller, new)) == expected
    assert (other in world.file_store.shared_in(file.file_id)) is (expected == "ok")


@pytest.mark.parametrize(("caller", "expected"), [(SERVICE, "ok"), (as_user("ana"), HIDDEN)])
def test_a_services_own_file_may_be_sent_in_anybodys_name_by_services(caller, expected) -> None:
    world = World()
    file = checked(world, by=SERVICE)
    conversation = world.conversation("ana", "bo")
    payload = {"type": "file", "file_id": file.file_id}
    new = a_new_message(conversation, payload=payload, **{"from": "ana"})

    assert outcome(lambda: world.messaging.accept(caller, new)) == expected


def test_whoever_is_sent_a_file_may_fetch_it_from_then_on() -> None:
    world, _ = a_shared_world()
    file = checked(world)
    conversation = world.conversation(OWNER, STRANGER)
    before = outcome(lambda: world.downloads.content_url(as_user(STRANGER), file.file_id))
    payload = {"type": "file", "file_id": file.file_id}

    message_id = world.say(conversation, OWNER, payload=payload)

    assert before == HIDDEN
    assert world.downloads.content_url(as_user(STRANGER), file.file_id)
    kept = world.store.messages[message_id].payload
    assert (kept.filename, kept.size, kept.content_type) == ("words.txt", 12, "text/plain")


def test_a_file_that_is_not_ready_is_not_sent() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    file = uploaded(world)
    payload = {"type": "file", "file_id": file.file_id}
    new = a_new_message(conversation, payload=payload, **{"from": "ana"})

    assert outcome(lambda: world.messaging.accept(SERVICE, new)) == "file_not_ready"
    assert (world.store.messages, world.file_store.shared_in(file.file_id)) == ({}, [])
