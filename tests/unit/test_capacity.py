"""The arithmetic of scripts/capacity: small cases by hand, and what must hold for all."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.capacity import prices, report
from infra.capacity.figures import Figures
from infra.capacity.plan import SECONDS_A_MONTH, Limit, Plan, cells_for, dollars, planned
from infra.capacity.quotas import QUOTAS
from tests.unit.test_template import TEMPLATE

pytestmark = pytest.mark.req("RNF-001")

A_MESSAGE = Figures(
    api_requests=2,
    write_units=10,
    log_write_units=1,
    read_units=8,
    invocations={"http_api": 1, "connector-whatsapp": 0.1, "relay_changes": 1},
    milliseconds={"http_api": 12, "connector-whatsapp": 25, "relay_changes": 20},
    items={"http_api": 1, "connector-whatsapp": 1, "relay_changes": 4},
    queue_requests={"inbound Send": 1, "inbound Receive": 0.1, "channel-whatsapp Send": 0.1},
    events=4,
    publishes=1,
    stored_kb=2,
)


def limit(plan: Plan, name: str) -> Limit:
    [found] = [one for one in plan.limits if one.quota.name == name]
    return found


def test_one_message_a_minute_takes_one_cell_and_nothing_more_of_aws() -> None:
    plan = planned(A_MESSAGE, 1)

    assert (plan.cells, plan.cells_unraised, plan.numbers) == (1, 1, 1)
    assert [one.ask for one in plan.limits] == [None] * len(QUOTAS)
    assert plan.partitions == 4


def test_what_a_cell_holds_is_its_quotas_by_what_a_message_takes() -> None:
    plan = planned(A_MESSAGE, 60 * 1000, full=0.5)

    assert limit(plan, "API Gateway requests").cell_rate == 10_000 * 0.5 / 2
    assert limit(plan, "Table writes").cell_rate == 40_000 * 0.5 / 11
    assert limit(plan, "Lambda requests").cell_rate == 10_000 * 0.5 / 2.1
    assert limit(plan, "Lambda concurrency").cell_rate == pytest.approx(1_000 * 0.5 / 0.057)
    assert limit(plan, "Relay's reads of one key").cell_rate == 3_000 * 0.5 / 1
    assert limit(plan, "SNS publishes").cell_rate == 30_000 * 0.5 / 4
    assert limit(plan, "FIFO queue, busiest action").cell_rate == 70_000 * 0.5 / 1
    assert limit(plan, "FIFO queue, in flight").cell_rate == pytest.approx(120_000 * 0.5 / 0.25)
    assert limit(plan, "Breaker of a channel, one key").cell_rate == 3_000 * 0.5 / (0.025 / 2)


def test_cells_are_as_many_as_the_quotas_ask_for_that_nobody_raises() -> None:
    plan = planned(A_MESSAGE, 60 * 10_000)

    assert plan.rate == 10_000
    assert plan.binding().quota.name == "Relay's reads of one key"
    assert plan.cells == 5  # 10,000 / (3,000 × 0.8), rounded up
    assert plan.first_hit().quota.name == "Relay's reads of one key"
    assert plan.cells_unraised == 5
    assert limit(plan, "Table writes").cells == 4  # 10,000 × 11 / (40,000 × 0.8)


def test_what_can_be_raised_is_asked_for_instead() -> None:
    plan = planned(replace(A_MESSAGE, api_requests=8), 60 * 10_000)

    assert plan.cells == 5
    assert plan.cells_unraised == 10
    assert limit(plan, "API Gateway requests").ask == 20_000  # 2,000 × 8 / 0.8
    assert limit(plan, "Table writes").ask is None


def test_more_requests_of_lambda_are_had_by_a_tenth_as_much_concurrency() -> None:
    busy = replace(A_MESSAGE, invocations={**A_MESSAGE.invocations, "receive_callback": 6})

    plan = planned(busy, 60 * 10_000)

    assert limit(plan, "Lambda requests").ask == 20_250  # 2,000 × 8.1 / 0.8
    assert limit(plan, "Lambda concurrency").ask == 2_025
    assert limit(plan, "Lambda concurrency").cells == 1  # it is wanted for the requests alone
    assert plan.first_hit().quota.name == "Lambda requests"


def test_the_templates_own_throttles_are_to_be_set_too() -> None:
    runs = {**A_MESSAGE.invocations, "receive_callback": 5}
    told = replace(A_MESSAGE, api_requests=8, invocations=runs)

    plan = planned(told, 60 * 10_000, full=0.5)

    callbacks, routes = (
        limit(plan, f"Throttle of {what}") for what in ("callbacks", "the API's routes")
    )
    assert (callbacks.quota.value, routes.quota.value) == tuple(
        TEMPLATE["Parameters"][name]["Default"] for name in ("CallbackRate", "ApiRate")
    )
    assert callbacks.ask == math.ceil(plan.peak / plan.cells * 5 / 0.5)
    assert callbacks.ask > callbacks.quota.value
    [answer] = [row for page in report.pages(plan) for row in page.rows if "callbacks" in row[0]]
    assert answer[-1] == f"CallbackRate={callbacks.ask}"
    assert plan.cells_unraised == 16  # 10,000 × 8 / 5,000: nobody asks AWS for one's own throttle


def test_each_cell_has_its_share_of_functions_queues_and_partitions() -> None:
    plan = planned(A_MESSAGE, 60 * 10_000)

    [front, connector, relay] = plan.functions
    assert (front.invocations, front.concurrency) == (2_000, 24)  # 2,000 a second for 12 ms
    assert (connector.invocations, connector.milliseconds) == (200, 250)
    assert connector.concurrency == 50
    assert connector.seconds_to_start == 0.5  # of a hundred more in a second
    assert relay.concurrency == 40
    assert plan.queues == {"inbound": 2_000, "channel-whatsapp": 200}
    assert plan.queue_partitions == {"inbound": 7, "channel-whatsapp": 1}
    assert (plan.write_units, plan.read_units, plan.partitions) == (22_000, 16_000, 40)
    assert plan.parallelization == 1  # 8,000 changes a second on 40 shards of 854
    assert plan.numbers == 160  # in each of 5 cells 2,000 / (80 × 0.8), rounded up


def test_dollars_are_units_by_list_prices() -> None:
    found = dollars(A_MESSAGE)

    assert found["DynamoDB writes"] == 11 * 0.625
    assert found["DynamoDB reads"] == 8 * 0.125
    assert found["DynamoDB, kept for a month"] == 2 * 0.45
    assert found["SQS"] == pytest.approx(1.2 * 0.5)
    assert found["SNS"] == 0.5, "by calls: ten events in one cost as much as one"
    assert found["Lambda requests"] == pytest.approx(2.1 * 0.2)
    assert found["Lambda time"] == pytest.approx(0.057 * 0.5 * 13.3334)
    assert found["HTTP API"] == 2
    lines, runs = 6 * prices.LOG_KB_PER_LINE, 4.1 * prices.LOG_KB_PER_INVOCATION
    metrics = 1.1 * prices.LOG_KB_PER_METRICS  # of the door and the connector
    assert found["CloudWatch Logs"] == pytest.approx((lines + runs + metrics) * 0.5)
    assert planned(A_MESSAGE, 60).dollars_a_month["SNS"] == 0.5 * SECONDS_A_MONTH / 1e6


def test_a_burst_fills_quotas_and_costs_nothing() -> None:
    calm, burst = planned(A_MESSAGE, 60_000), planned(A_MESSAGE, 60_000, burst=3)

    assert burst.limits == planned(A_MESSAGE, 180_000).limits
    assert burst.cells == planned(A_MESSAGE, 180_000).cells > calm.cells
    assert burst.dollars_a_month == calm.dollars_a_month


@pytest.mark.parametrize(
    ("peak", "each", "allowed", "cells"),
    [(100, 1, 100, 1), (100.1, 1, 100, 2), (0.01, 1, 100, 1), (100, 0, 100, 1), (300, 2, 100, 6)],
)
def test_a_full_cell_is_one_and_anything_more_another(
    peak: float, each: float, allowed: float, cells: int
) -> None:
    assert cells_for(peak, each, allowed) == cells


rates = st.floats(min_value=0.001, max_value=1e9)
some = st.floats(min_value=0, max_value=100)


@settings(deadline=None)
@given(fewer=rates, more=rates, writes=some, api=some, burst=st.floats(1, 20))
def test_more_messages_never_take_fewer_cells_or_dollars(
    fewer: float, more: float, writes: float, api: float, burst: float
) -> None:
    fewer, more = sorted((fewer, more))
    figures = replace(A_MESSAGE, write_units=writes, api_requests=api)

    small, large = planned(figures, fewer, burst), planned(figures, more, burst)

    assert small.cells <= large.cells
    assert small.cells_unraised <= large.cells_unraised
    assert small.numbers <= large.numbers
    assert sum(small.dollars_a_month.values()) <= sum(large.dollars_a_month.values())


@given(rate=rates, full=st.floats(0.1, 1))
def test_no_cell_is_fuller_than_planned(rate: float, full: float) -> None:
    plan = planned(A_MESSAGE, rate, full=full)

    each = plan.peak / plan.cells
    for one in plan.limits:
        allowed = (one.ask or one.quota.value) * full
        assert each * one.per_message <= allowed * (1 + 1e-6)


def test_no_partition_is_fuller_than_planned() -> None:
    quick = replace(A_MESSAGE, milliseconds={"http_api": 12})

    plan = planned(quick, 60 * 10_000)

    assert (plan.partitions, plan.fullness) == (28, 22 / 28)  # 22,000 / (1,000 × 0.8)


def test_the_plan_is_readable_by_machines() -> None:
    plan = planned(A_MESSAGE, 600_000)

    told = json.loads(json.dumps(report.plain(plan)))

    assert told["cells"] == plan.cells
    assert {one["name"] for one in told["limits"]} == {quota.name for quota in QUOTAS}
    assert told["per_message"]["write_units"] == 10
