"""What it costs to count: writes a request, on moto, with the real adapter.

`python -m tests.unit.test_cost_limits` prints what docs/decisions/0024 compares: leases that double
and leases of ten, with requests that go round among processes as a load balancer spreads them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from unittest.mock import patch

import boto3
import pytest
from moto import mock_aws

from chat4all.access import limits as module
from chat4all.access.limits import Limits, RateLimited
from chat4all.adapters.dynamodb import DynamoAllowanceStore, Table
from chat4all.adapters.memory import FakeClock, MemoryAllowanceStore
from chat4all.caller import Caller, CallerKind
from tests.support.aws_table import create_table
from tests.support.meter import Meter

pytestmark = pytest.mark.req("RNF-009")
ANA = Caller("ana", CallerKind.USER, requests_per_minute=60)


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Meter]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        create_table(boto3.client("dynamodb"), "table")
        yield Meter(boto3.client("dynamodb"))


def a_process(meter: Meter, clock: FakeClock) -> Limits:
    table = Table(meter.attach(boto3.client("dynamodb")), "table")
    return Limits(DynamoAllowanceStore(table), clock)


def passed(limits: Limits, requests: int) -> int:
    return sum(_passes(limits) for _ in range(requests))


def _passes(limits: Limits) -> bool:
    try:
        limits.take(ANA)
    except RateLimited:
        return False
    return True


def test_a_minute_that_is_used_up_costs_nine_writes(meter: Meter) -> None:
    limits = a_process(meter, FakeClock())

    assert passed(limits, 60) == 60

    assert meter.calls == {"dynamodb.UpdateItem": 9}
    assert (meter.write_units, meter.read_units) == (9, 0)


def test_who_is_refused_costs_nothing_where_the_minute_was_used_up(meter: Meter) -> None:
    limits = a_process(meter, FakeClock())
    passed(limits, 60)
    meter.reset()

    assert passed(limits, 1000) == 0

    assert (meter.calls, meter.write_units) == ({}, 0)


def test_who_is_refused_costs_one_write_in_any_other_process(meter: Meter) -> None:
    clock = FakeClock()
    passed(a_process(meter, clock), 60)
    other = a_process(meter, clock)
    meter.reset()

    assert passed(other, 1000) == 0

    assert meter.calls == {"dynamodb.UpdateItem": 1}
    assert (meter.write_units, meter.read_units) == (1, 0)


def test_a_person_who_writes_now_and_then_costs_a_write_each_time_at_first(meter: Meter) -> None:
    limits = a_process(meter, FakeClock())

    writes = []
    for _ in range(7):
        passed(limits, 1)
        writes.append(meter.write_units)

    assert writes == [1, 2, 2, 3, 3, 3, 3]


def test_nothing_of_it_becomes_an_event(meter: Meter) -> None:
    """The function that reads the table's stream is not woken: its filter goes by these keys."""
    passed(a_process(meter, FakeClock()), 1)

    [change] = meter.changes
    assert change.new is not None and change.new["sk"]["S"].isdigit()


def spread(processes: int, first_lease: int, requests: int) -> tuple[int, int]:
    """How many pass and how many writes that costs, in the middle of 101 random orders."""
    results = []
    for seed in range(101):
        store, clock = MemoryAllowanceStore(), FakeClock()
        fleet = [Limits(store, clock) for _ in range(processes)]
        order = random.Random(seed)
        with patch.object(module, "_Purse", partial(module._Purse, next=first_lease)):
            results.append(
                (sum(_passes(order.choice(fleet)) for _ in range(requests)), store.writes)
            )
    results.sort()
    return results[50]


def test_with_many_processes_doubling_lets_more_pass_than_tens_would() -> None:
    doubling, _ = spread(50, 1, 60)
    tens, _ = spread(50, 10, 60)

    assert doubling >= 50 > tens


def main() -> None:
    print("60 a minute; passed / writes\nprocesses requests    doubling       tens")
    for processes in (1, 2, 5, 10, 50):
        for requests in (6, 30, 60, 120, 600):
            shown = (
                f"{p:>4} / {w:<4}" for p, w in (spread(processes, n, requests) for n in (1, 10))
            )
            print(f"{processes:>9} {requests:>8} {'   '.join(shown)}")


if __name__ == "__main__":
    main()
