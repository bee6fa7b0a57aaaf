"""Metrics: how they are written, and what the use cases count."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chat4all import metrics
from chat4all.errors import TryLater, Undeliverable
from chat4all.measuring import code_of, not_taken
from chat4all.metrics import BOUNDED, CODES, DEFINITIONS, Kind, Metric, count, observe, timed
from chat4all.receipts import Mark
from chat4all.webhooks.endpoint import Attempt
from chat4all.webhooks.measuring import attempted
from chat4all.webhooks.verdicts import RESTING
from tests.support.emf import Reading
from tests.unit.test_inbound import an_inbound
from tests.world import World

pytestmark = pytest.mark.req("RNF-008")
SENT = {"stage": "sent", "channel": "whatsapp"}


@pytest.fixture
def reading(capsys: pytest.CaptureFixture[str]) -> Reading:
    return Reading(capsys)


def test_counts_add_up_and_values_are_listed(reading: Reading) -> None:
    count(Metric.PROCESSED, **SENT)
    count(Metric.PROCESSED, 2, **SENT)
    observe(Metric.LATENCY, 5, segment="accept")
    observe(Metric.LATENCY, 7, segment="accept")

    found = reading.take()

    assert found == [
        ("messages_processed_total", SENT, [3], "Count"),
        ("latency_ms", {"segment": "accept"}, [5, 7], "Milliseconds"),
    ]
    assert reading.take() == [], "written once"


def test_what_fits_into_one_line_shares_it(capsys: pytest.CaptureFixture[str]) -> None:
    metrics.flush()
    capsys.readouterr()
    count(Metric.PROCESSED, stage="accepted", channel="api")
    observe(Metric.LATENCY, 5, segment="accept")
    count(Metric.PROCESSED, **SENT)
    observe(Metric.BREAKER, 0, channel="whatsapp")

    metrics.flush()

    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["stage"], first["segment"], first["latency_ms"]) == ("accepted", "accept", [5])
    assert (second["stage"], second["channel"], second["breaker_open"]) == ("sent", "whatsapp", [0])


def test_a_gauge_keeps_the_latest_value(reading: Reading) -> None:
    observe(Metric.BREAKER, 1, channel="whatsapp")
    observe(Metric.BREAKER, 0, channel="whatsapp")

    assert [found.values for found in reading.take()] == [[0]]


def test_a_line_has_at_most_a_hundred_values(reading: Reading) -> None:
    for value in range(250):
        observe(Metric.LATENCY, value, segment="accept")

    assert [len(found.values) for found in reading.take()] == [100, 100, 50]


def test_values_that_no_list_has_are_one(reading: Reading) -> None:
    for code in ("131047", "new", CODES[0]):
        count(Metric.CONNECTOR_ERRORS, channel="whatsapp", code=code)

    codes = {found.dimensions["code"]: found.values for found in reading.take()}
    assert codes == {"other": [2], CODES[0]: [1]}


def test_dimensions_that_a_metric_does_not_have_are_left_out(reading: Reading) -> None:
    count(Metric.RETRIES, step="route", message_id="m-1")

    assert [found.dimensions for found in reading.take()] == [{"step": "route"}]


def test_nothing_is_raised_when_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed:
        def write(self, text: str) -> int:
            raise BrokenPipeError

    count(Metric.RETRIES, step="route")
    monkeypatch.setattr("sys.stdout", Closed())

    metrics.flush()


def test_threads_lose_nothing(reading: Reading) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: count(Metric.PROCESSED, **SENT), range(2000)))

    assert reading.totals() == {("messages_processed_total", "sent", "whatsapp"): 2000}


def test_time_is_taken_however_a_block_ends(reading: Reading) -> None:
    with pytest.raises(KeyError), timed(Metric.LATENCY, segment="accept"):
        raise KeyError

    [(name, _, [value], unit)] = reading.take()
    assert (name, unit) == ("latency_ms", "Milliseconds") and 0 <= value < 1000


def test_each_metric_is_defined_and_its_lists_are_short() -> None:
    assert set(DEFINITIONS) == set(Metric)
    for metric, definition in DEFINITIONS.items():
        assert definition.help.endswith("."), metric
        assert len(definition.dimensions) <= 2, "each more multiplies what they cost"
        assert metric.endswith("_total") == (definition.kind is Kind.COUNTER)
    assert max(map(len, BOUNDED.values())) <= 20


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TryLater("unreachable", ""), "unreachable"),
        (TryLater("http_503", "", channel_down=True), "http_5xx"),
        (TryLater("http_404", ""), "http_4xx"),
        (TryLater("190", "", opens_breaker=True), "provider_account"),
        (TryLater("131000", "", channel_down=True), "provider_down"),
        (TryLater("131056", "", throttled=True), "provider_throttles"),
        (TryLater("131056", ""), "other"),
        (Undeliverable("131026", "", recipient=True), "provider_recipient"),
        (Undeliverable("100/2534014", ""), "provider_content"),
        (Undeliverable("something_new", ""), "other"),
    ],
)
def test_codes_go_by_what_they_have_us_do(error: TryLater | Undeliverable, code: str) -> None:
    assert code_of(error) == code
    assert code in (*CODES, "other")


def test_a_message_is_counted_once_at_each_stage(reading: Reading) -> None:
    world = World()
    world.user("bo", whatsapp="551")
    conversation = world.conversation("ana", "bo")
    reading.take()

    message_id = world.say(conversation, "ana")
    world.drain()
    for mark in (Mark.DELIVERED, Mark.READ, Mark.DELIVERED, Mark.READ):
        world.report(message_id, mark)

    stages = {key: n for key, n in reading.totals().items() if key[0] == Metric.PROCESSED}
    assert stages == {
        (Metric.PROCESSED, "accepted", "api"): 1,
        (Metric.PROCESSED, "routed", "api"): 1,
        (Metric.PROCESSED, "sent", "whatsapp"): 1,
        (Metric.PROCESSED, "delivered", "whatsapp"): 1,
        (Metric.PROCESSED, "read", "whatsapp"): 1,
    }


def test_what_people_write_is_accepted_once_however_often_the_provider_says_it(
    reading: Reading,
) -> None:
    world = World()
    update = an_inbound()

    for _ in range(2):
        world.inbound.receive(update)
    world.route()

    totals = reading.totals()
    assert totals[Metric.PROCESSED, "accepted", "whatsapp"] == 1
    assert totals[Metric.PROCESSED, "routed", "whatsapp"] == 1


def test_who_has_no_address_has_a_failed_delivery(reading: Reading) -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    world.say(conversation, "ana", channels=["whatsapp"])

    world.route()

    assert reading.totals()[Metric.PROCESSED, "failed", "whatsapp"] == 1


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ({}, "delivered"),
        ({"error": "http_500", "next_attempt_at": 5}, "again"),
        ({"error": "http_410"}, "given_up"),
        ({"error": RESTING, "next_attempt_at": 5}, "resting"),
    ],
)
def test_an_attempt_at_a_webhook_counts_by_what_comes_of_it(
    reading: Reading, row: dict[str, Any], outcome: str
) -> None:
    fields = {"webhook_id": "w", "event_id": "e", "event_type": "t", "attempt": 1, "at": 1}

    attempted([Attempt(**fields, duration_ms=3, **row)])

    totals = reading.totals()
    assert totals.pop((Metric.WEBHOOKS, outcome)) == 1
    assert totals == ({(Metric.RETRIES, "webhook"): 1} if outcome == "again" else {})


def test_latencies_are_of_the_whole_way(reading: Reading) -> None:
    world = World()
    world.user("bo", whatsapp="551")
    conversation = world.conversation("ana", "bo")
    reading.take()

    message_id = world.say(conversation, "ana")
    world.clock.advance(0.15)
    world.drain()
    world.clock.advance(0.35)
    world.report(message_id, Mark.DELIVERED)

    found = {f.dimensions["segment"]: f.values for f in reading.take() if f.name == "latency_ms"}
    assert found.pop("accept")[0] >= 0
    assert found == {"accept_to_provider": [150], "accept_to_delivered": [500]}


def test_who_was_not_asked_has_refused_nothing(reading: Reading) -> None:
    not_taken("whatsapp", TryLater("file_not_ready", "", attempted=False))
    not_taken("whatsapp", TryLater("unreachable", ""))

    assert reading.totals() == {(Metric.CONNECTOR_ERRORS, "whatsapp", "unreachable"): 1}


def test_a_channel_that_is_down_is_told_with_its_breaker(reading: Reading) -> None:
    world = World()
    world.user("bo", whatsapp="551")
    conversation = world.conversation("ana", "bo")
    world.whatsapp.fails("551", TryLater("190", "expired", opens_breaker=True))
    reading.take()

    world.say(conversation, "ana")
    world.drain()

    found = {(f.name, *f.dimensions.values()): f.values for f in reading.take()}
    assert found["connector_errors_total", "whatsapp", "provider_account"] == [1]
    assert found["retries_total", "deliver"] == [1]
    assert found["breaker_open", "whatsapp"] == [1]
