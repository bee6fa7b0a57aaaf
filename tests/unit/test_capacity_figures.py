"""What a message of a kind takes: counted on moto, and what is assumed beside it."""

from __future__ import annotations

import pytest

from infra.capacity import prices
from infra.capacity.figures import RELAYED, Figures, Kind, weighted, with_authorizer
from infra.capacity.plan import FULL, planned
from tests.support.kinds import measured
from tests.unit import test_cost
from tests.unit.test_capacity import A_MESSAGE

pytestmark = pytest.mark.req("RNF-001")


def test_a_mix_has_the_figures_of_its_kinds_by_their_shares() -> None:
    other = Figures(api_requests=4, invocations={"http_api": 3})

    mixed = weighted([(0.75, A_MESSAGE), (0.25, other)])

    assert mixed.api_requests == 2.5
    assert mixed.write_units == 7.5
    assert mixed.invocations["http_api"] == 1.5
    assert mixed.invocations["relay_changes"] == 0.75


def test_the_figures_are_those_of_the_cost_test() -> None:
    bill, _, events = test_cost.measured(1)

    found = measured(Kind("whatsapp"), "1")[RELAYED[0]]

    assert found.write_units == bill.write_units
    assert sum(found.queue_requests.values()) == bill.count("sqs")
    assert found.api_requests == bill.api_requests
    assert found.events == len(events)
    assert found.publishes == 1  # of four events
    without_relay = sum(found.milliseconds.values()) - found.milliseconds["relay_changes"]
    assert without_relay == bill.lambda_ms


def test_channels_differ_by_their_callbacks_and_the_app_by_its_fetches() -> None:
    whatsapp, instagram, app = (
        measured(Kind(channel), "1")[RELAYED[0]] for channel in ("whatsapp", "instagram", "app")
    )

    assert (whatsapp.api_requests, instagram.api_requests, app.api_requests) == (4, 2, 3)
    assert (whatsapp.events, instagram.events) == (4, 3)
    assert not [name for name in app.invocations if name.startswith("connector-")]


def test_a_message_to_a_group_is_accepted_once_and_delivered_to_each() -> None:
    group = measured(Kind("whatsapp", 4), "1")[RELAYED[0]]

    assert group.invocations["route_message"] == 1
    assert group.items["connector-whatsapp"] == 4
    assert group.items["apply_callback"] == 4 * 3


def test_the_relays_batch_and_the_partitions_belong_together() -> None:
    """As many changes come to a shard while its relay is busy as it then takes at once."""
    found = measured(Kind("whatsapp"), "1")[RELAYED[0]]

    plan = planned(found, 6_000_000)

    changes = plan.peak / plan.cells * found.items["relay_changes"] / plan.partitions
    busy = prices.milliseconds("relay_changes", RELAYED[0]) / 1000
    assert changes * busy == pytest.approx(RELAYED[0], rel=0.05)
    assert 0.4 < plan.fullness <= FULL, "a partition is split when it is full, into halves"


def test_the_authorizer_runs_three_times_for_a_token() -> None:
    found = with_authorizer(A_MESSAGE)

    assert found.invocations["authorize_request"] == 3 / 100
    assert found.milliseconds["authorize_request"] == pytest.approx(3 / 100 * 5)
    assert found.invocations["http_api"] == 1
