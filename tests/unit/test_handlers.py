"""What the queues' and the providers' handlers do with what they cannot handle."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chat4all.batches import failures
from chat4all.delivery import Outgoing, StatusUpdate, ToRoute
from chat4all.receipts import Mark
from tests.builders import NOW, an_id
from tests.cloud import APP_SECRET, CONTEXT, Cloud, cloud


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


def a_record(number: int, body: str, group: str = "g", sent_at: float | None = None) -> dict:
    sent = str(int((sent_at or time.time()) * 1000))
    return {
        "messageId": f"item-{number}",
        "receiptHandle": f"handle-{number}",
        "body": body,
        "attributes": {"MessageGroupId": group, "SentTimestamp": sent},
    }


def handle(handler: str, *records: dict) -> list[str]:
    """The ids of the items that a handler wants offered again."""
    module = __import__(f"{handler}.handler", fromlist=["lambda_handler"])
    answer = module.lambda_handler({"Records": list(records)}, CONTEXT)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_a_failure_takes_the_rest_of_its_group_along_and_nothing_else() -> None:
    records = [a_record(n, "", group) for n, group in enumerate("aabbab")]

    answer = failures(records, ["item-1"])

    found = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    assert found == ["item-1", "item-4"]


@pytest.mark.parametrize("handler", ["route_message", "deliver_message", "apply_callback"])
@pytest.mark.parametrize("body", ["", "{", "[]", '{"kind":"status"}', '{"message_id":7}'])
def test_a_body_that_nobody_can_read_is_offered_again_until_it_is_a_dead_letter(
    stack: Cloud, handler: str, body: str
) -> None:
    assert handle(handler, a_record(1, body)) == ["item-1"]


def test_a_message_that_cannot_be_routed_holds_its_conversation_alone(stack: Cloud) -> None:
    lost = ToRoute(message_id=an_id(1), conversation_id=an_id(2)).model_dump_json()

    again = handle("route_message", a_record(1, lost, "a"), a_record(2, lost, "a"))

    assert again == ["item-1", "item-2"]


def a_status() -> Outgoing:
    return StatusUpdate(
        channel="whatsapp", provider_id="p", mark=Mark.READ, at=NOW, opaque=f"{an_id(404)}.0"
    ).outgoing()


@pytest.mark.parametrize(("age", "again"), [(0, ["item-1"]), (590, ["item-1"]), (610, [])])
def test_a_receipt_for_something_unknown_is_kept_for_ten_minutes(
    stack: Cloud, age: int, again: list[str]
) -> None:
    body = a_status().body

    assert handle("apply_callback", a_record(1, body, sent_at=time.time() - age)) == again


def a_callback(body: bytes, signature: str | None = None, channel: str = "whatsapp") -> dict:
    digest = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {
        "pathParameters": {"channel": channel},
        "headers": {"X-Hub-Signature-256": signature or f"sha256={digest}"},
        "requestContext": {"http": {"method": "POST"}},
        "body": body.decode(),
        "isBase64Encoded": False,
    }


def receive(event: dict) -> tuple[int, str]:
    from receive_callback.handler import lambda_handler

    answer = lambda_handler(event, CONTEXT)
    body = answer["body"]
    return answer["statusCode"], json.loads(body)["code"] if body[:1] == "{" else body


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (a_callback(b"{}"), (200, "ok")),
        (a_callback(b'{"entry":[7,{"changes":null}]}'), (200, "ok")),
        (a_callback(b"{}", "sha256=00"), (403, "bad_signature")),
        (a_callback(b"{"), (422, "callback_not_json")),
        (a_callback(b"[]"), (422, "callback_not_object")),
        (a_callback(b"{}", channel="pigeon"), (404, "channel_not_found")),
    ],
    ids=range(6),
)
def test_a_callback_is_taken_or_refused_with_a_reason(stack: Cloud, event, expected) -> None:
    assert receive(event) == expected
    assert stack.received("callbacks") == []


def test_a_callback_that_could_not_be_queued_is_asked_for_again(stack: Cloud) -> None:
    statuses = [{"id": "w", "status": "read", "timestamp": "1760000000"}]
    body = json.dumps({"entry": [{"changes": [{"value": {"statuses": statuses}}]}]}).encode()
    sqs = boto3.client("sqs")
    sqs.delete_queue(QueueUrl=stack.urls["callbacks"])

    refused = receive(a_callback(body))
    sqs.create_queue(QueueName="chat4all-local-callbacks.fifo", Attributes={"FifoQueue": "true"})
    taken = receive(a_callback(body))

    assert (refused, taken) == ((503, "unavailable"), (200, "ok"))
    assert [update["mark"] for update in stack.received("callbacks")] == ["read"]


def relay(*records: dict[str, Any]) -> None:
    from relay_changes.handler import lambda_handler

    lambda_handler({"Records": list(records)}, CONTEXT)


def a_change(**changes: Any) -> dict[str, Any]:
    new = {
        "pk": {"S": "USER#ana"},
        "sk": {"S": "META"},
        "name": {"S": "Ana"},
        "created_at": {"N": "1"},
    }
    return {"dynamodb": {"ApproximateCreationDateTime": 1.0, "NewImage": {**new, **changes}}}


@pytest.mark.req("RF-009")
def test_a_change_that_nobody_can_read_is_put_aside_and_holds_nothing_up(stack: Cloud) -> None:
    broken = [
        {"eventID": "1", "dynamodb": {}},
        a_change(sk={"S": "RECEIPTS"}),
        a_change(name={"X": "?"}),
    ]

    relay(*broken, a_change())

    assert [event["type"] for event in stack.events()] == ["user.updated"]
    assert stack.dead_letters() == broken
