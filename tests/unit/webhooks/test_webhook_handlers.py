"""The handlers of webhooks, on the imitated cloud and a real subscriber."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from standardwebhooks import Webhook

from chat4all.adapters.memory import MemoryQueue
from chat4all.bootstrap import webhooks
from chat4all.bootstrap.parts import attempt_store, clock, endpoint_store
from chat4all.webhooks.endpoint import AttemptJob, NewEndpoint
from tests.builders import SERVICE
from tests.cloud import CONTEXT, Cloud, cloud
from tests.support.https_server import Server, answer, serving
from tests.support.webhook_world import an_event

pytestmark = pytest.mark.req("RF-009")


@pytest.fixture
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        boto3.client("scheduler").create_schedule_group(Name="chat4all-local-webhooks")
        yield made


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> MemoryQueue:
    import dispatch_webhook.handler as dispatch
    import queue_attempts.handler as attempts

    queue = MemoryQueue()
    for handler in (dispatch, attempts):
        monkeypatch.setattr(handler, "queue", lambda: queue)
    return queue


def registered(server: Server) -> tuple[str, str]:
    """Id and secret of an endpoint at this server."""
    new = NewEndpoint(url=f"http://127.0.0.1:{server.port}/hook", types=("*",))
    shown = webhooks.webhooks().create(SERVICE, new)
    return shown.endpoint.webhook_id, str(shown.secret)


def a_record(body: object, number: int = 1, group: str = "g") -> dict[str, Any]:
    return {
        "messageId": f"item-{number}",
        "receiptHandle": f"handle-{number}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"MessageGroupId": group, "ApproximateReceiveCount": "1"},
    }


def handle(handler: str, *records: dict[str, Any]) -> list[str]:
    """The ids of the items that a handler wants offered again."""
    module = __import__(f"{handler}.handler", fromlist=["lambda_handler"])
    done = module.lambda_handler({"Records": list(records)}, CONTEXT)
    return [failure["itemIdentifier"] for failure in done["batchItemFailures"]]


def dispatched(stack: Cloud) -> list[str]:
    jobs = stack.received("attempts")
    records = [a_record(job, n, job["webhook_id"]) for n, job in enumerate(jobs, 1)]
    return handle("dispatch_webhook", *records)


def test_an_event_goes_from_the_queue_to_its_subscriber(stack: Cloud) -> None:
    with serving(answer(204)) as server:
        webhook_id, secret = registered(server)

        assert handle("queue_attempts", a_record(an_event())) == []
        assert dispatched(stack) == []

    [request] = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert Webhook(secret).verify(body, headers) == an_event()
    [row], _ = attempt_store().page(webhook_id, None, 10)
    assert (row.status_code, row.error) == (204, None)


def test_an_event_that_is_not_taken_waits_in_the_queue_and_comes_again(stack: Cloud) -> None:
    with serving(answer(503), answer(200)) as server:
        webhook_id, _ = registered(server)
        handle("queue_attempts", a_record(an_event()))
        assert dispatched(stack) == []

    [row], _ = attempt_store().page(webhook_id, None, 10)
    endpoint = endpoint_store().get(webhook_id)
    assert (row.status_code, row.error) == (503, "status")
    assert row.next_attempt_at is not None and 4_000 < row.next_attempt_at - row.at < 6_000
    assert endpoint is not None and endpoint.failing_since == row.at


def test_a_long_wait_is_a_schedule(stack: Cloud) -> None:
    with serving(answer(503, b"", "retry-after: 3600")) as server:
        webhook_id, _ = registered(server)
        handle("queue_attempts", a_record(an_event()))
        assert dispatched(stack) == []

    [schedule] = boto3.client("scheduler").list_schedules()["Schedules"]
    found = boto3.client("scheduler").get_schedule(
        Name=schedule["Name"], GroupName=schedule["GroupName"]
    )
    job = AttemptJob.model_validate_json(found["Target"]["Input"])
    assert (job.webhook_id, job.attempt) == (webhook_id, 2)


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"kind":"attempt","webhook_id":"w"}'])
def test_what_nobody_can_read_is_offered_again_and_holds_nobody_up(
    stack: Cloud, queue: MemoryQueue, body: str
) -> None:
    with serving(answer(200)) as server:
        webhook_id, _ = registered(server)
        job = AttemptJob(webhook_id=webhook_id, event=an_event(), first_at=clock().now())

        again = handle("dispatch_webhook", a_record(body, 1), a_record(job.model_dump(), 2))

    assert again == ["item-1"]
    assert queue.hidden == [("attempts", "handle-1", 2)]
    assert len(server.requests) == 1
    queue.hidden.clear()
    assert handle("queue_attempts", a_record(body, 1), a_record(an_event(), 2)) == ["item-1"]
    assert queue.hidden == [(stack.urls["webhooks"], "handle-1", 2)]


def test_a_table_that_is_down_has_the_batch_come_again_soon(
    stack: Cloud, queue: MemoryQueue
) -> None:
    boto3.client("dynamodb").delete_table(TableName="chat4all-local")
    job = AttemptJob(webhook_id="w", event=an_event(), first_at=clock().now())

    assert handle("queue_attempts", a_record(an_event())) == ["item-1"]
    assert handle("dispatch_webhook", a_record(job.model_dump())) == ["item-1"]
    waits = [(stack.urls["webhooks"], "handle-1", 2), ("attempts", "handle-1", 2)]
    assert queue.hidden == waits
