"""What the table leaves over is asked for again, alone; what persists is Unavailable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from chat4all.adapters.dynamodb import Table
from chat4all.adapters.sns import SnsPublisher
from chat4all.adapters.sqs import SqsQueue
from chat4all.delivery import Outgoing
from chat4all.errors import Raced, Unavailable
from chat4all.ports.events import Audience
from tests.contract.worlds import KEY, REGION

THROTTLED = {"Error": {"Code": "ThrottlingError", "Message": "slow down"}}
DUPLICATE = {"Error": {"Code": "DuplicateItem", "Message": "it is there"}}
DONE: dict[str, Any] = {"TableName": "table"}


def stubbed(service: str) -> tuple[Any, Stubber]:
    client = boto3.Session(KEY, KEY, region_name=REGION).client(service)
    stub = Stubber(client)
    stub.activate()
    return client, stub


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the table waited; it does not really."""
    found: list[float] = []
    monkeypatch.setattr("chat4all.adapters.dynamodb.table.time.sleep", found.append)
    return found


@pytest.fixture
def dynamo(pauses: list[float]) -> Iterator[tuple[Table, Stubber]]:
    client, stub = stubbed("dynamodb")
    yield Table(client, "table"), stub
    stub.assert_no_pending_responses()


def answers(stub: Stubber, statements: list[tuple[str, Any]], *responses: Any) -> None:
    """The next BatchExecuteStatement must have these statements."""
    expected = [{"Statement": text, "Parameters": ANY} for text, _ in statements]
    stub.add_response(
        "batch_execute_statement", {"Responses": list(responses)}, {"Statements": expected}
    )


def test_only_the_statements_that_were_throttled_run_again(
    dynamo: tuple[Table, Stubber], pauses: list[float]
) -> None:
    table, stub = dynamo
    first, second, third = (table.set(str(n), "x", {f"a{n}": n}) for n in range(3))
    answers(stub, [first, second, third], DONE, THROTTLED, DUPLICATE)
    answers(stub, [second], THROTTLED)
    answers(stub, [second], DONE)

    assert table.run([first, second, third]) == [None, None, "DuplicateItem"]
    assert pauses == sorted(pauses)
    assert len(pauses) == 2


def test_throttling_that_persists_is_unavailable(
    dynamo: tuple[Table, Stubber], pauses: list[float]
) -> None:
    table, stub = dynamo
    first, second = (table.set(str(n), "x", {f"a{n}": n}) for n in range(2))
    answers(stub, [first, second], DONE, THROTTLED)
    for _ in range(3):
        answers(stub, [second], THROTTLED)

    with pytest.raises(Unavailable):
        table.run([first, second])


def test_keys_that_were_not_read_are_read_again(dynamo: tuple[Table, Stubber]) -> None:
    table, stub = dynamo
    item = {"pk": {"S": "2"}, "sk": {"S": "x"}}
    left = {"table": {"Keys": [item]}}
    stub.add_response("batch_get_item", {"Responses": {"table": []}, "UnprocessedKeys": left})
    stub.add_response("batch_get_item", {"Responses": {"table": [item]}, "UnprocessedKeys": {}})

    assert table.get_many([("1", "x"), ("2", "x")]) == {("2", "x"): {"pk": "2", "sk": "x"}}


def test_keys_that_are_never_read_are_unavailable(dynamo: tuple[Table, Stubber]) -> None:
    table, stub = dynamo
    left = {"table": {"Keys": [{"pk": {"S": "1"}, "sk": {"S": "x"}}]}}
    for _ in range(7):
        stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": left})

    with pytest.raises(Unavailable):
        table.get_many([("1", "x")])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("TransactionCanceledException", Raced),
        ("TransactionConflictException", Raced),
        ("ProvisionedThroughputExceededException", Unavailable),
        ("AccessDeniedException", Unavailable),
    ],
)
def test_a_transaction_that_was_in_somebodys_way_is_a_race(
    dynamo: tuple[Table, Stubber], code: str, expected: type[Exception]
) -> None:
    table, stub = dynamo
    stub.add_client_error("transact_write_items", code)

    with pytest.raises(expected):
        table.transact([{"Delete": {"TableName": "table", "Key": {"pk": {"S": "1"}}}}])


def test_a_queue_that_refused_one_of_several_is_unavailable() -> None:
    client, stub = stubbed("sqs")
    refused = {"Id": "1", "Code": "InternalError", "SenderFault": False}
    stub.add_response("send_message_batch", {"Successful": [], "Failed": [refused]})
    messages = [Outgoing(body=str(n), group="g", deduplication_id=str(n)) for n in range(2)]

    with pytest.raises(Unavailable):
        SqsQueue(client, "https://sqs.test/0/x-").send("inbound", messages)


def test_a_topic_that_refused_one_of_several_is_unavailable() -> None:
    client, stub = stubbed("sns")
    refused = {"Id": "0", "Code": "InternalError", "SenderFault": False}
    stub.add_response("publish_batch", {"Successful": [], "Failed": [refused]})

    with pytest.raises(Unavailable):
        SnsPublisher(client, "arn:aws:sns:us-east-1:0:t").publish(
            [{"id": "e", "type": "t", "data": {}}], Audience(webhooks=True, realtime=False)
        )
