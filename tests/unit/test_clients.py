"""Clients: who administers them, and what is written down."""

from __future__ import annotations

import pytest

from chat4all.access.audit import Audit
from chat4all.access.client import ClientPatch
from chat4all.access.clients import Clients
from chat4all.access.tokens import SCOPES
from chat4all.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Raced,
    Unauthenticated,
    Unavailable,
)
from chat4all.ports.access import ClientPlace
from tests.builders import as_user
from tests.support.client_world import ClientWorld as World
from tests.support.client_world import NoTrail, a_new_client

pytestmark = pytest.mark.req("RNF-009")


@pytest.fixture
def world() -> World:
    return World()


def test_whoever_operates_the_stack_gives_all_scopes_unless_some_are_named(world: World) -> None:
    made = world.clients.register(name="all")

    assert world.clients.authenticate(made.client_id, made.client_secret).scopes == SCOPES
    with pytest.raises(Invalid):
        world.clients.register(name="odd", scopes=["everything"])


def test_an_admin_registers_a_client_and_it_is_written_down(world: World) -> None:
    client, secret = world.clients.create(
        world.root,
        a_new_client(scopes=["users", "files", "users"], requests_per_minute=600),
    )

    assert world.knows(client.client_id, secret)
    assert world.clients.show(world.root, client.client_id) == client
    assert (client.scopes, client.requests_per_minute) == (("users", "files"), 600)
    assert client.user_requests_per_minute == 60
    assert world.written == [("client.created", world.root.subject, client.client_id)]
    assert world.trail.records[0].address == "192.0.2.1"
    assert secret not in repr(world.trail.records)


def test_a_scope_that_there_is_not_is_refused_with_those_that_there_are(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        world.clients.create(world.root, a_new_client(scopes=["users", "root"]))

    assert (refused.value.code, refused.value.detail) == ("unknown_scope", "No such scope: root.")
    assert refused.value.extra == {"unknown": ["root"], "scopes": list(SCOPES)}
    assert world.written == []


def test_what_cannot_be_written_down_is_not_done() -> None:
    world = World()
    world.clients = Clients(world.store, Audit(NoTrail(), world.clock), world.clock)
    victim = world.store.page(None, 10)

    for act in (
        lambda: world.clients.create(world.root, a_new_client()),
        lambda: world.clients.change(world.root, world.root.subject, ClientPatch(name="x")),
        lambda: world.clients.rotate(world.root, world.root.subject, 0),
    ):
        with pytest.raises(Unavailable):
            act()

    assert world.store.page(None, 10) == victim


def test_only_admins_administer(world: World) -> None:
    other = world.caller(world.another("users", "webhooks"))
    target = world.root.subject

    for caller in (other, as_user("bo")):
        for act in (
            lambda c: world.clients.create(c, a_new_client()),
            lambda c: world.clients.page(c, None, 10),
            lambda c: world.clients.show(c, target),
            lambda c: world.clients.change(c, target, ClientPatch(name="x")),
            lambda c: world.clients.rotate(c, target, 0),
            lambda c: world.clients.revoke(c, target),
        ):
            with pytest.raises(Forbidden):
                act(caller)
    assert world.written == []


def test_a_change_names_what_it_changes_and_leaves_the_rest(world: World) -> None:
    client, _ = world.clients.create(world.root, a_new_client(requests_per_minute=5))
    world.trail.records.clear()
    patch = ClientPatch.model_validate({"name": "store", "requests_per_minute": None})

    changed = world.clients.change(world.root, client.client_id, patch)
    again = world.clients.change(world.root, client.client_id, ClientPatch())

    assert (changed.name, changed.requests_per_minute) == ("store", None)
    assert (changed.scopes, changed.user_requests_per_minute) == (("users",), 60)
    assert again == changed == world.clients.show(world.root, client.client_id)
    [record] = world.trail.records
    assert record.detail == {"fields": ["name", "requests_per_minute"], "requests_per_minute": None}


def test_a_change_of_what_another_changed_meanwhile_is_refused(world: World) -> None:
    made = world.another("users")
    read = world.store.get(made.client_id)
    world.clients.change(world.root, made.client_id, ClientPatch(name="first"))
    world.store.get = lambda client_id: (  # type: ignore[method-assign]
        read if client_id == made.client_id else world.store._clients[client_id]
    )

    with pytest.raises(Raced):
        world.clients.change(world.root, made.client_id, ClientPatch(name="second"))

    assert world.store._clients[made.client_id].name == "first"


def test_a_revoked_client_stays_as_it_is(world: World) -> None:
    made = world.another("users")
    world.clients.revoke(world.root, made.client_id)

    for act in (
        lambda: world.clients.change(world.root, made.client_id, ClientPatch(name="x")),
        lambda: world.clients.rotate(world.root, made.client_id, 0),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "client_revoked"


def test_a_revoked_admin_does_nothing_with_the_token_that_is_left(world: World) -> None:
    """Else its last quarter of an hour would do to make another."""
    made = world.another()
    remembered = world.caller(made)
    world.clients.revoke(world.root, made.client_id)

    with pytest.raises(Unauthenticated):
        world.clients.create(remembered, a_new_client(scopes=["admin"]))


def test_whose_admin_scope_was_taken_is_none_at_once(world: World) -> None:
    made = world.another()
    remembered = world.caller(made)
    world.clients.change(world.root, made.client_id, ClientPatch(scopes=("users",)))

    with pytest.raises(Forbidden) as refused:
        world.clients.create(remembered, a_new_client())

    assert refused.value.code == "insufficient_scope"


def test_an_admin_is_always_left(world: World) -> None:
    with pytest.raises(Conflict) as revoking:
        world.clients.revoke(world.root, world.root.subject)
    with pytest.raises(Conflict) as dropping:
        world.clients.change(world.root, world.root.subject, ClientPatch(scopes=("users",)))
    world.clients.change(world.root, world.root.subject, ClientPatch(scopes=("users", "admin")))

    assert (revoking.value.code, dropping.value.code) == ("own_client", "own_admin_scope")
    assert [admin.client_id for admin in world.clients.admins()] == [world.root.subject]


def test_who_is_not_there_is_not_found(world: World) -> None:
    for act in (
        lambda: world.clients.show(world.root, "c4a_0"),
        lambda: world.clients.change(world.root, "c4a_0", ClientPatch(name="x")),
        lambda: world.clients.rotate(world.root, "c4a_0", 0),
        lambda: world.clients.revoke(world.root, "c4a_0"),
    ):
        with pytest.raises(NotFound) as refused:
            act()
        assert refused.value.code == "client_not_found"


def test_all_clients_are_listed_page_by_page(world: World) -> None:
    for _ in range(4):
        world.clock.advance(1)
        world.another("users")

    first, more = world.clients.page(world.root, None, 3)
    rest, end = world.clients.page(world.root, more, 3)

    assert more == ClientPlace(first[-1].created_at, first[-1].client_id)
    assert (len(first), len(rest), end) == (3, 2, None)
    assert first[0].client_id == world.root.subject
