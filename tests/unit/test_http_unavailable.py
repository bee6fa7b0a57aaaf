"""When what is under the API fails, the answer says so, and that a repeat is safe."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.cloud import Answer, Cloud, cloud, request


@pytest.fixture
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


def call(method: str, path: str, body: object = None, **more: Any) -> Answer:
    from http_api.handler import lambda_handler

    return request(lambda_handler, method, path, body, **more)


@pytest.mark.req("RNF-003")
def test_a_message_that_could_not_be_queued_is_answered_503_and_completed_by_its_repeat(
    stack: Cloud,
) -> None:
    for user in ("ana", "bo"):
        call("PUT", f"/v1/users/{user}", {})
    opened = call("POST", "/v1/conversations", {"type": "private", "members": ["ana", "bo"]})
    body = {
        "message_id": "00000000-0000-4000-8000-000000000001",
        "conversation_id": opened.json["conversation_id"],
        "payload": {"type": "text", "text": "x"},
    }
    sqs = boto3.client("sqs")
    sqs.delete_queue(QueueUrl=stack.urls["inbound"])

    refused = call("POST", "/v1/messages", body, user="ana")
    batch = call("POST", "/v1/messages/batch", {"messages": [body]}, user="ana")
    sqs.create_queue(QueueName="chat4all-local-inbound.fifo", Attributes={"FifoQueue": "true"})
    repeated = call("POST", "/v1/messages", body, user="ana")

    assert (refused.status, refused.json["code"]) == (503, "unavailable")
    assert refused.headers["retry-after"] == "1"
    assert batch.json["items"][0]["error"]["code"] == "unavailable"
    assert repeated.status == 202
    assert [m["message_id"] for m in stack.received("inbound")] == [body["message_id"]]


def test_a_bug_is_answered_as_a_problem_and_tells_nothing(
    stack: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chat4all.api import users

    def broken() -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(users, "users", broken)

    answer = call("GET", "/v1/users/ana")

    assert (answer.status, answer.json["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
