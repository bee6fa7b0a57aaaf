"""By which secret a client is known, and how long."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chat4all.access.audit import Audit
from chat4all.access.clients import Clients
from chat4all.errors import Unauthenticated
from tests.support.client_world import ClientWorld as World
from tests.support.client_world import NoTrail, a_new_client

pytestmark = pytest.mark.req("RNF-009")


@pytest.fixture
def world() -> World:
    return World()


def test_a_client_is_known_by_its_secret_alone(world: World) -> None:
    made = world.another("users")

    client = world.clients.authenticate(made.client_id, made.client_secret)

    assert (client.name, client.scopes) == ("another", ("users",))
    assert made.client_secret not in repr(made) + repr(world.store.get(made.client_id))
    for wrong in (
        (made.client_id, "x"),
        (made.client_id, ""),
        ("c4a_0", ""),
        ("c4a_0", made.client_secret),
        ("", ""),
    ):
        assert not world.knows(*wrong)


@pytest.mark.parametrize("client_id", ["", "x", "c4a_", "c4a_é", "c4a_1#CLIENT", "c4a_" + "0" * 61])
def test_an_id_that_none_of_ours_can_be_costs_no_read(world: World, client_id: str) -> None:
    before = world.store.reads

    assert not world.knows(client_id, "x")

    assert world.store.reads == before


def test_a_rotated_secret_works_beside_the_new_one_for_as_long_as_was_said(world: World) -> None:
    made = world.another("users")

    client, new = world.clients.rotate(world.root, made.client_id, 3600)
    during = world.knows(made.client_id, made.client_secret), world.knows(made.client_id, new)
    world.clock.advance(3600)
    after = world.knows(made.client_id, made.client_secret), world.knows(made.client_id, new)

    assert (during, after) == ((True, True), (False, True))
    assert client.client_id == made.client_id
    assert world.trail.records[0].detail == {"grace_seconds": 3600}
    assert new not in repr(world.trail.records) + repr(client)


def test_without_grace_the_old_secret_ends_at_once(world: World) -> None:
    made = world.another("users")

    _, new = world.clients.rotate(world.root, made.client_id, 0)

    assert not world.knows(made.client_id, made.client_secret)
    assert world.knows(made.client_id, new)


def test_without_grace_a_token_of_before_administers_nothing_any_more(world: World) -> None:
    made = world.another("admin")
    thief = world.caller(made)

    world.clients.rotate(world.root, made.client_id, 60)
    world.clients.page(thief, None, 10)
    world.clients.rotate(world.root, made.client_id, 0)

    with pytest.raises(Unauthenticated) as refused:
        world.clients.create(thief, a_new_client())
    assert refused.value.code == "invalid_token"
    assert world.clients.page(replace(thief, era=1), None, 10)


def test_two_secrets_work_at_the_most(world: World) -> None:
    made = world.another("users")

    _, second = world.clients.rotate(world.root, made.client_id, 3600)
    _, third = world.clients.rotate(world.root, made.client_id, 3600)

    known = [world.knows(made.client_id, s) for s in (made.client_secret, second, third)]
    assert known == [False, True, True]


def test_a_revoked_client_is_to_its_owner_as_one_that_never_was(world: World) -> None:
    made = world.another("users")

    world.clients.revoke(world.root, made.client_id)
    world.clients.revoke(world.root, made.client_id)

    with pytest.raises(Unauthenticated) as revoked:
        world.clients.authenticate(made.client_id, made.client_secret)
    with pytest.raises(Unauthenticated) as unknown:
        world.clients.authenticate("c4a_0", made.client_secret)
    assert (revoked.value.code, revoked.value.detail) == (unknown.value.code, unknown.value.detail)
    assert world.clients.show(world.root, made.client_id).revoked_at == world.clock.now()
    assert world.written == [
        ("client.revoked", world.root.subject, made.client_id),
        ("client.refused", made.client_id, made.client_id),
    ]
    assert world.trail.records[-1].detail == {"revoked": True}


def test_a_wrong_secret_is_written_down_once_a_minute(world: World) -> None:
    made = world.another("users")

    for _ in range(3):
        world.clock.advance(25)
        with pytest.raises(Unauthenticated):
            world.clients.authenticate(made.client_id, "wrong", "198.51.100.7")
    world.clock.advance(25)
    with pytest.raises(Unauthenticated):
        world.clients.authenticate(made.client_id, "wrong", "198.51.100.7")
    assert not world.knows("c4a_0", "wrong")

    assert world.written == [("client.refused", made.client_id, made.client_id)] * 2
    assert world.trail.records[0].address == "198.51.100.7"


def test_a_wrong_secret_is_refused_also_when_that_cannot_be_written_down() -> None:
    world = World()
    made = world.another("users")
    clients = Clients(world.store, Audit(NoTrail(), world.clock), world.clock)

    with pytest.raises(Unauthenticated):
        clients.authenticate(made.client_id, "wrong")
