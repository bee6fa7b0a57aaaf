"""ClientStore and BreakerStore."""

from __future__ import annotations

import pytest

from chat4all.errors import Raced
from chat4all.ports import BreakerState, Client
from tests.contract.samples import NOW
from tests.contract.worlds import Stores

SHOP = Client("shop", "a" * 64, "The shop", ("messages:write", "users:write"), NOW)


def test_a_client_is_found_by_its_id(stores: Stores) -> None:
    stores.clients.add(SHOP)

    assert stores.clients.get("shop") == SHOP
    assert stores.clients.get("other") is None


def test_a_client_id_is_given_once(stores: Stores) -> None:
    stores.clients.add(SHOP)

    with pytest.raises(Raced):
        stores.clients.add(Client("shop", "b" * 64, "An impostor", (), NOW))

    assert stores.clients.get("shop") == SHOP


def test_a_breaker_counts_failures_until_a_success(stores: Stores) -> None:
    assert stores.breakers.get("whatsapp") == BreakerState(0, 0)

    assert stores.breakers.fail("whatsapp", open_until=None) == BreakerState(1, 0)
    assert stores.breakers.fail("whatsapp", open_until=NOW) == BreakerState(2, NOW)
    assert stores.breakers.fail("whatsapp", open_until=None) == BreakerState(3, NOW)
    assert stores.breakers.get("whatsapp") == BreakerState(3, NOW)
    assert stores.breakers.get("instagram") == BreakerState(0, 0)

    stores.breakers.reset("whatsapp")
    assert stores.breakers.get("whatsapp") == BreakerState(0, 0)


def test_failures_at_once_are_all_counted(stores: Stores) -> None:
    stores.race(*[lambda: stores.breakers.fail("whatsapp", open_until=None)] * 5)

    assert stores.breakers.get("whatsapp").failures == 5
