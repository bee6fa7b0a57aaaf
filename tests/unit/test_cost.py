"""What a message costs: a 1:1 text of 300 bytes for WhatsApp, accepted to READ by three callbacks.

The real use cases and the real adapters, on moto, in a conversation that is already under way
(tests/support/journey.py). The stream's events, their log and their topic, which nobody needs to
subscribe to, are counted beside. `python -m tests.unit.test_cost` prints the table; `report()` is
what scripts/bench shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from infra.capacity import prices
from tests.support.journey import MARKS, TEXT, Journey, a_journey
from tests.support.meter import item_size

BATCHES = (1, 10)


@dataclass(frozen=True)
class Bill:
    """Per message, at one size of batch."""

    batch: int
    calls: dict[str, float]
    write_units: float
    read_units: float
    invocations: dict[str, float]
    lambda_ms: float
    api_requests: float

    def count(self, service: str) -> float:
        return sum(n for call, n in self.calls.items() if call.startswith(f"{service}."))

    def dollars(self) -> dict[str, float]:
        """Dollars per million messages, by service."""
        gb_seconds = self.lambda_ms / 1000 * prices.MEMORY_GB
        return {
            "DynamoDB writes": self.write_units * prices.WRITE_UNIT,
            "DynamoDB reads": self.read_units * prices.READ_UNIT,
            "SQS": self.count("sqs") * prices.SQS_REQUEST,
            "SNS": self.count("sns") * prices.SNS_REQUEST,
            "Lambda requests": sum(self.invocations.values()) * prices.LAMBDA_REQUEST,
            "Lambda time": gb_seconds * prices.GB_SECOND,
            "HTTP API": self.api_requests * prices.API_REQUEST,
        }

    def total(self) -> float:
        return sum(self.dollars().values())


def _bill(journey: Journey, batch: int) -> Bill:
    """What the meter shows, per message; it is set back."""
    meter, ran = journey.meter, journey.ran.counted
    invocations: Counter[str] = Counter()
    for (function, _), times in ran.items():
        invocations[function] += times
    milliseconds = sum(times * prices.milliseconds(*key) for key, times in ran.items())
    bill = Bill(
        batch=batch,
        calls={name: n / batch for name, n in sorted(meter.calls.items())},
        write_units=meter.write_units / batch,
        read_units=meter.read_units / batch,
        invocations={name: n / batch for name, n in sorted(invocations.items())},
        lambda_ms=milliseconds / batch,
        api_requests=(invocations["http_api"] + invocations["receive_callback"]) / batch,
    )
    meter.reset()
    ran.clear()
    return bill


@cache
def measured(batch: int) -> tuple[Bill, Bill, list[str]]:
    """The bill of the message, the bill of its events, and what the events were."""
    with a_journey(batch) as journey:
        journey.send(batch)
        changes = list(journey.meter.changes)
        message = _bill(journey, batch)
        journey.meter.changes += changes
        events = journey.relay(batch)
        return message, _bill(journey, batch), [event["type"] for event in events]


def report() -> dict[str, Any]:
    """Plain data, per batch size: units, calls, dollars per million, with and without events."""
    found: dict[str, Any] = {}
    for batch in BATCHES:
        message, events, _ = measured(batch)
        found[f"batch {batch}"] = {
            "write_units": message.write_units,
            "read_units": message.read_units,
            "sqs_requests": message.count("sqs"),
            "lambda_requests": sum(message.invocations.values()),
            "lambda_ms": message.lambda_ms,
            "api_requests": message.api_requests,
            "aws_calls": message.calls,
            "dollars_per_million": message.dollars(),
            "dollars_per_million_total": message.total(),
            "dollars_per_million_events_beside": events.total(),
        }
    return found


def test_the_meter_counts_by_dynamodbs_rules() -> None:
    with a_journey(1) as journey:
        table, meter = journey.table, journey.meter
        big = {"pk": "a", "sk": "b", "x": "x" * 1100}

        def units(call: Callable[[], object]) -> tuple[float, float]:
            meter.reset()
            call()
            return meter.write_units, meter.read_units

        assert units(lambda: table.put_new(big)) == (2, 0)
        assert units(lambda: table.put_new(big)) == (2, 0), "a failed condition costs as much"
        assert units(lambda: table.run([table.set("a", "b", {"x": "x"})])) == (2, 0)
        assert units(lambda: table.run([table.set("a", "b", {"x": "y"})])) == (1, 0)
        assert units(lambda: table.run([table.set("no", "no", {"x": "y"})])) == (1, 0)
        index = {"gsi1pk": "p", "gsi1sk": "1"}
        assert units(lambda: table.run([table.set("a", "b", index)])) == (2, 0)
        assert units(lambda: table.run([table.set("a", "b", {"gsi1sk": "2"})])) == (3, 0)
        key = {"pk": {"S": "a"}, "sk": {"S": "b"}}
        delete = {"Delete": {"TableName": table.name, "Key": key}}
        assert units(lambda: table.transact([delete])) == (4, 0)
        assert units(lambda: table.get("a", "b")) == (0, 0.5)
        assert units(lambda: table.get_many([("a", "b"), ("no", "no")], fresh=True)) == (0, 2)


def test_sizes_are_dynamodbs() -> None:
    item = {"pk": {"S": "é"}, "n": {"N": "-1234.5"}, "l": {"L": [{"NULL": True}]}}
    assert item_size(item) == (2 + 2) + (1 + 3 + 1 + 1) + (1 + 3 + 1 + 1)


def test_the_text_has_300_bytes() -> None:
    assert len(TEXT.encode()) == 300


@pytest.mark.parametrize("batch", BATCHES)
def test_a_message_stays_within_the_designs_targets(batch: int) -> None:
    message, _, _ = measured(batch)

    assert message.write_units <= 12
    assert message.total() <= {1: 25, 10: 16}[batch]


def test_a_single_message_makes_exactly_these_calls() -> None:
    message, events, _ = measured(1)

    assert message.calls == {
        "dynamodb.BatchExecuteStatement": 3,  # sent with its reference; delivered; read
        "dynamodb.BatchGetItem": 5,  # the router's view; receipts: connector, each callback
        "dynamodb.GetItem": 2,  # the conversation; the breaker
        "dynamodb.PutItem": 1,
        "dynamodb.TransactWriteItems": 1,
        "sqs.DeleteMessageBatch": 5,
        "sqs.ReceiveMessage": 5,
        "sqs.SendMessage": 5,
    }
    assert message.invocations == {
        "http_api": 1,
        "route_message": 1,
        "deliver_message": 1,
        "receive_callback": 3,
        "apply_callback": 3,
    }
    assert events.calls == {
        "dynamodb.BatchGetItem": 1,  # what the message says
        "dynamodb.GetItem": 4,  # is anybody connected?
        "dynamodb.PutItem": 4,  # a page of the log for each batch of the stream
        "dynamodb.Query": 4,  # is there an endpoint?
        "sns.PublishBatch": 4,
    }


def test_ten_messages_share_their_calls() -> None:
    message, events, _ = measured(10)

    single = measured(1)[0].calls
    assert message.calls == {
        "dynamodb.BatchExecuteStatement": 0.4,  # 10 accepted; 10 sent, 10 references; …
        "dynamodb.BatchGetItem": 0.6,
        "dynamodb.GetItem": 0.1,
        "dynamodb.TransactWriteItems": 0.1,
        "sqs.DeleteMessageBatch": single["sqs.DeleteMessageBatch"] / 10,
        "sqs.ReceiveMessage": single["sqs.ReceiveMessage"] / 10,
        "sqs.SendMessageBatch": single["sqs.SendMessage"] / 10,
    }
    assert events.calls == {call: n / 10 for call, n in measured(1)[1].calls.items()}


@pytest.mark.parametrize("batch", BATCHES)
def test_units_do_not_depend_on_the_batch(batch: int) -> None:
    message, _, _ = measured(batch)

    # accepted 1; head 2, place 2, its index entry 2; sent 1, reference 1; delivered 1; read 1
    assert message.write_units == 11
    # strong: conversation, 4 of the view, the user, the receipts; eventual: three of callbacks,
    # and one for the breaker, however many it serves
    assert message.read_units == 7 + 3 / 2 + 1 / 2 / batch


def test_the_log_is_cheap_when_there_is_much_to_write() -> None:
    alone, ten = measured(1)[1], measured(10)[1]

    assert alone.write_units == 4  # a page for each of four events
    assert ten.write_units <= 0.5  # ten compressed events on each of four pages
    assert alone.total() <= 7 and ten.total() <= 1


@pytest.mark.parametrize("batch", BATCHES)
def test_each_change_is_one_event(batch: int) -> None:
    _, _, events = measured(batch)

    told = Counter(events)
    assert told == {"message.accepted": batch} | {f"message.{mark}": batch for mark in MARKS}


def main() -> None:
    for name, figures in report().items():
        print(f"\n{name}: per message")
        for key in ("write_units", "read_units", "sqs_requests", "lambda_requests", "lambda_ms"):
            print(f"  {key:<24}{figures[key]:>8.2f}")
        for call, times in figures["aws_calls"].items():
            print(f"  {call:<36}{times:>6.2f}")
        print("  dollars per million")
        for service, dollars in figures["dollars_per_million"].items():
            print(f"    {service:<22}{dollars:>8.2f}")
        print(f"    {'total':<22}{figures['dollars_per_million_total']:>8.2f}")
        print(f"    {'events, beside':<22}{figures['dollars_per_million_events_beside']:>8.2f}")


if __name__ == "__main__":
    main()
