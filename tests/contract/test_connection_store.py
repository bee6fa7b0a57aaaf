"""ConnectionStore: who is connected, and since when; what is written is read at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chat4all.adapters.dynamodb.connections import DynamoConnectionStore
from chat4all.adapters.memory.realtime import MemoryConnectionStore
from chat4all.errors import Raced
from chat4all.ports.realtime import ConnectionStore
from chat4all.realtime.connection import Connection, Opened, Presence
from tests.contract.samples import NOW
from tests.contract.worlds import ADAPTERS, aws_of

HOUR = 3_600_000


@pytest.fixture(params=ADAPTERS)
def connections(request: pytest.FixtureRequest) -> Iterator[ConnectionStore]:
    if request.param == "memory":
        yield MemoryConnectionStore()
        return
    for aws in aws_of(request):
        yield DynamoConnectionStore(aws.table())


def a_connection(connection_id: str = "Lx7a=", **other: Any) -> Connection:
    fields: dict[str, Any] = {
        "connection_id": connection_id,
        "user_id": "ann",
        "scopes": ("messages:read", "messages:write"),
        "connected_at": NOW,
        "seen_at": NOW,
        "token_expires_at": NOW + 900_000,
    }
    return Connection(**fields | other)


OPENED = Opened(NOW, NOW + 900_000)


def test_a_connection_is_found_by_its_id_and_by_its_user(connections: ConnectionStore) -> None:
    connections.add(a_connection())

    assert connections.get("Lx7a=") == a_connection()
    assert connections.many(["Lx7a=", "other"]) == {"Lx7a=": a_connection()}
    assert connections.of_users(["ann", "bob"]) == {"ann": Presence({"Lx7a=": OPENED})}


def test_what_is_not_there_is_not_found(connections: ConnectionStore) -> None:
    assert connections.get("other") is None
    assert connections.many([]) == {}
    assert connections.of_users([]) == {}


def test_a_user_may_have_several_and_some_may_be_gone(connections: ConnectionStore) -> None:
    connections.add(a_connection("one"))
    connections.add(a_connection("two"))
    connections.add(a_connection("three"), gone=["one", "never there"])

    assert connections.of_users(["ann"])["ann"].connections == {"two": OPENED, "three": OPENED}


def test_a_connection_without_scopes_is_one_too(connections: ConnectionStore) -> None:
    connections.add(a_connection(scopes=()))

    assert connections.get("Lx7a=") == a_connection(scopes=())


def test_a_sign_of_life_is_kept(connections: ConnectionStore) -> None:
    connections.add(a_connection())

    connections.seen("Lx7a=", NOW + 60_000)
    connections.seen("other", NOW)

    assert connections.get("Lx7a=") == a_connection(seen_at=NOW + 60_000)
    assert connections.get("other") is None


@pytest.mark.parametrize(("before", "limit"), [(None, 60), (60, 120), (60, None)])
def test_a_new_token_replaces_the_old_one(
    connections: ConnectionStore, before: int | None, limit: int | None
) -> None:
    connections.add(a_connection(requests_per_minute=before))
    connections.seen("Lx7a=", NOW + 60_000)
    renewed = a_connection(
        token_expires_at=NOW + HOUR, scopes=("messages:read",), requests_per_minute=limit
    )

    connections.renew(renewed)

    assert connections.get("Lx7a=") == renewed.model_copy(update={"seen_at": NOW + 60_000})
    assert connections.of_users(["ann"])["ann"].connections == {"Lx7a=": Opened(NOW, NOW + HOUR)}


def test_what_is_gone_is_not_renewed(connections: ConnectionStore) -> None:
    with pytest.raises(Raced):
        connections.renew(a_connection())

    assert connections.get("Lx7a=") is None
    assert connections.of_users(["ann"]) == {}


def test_whoever_goes_was_last_seen_then(connections: ConnectionStore) -> None:
    connections.add(a_connection("one"))
    connections.add(a_connection("two"))

    connections.remove("ann", "one", NOW + 5)
    first = connections.of_users(["ann"])["ann"]
    connections.remove("ann", "two", NOW + 9)
    connections.remove("ann", "two", NOW + 20)
    last = connections.of_users(["ann"])["ann"]

    assert first == Presence({"two": OPENED}, NOW + 5)
    assert last == Presence({}, NOW + 9)
    assert connections.many(["one", "two"]) == {}


def test_to_forget_what_was_never_there_leaves_nothing(connections: ConnectionStore) -> None:
    connections.remove("ann", "one", NOW)

    assert connections.of_users(["ann"]) == {}


def test_somebody_may_be_there_for_as_long_as_a_connection_can_last(
    connections: ConnectionStore,
) -> None:
    assert not connections.anyone(NOW)

    connections.add(a_connection())

    assert connections.anyone(NOW)
    assert connections.anyone(NOW + 2 * HOUR)
    assert not connections.anyone(NOW + 3 * HOUR)


def test_whoever_comes_later_prolongs_that(connections: ConnectionStore) -> None:
    connections.add(a_connection("one"))
    for number in range(6):
        at = NOW + number * HOUR // 2
        connections.add(a_connection(f"c-{number}", connected_at=at))
        assert connections.anyone(at + 2 * HOUR)

    assert not connections.anyone(NOW + 6 * HOUR)


def test_who_is_forgotten_was_never_there(connections: ConnectionStore) -> None:
    connections.add(a_connection())
    connections.remove("ann", "Lx7a=", NOW + 1)

    for _ in range(2):
        connections.forget("ann")

    assert connections.of_users(["ann"]) == {}
