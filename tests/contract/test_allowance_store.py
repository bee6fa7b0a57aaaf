"""AllowanceStore: no two leases of a minute are answered with the same sum."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest

from chat4all.access.limits import Limits, RateLimited
from chat4all.adapters.dynamodb import DynamoAllowanceStore
from chat4all.adapters.memory import FakeClock, MemoryAllowanceStore
from chat4all.caller import Caller, CallerKind
from chat4all.ports.limits import AllowanceStore
from tests.contract.worlds import ADAPTERS, aws_of

pytestmark = pytest.mark.req("RNF-009")
MINUTE = 29_333_333


class World(NamedTuple):
    store: AllowanceStore
    at_once: int
    """Moto is not thread-safe."""
    table: Any = None


@pytest.fixture(params=ADAPTERS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "memory":
        yield World(MemoryAllowanceStore(), 8)
        return
    for aws in aws_of(request):
        table = aws.table()
        yield World(DynamoAllowanceStore(table), 1 if request.param == "moto" else 8, table)


def test_a_lease_is_answered_with_the_sum(world: World) -> None:
    sums = [world.store.lease("user#ana", MINUTE, wanted) for wanted in (1, 2, 10)]

    assert sums == [1, 3, 13]


def test_callers_and_minutes_are_counted_apart(world: World) -> None:
    world.store.lease("user#ana", MINUTE, 10)

    assert world.store.lease("user#bo", MINUTE, 1) == 1
    assert world.store.lease("service#ana", MINUTE, 1) == 1
    assert world.store.lease("user#ana", MINUTE + 1, 1) == 1


def test_leases_at_once_are_all_counted(world: World) -> None:
    with ThreadPoolExecutor(world.at_once) as pool:
        sums = list(pool.map(lambda _: world.store.lease("user#ana", MINUTE, 2), range(40)))

    assert sorted(sums) == list(range(2, 82, 2))


def test_processes_at_once_let_as_many_pass_as_the_limit_says(world: World) -> None:
    clock = FakeClock(MINUTE * 60_000)
    caller = Caller("ana", CallerKind.USER, requests_per_minute=60)

    def passed(_: int) -> int:
        limits, passed = Limits(world.store, clock), 0
        for _ in range(90):
            try:
                limits.take(caller)
            except RateLimited:
                break
            passed += 1
        return passed

    with ThreadPoolExecutor(world.at_once) as pool:
        total = sum(pool.map(passed, range(8)))

    assert total == 60, "each goes on until it is refused, so nothing is left over"


def test_threads_of_one_process_share_what_it_leased(world: World) -> None:
    limits = Limits(world.store, FakeClock(MINUTE * 60_000))
    caller = Caller("ana", CallerKind.USER, requests_per_minute=60)

    def passes(_: int) -> bool:
        try:
            limits.take(caller)
        except RateLimited:
            return False
        return True

    with ThreadPoolExecutor(world.at_once) as pool:
        passed = list(pool.map(passes, range(90)))

    assert passed.count(True) == 60


def test_an_item_expires_when_its_minute_has_been_over_for_another(world: World) -> None:
    if world.table is None:
        pytest.skip("dicts do not expire")

    world.store.lease("user#ana", MINUTE, 1)

    item = world.table.get("RATE#user#ana", str(MINUTE), fresh=True)
    assert item["expires_at"] == (MINUTE + 2) * 60
