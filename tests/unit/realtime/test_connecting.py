"""Clients come and go."""

import pytest
from realtime_harness import RealtimeWorld

from chat4all.errors import Forbidden, TooMany, Unauthenticated
from chat4all.realtime.connection import MAX_CONNECTIONS

pytestmark = pytest.mark.req("RF-009")


def there(world: RealtimeWorld, user_id: str = "ana") -> set[str]:
    present = world.connections.of_users([user_id])
    return set(present[user_id].connections) if present else set()


def test_a_client_with_a_users_token_is_there_until_it_goes(world: RealtimeWorld) -> None:
    connection = world.connecting.connect("c-1", "ana")

    assert there(world) == {"c-1"}
    assert world.connections.anyone(world.clock.now())
    assert connection.caller().subject == "ana"
    assert "messages:write" in connection.caller().scopes
    world.clock.advance(5)
    assert world.connecting.disconnect("c-1") == connection
    assert there(world) == set()
    assert world.connections.of_users(["ana"])["ana"].last_seen == world.clock.now()


def test_going_twice_changes_nothing(world: RealtimeWorld) -> None:
    world.connecting.connect("c-1", "ana")
    world.connecting.disconnect("c-1")

    assert world.connecting.disconnect("c-1") is None


@pytest.mark.parametrize(
    ("token", "error", "code"),
    [
        (None, Unauthenticated, "invalid_token"),
        ("", Unauthenticated, "invalid_token"),
        ("expired", Unauthenticated, "invalid_token"),
        ("service:c4a_1", Forbidden, "user_only"),
    ],
)
def test_who_may_not_connect(world: RealtimeWorld, token, error, code) -> None:
    with pytest.raises(error) as refused:
        world.connecting.connect("c-1", token)

    assert refused.value.code == code
    assert world.connections.get("c-1") is None


def test_nobody_connects_nor_renews_as_somebody_who_is_not_there(world: RealtimeWorld) -> None:
    connection = world.connecting.connect("c-1", "ana")
    world.user_store.erase("ana", world.clock.now())

    for attempt in (
        lambda: world.connecting.connect("c-2", "nobody-ever"),
        lambda: world.connecting.connect("c-2", "ana"),
        lambda: world.connecting.renew(connection, "ana"),
    ):
        with pytest.raises(Unauthenticated) as refused:
            attempt()
        assert refused.value.code == "invalid_token"
    assert world.connections.get("c-2") is None
    assert there(world) == {"c-1"}


def test_a_user_has_twenty_connections_at_most(world: RealtimeWorld) -> None:
    for number in range(MAX_CONNECTIONS):
        world.connecting.connect(f"c-{number}", "ana")

    with pytest.raises(TooMany) as refused:
        world.connecting.connect("one more", "ana")
    world.connecting.connect("somebody else's", "bo")

    assert (refused.value.status, refused.value.code) == (429, "too_many_connections")
    assert len(there(world)) == MAX_CONNECTIONS


def test_dead_connections_make_room(world: RealtimeWorld) -> None:
    for number in range(MAX_CONNECTIONS):
        world.connecting.connect(f"c-{number}", "ana")
    world.clock.advance(700)
    world.connections.seen("c-7", world.clock.now())

    world.connecting.connect("new", "ana")

    assert there(world) == {"c-7", "new"}


def test_what_is_older_than_a_connection_can_be_is_forgotten(world: RealtimeWorld) -> None:
    world.connecting.connect("old", "ana")
    world.clock.advance(7201)

    world.connecting.connect("new", "ana")

    assert there(world) == {"new"}


def test_somebody_may_be_there_for_two_hours_after_the_last_came(world: RealtimeWorld) -> None:
    assert not world.connections.anyone(world.clock.now())
    world.connecting.connect("c-1", "ana")

    world.clock.advance(7200)
    assert world.connections.anyone(world.clock.now())
    world.clock.advance(3601)
    assert not world.connections.anyone(world.clock.now())
