"""BreakerStore."""

from __future__ import annotations

from chat4all.ports import BreakerState
from tests.contract.samples import NOW
from tests.contract.worlds import Stores


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
