"""ClientStore: clients stay, also those that were revoked, and no change is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chat4all.access.client import Client, ClientSecret
from chat4all.adapters.dynamodb import DynamoClientStore, Table
from chat4all.errors import Raced, Unavailable
from chat4all.ports.access import ClientPlace
from tests.contract.samples import NOW
from tests.contract.worlds import Aws, Stores

pytestmark = pytest.mark.req("RNF-009")
SHOP = Client("shop", "The shop ✓", ("messages:write", "users"), NOW, (ClientSecret("a" * 64),))
EVERYTHING: dict[str, Any] = {
    "secrets": (ClientSecret("b" * 64), ClientSecret("a" * 64, NOW + 1)),
    "requests_per_minute": 600,
    "user_requests_per_minute": 120,
    "revoked_at": NOW + 2,
    "era": 3,
    "version": 7,
}


@pytest.mark.parametrize("fields", [{}, EVERYTHING], ids=["new", "full"])
def test_a_client_comes_back_as_it_was_added(stores: Stores, fields: dict[str, Any]) -> None:
    client = replace(SHOP, **fields)

    stores.clients.add(client)

    assert stores.clients.get("shop") == client
    assert stores.clients.get("other") is None


def test_a_client_id_is_given_once(stores: Stores) -> None:
    stores.clients.add(SHOP)

    with pytest.raises(Raced):
        stores.clients.add(replace(SHOP, name="An impostor"))

    assert stores.clients.get("shop") == SHOP


def test_a_change_sets_and_takes_away(stores: Stores) -> None:
    stores.clients.add(replace(SHOP, **{**EVERYTHING, "version": 1}))
    changed = replace(SHOP, name="Other", scopes=("files",), version=2)

    stores.clients.replace(changed)

    assert stores.clients.get("shop") == changed


def test_of_two_changes_of_the_same_client_the_second_is_refused(stores: Stores) -> None:
    stores.clients.add(SHOP)
    stores.clients.replace(replace(SHOP, name="first", version=2))

    with pytest.raises(Raced):
        stores.clients.replace(replace(SHOP, name="second", version=2))

    there = stores.clients.get("shop")
    assert there is not None and there.name == "first"


def test_of_those_who_change_at_once_one_succeeds(stores: Stores) -> None:
    stores.clients.add(SHOP)

    errors = stores.race(
        *[
            lambda n=n: stores.clients.replace(replace(SHOP, name=str(n), version=2))
            for n in range(5)
        ]
    )

    assert len([error for error in errors if isinstance(error, Raced)]) == 4


def test_who_is_not_there_cannot_be_changed(stores: Stores) -> None:
    with pytest.raises(Raced):
        stores.clients.replace(replace(SHOP, version=2))

    assert stores.clients.get("shop") is None


def test_clients_are_listed_page_by_page_the_oldest_first(stores: Stores) -> None:
    made = [replace(SHOP, client_id=f"c4a_{n}", created_at=NOW + n // 2) for n in range(5)]
    for client in reversed(made):
        stores.clients.add(client)
    revoked = replace(made[1], revoked_at=NOW + 9, version=2)
    stores.clients.replace(revoked)

    first = stores.clients.page(None, 2)
    rest = stores.clients.page(ClientPlace(first[-1].created_at, first[-1].client_id), 10)

    assert first == [made[0], revoked]
    assert rest == made[2:]
    assert stores.clients.page(ClientPlace(NOW + 2, "c4a_4"), 10) == []


def test_a_client_of_version_0_1_works_on_and_can_be_changed(aws: Aws) -> None:
    table = aws.table()
    store = DynamoClientStore(table)
    old = {"pk": "CLIENT#old", "sk": "CLIENT", "secret_sha256": "a" * 64, "name": "Old"}
    table.put_new({**old, "scopes": ["users"], "created_at": NOW})

    found = store.get("old")
    assert found is not None
    store.replace(replace(found, name="New", version=found.version + 1))

    assert (found.secrets, found.user_requests_per_minute) == ((ClientSecret("a" * 64),), 60)
    assert [client.name for client in store.page(None, 10)] == ["New"]
    with pytest.raises(Raced):
        store.replace(replace(found, name="Again", version=found.version + 1))


def test_a_table_that_is_not_there_is_unavailable(aws: Aws) -> None:
    store = DynamoClientStore(Table(aws.client("dynamodb"), "nowhere"))

    for call in (
        lambda: store.add(SHOP),
        lambda: store.get("x"),
        lambda: store.replace(SHOP),
        lambda: store.page(None, 1),
    ):
        with pytest.raises(Unavailable):
            call()
