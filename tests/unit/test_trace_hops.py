"""A client's trace comes in by every door, goes with events, and out with webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest

from chat4all.delivery import ToRoute
from chat4all.events import event_id
from chat4all.file_jobs import FetchMedia, FinishUpload
from chat4all.ports.webhooks import Posted
from chat4all.realtime.frames import Send, frame_of
from chat4all.tracing import parse, trace_of
from chat4all.webhooks.endpoint import AttemptJob
from chat4all.webhooks.queueing import Incoming
from tests.builders import NOW, an_id
from tests.cloud import CONTEXT, Cloud, cloud, request
from tests.support.webhook_world import DOWN, World, an_event

pytestmark = pytest.mark.req("RNF-008")
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CLIENTS = f"00-{TRACE}-{SPAN}-01"


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


def call(method: str, path: str, body: object = None, **more: Any) -> Any:
    from http_api.handler import lambda_handler

    answer = request(lambda_handler, method, path, body, **more)
    assert answer.status < 300, answer.body
    return answer.json


def a_conversation() -> tuple[str, str]:
    people = [f"user-{uuid4().hex[:8]}" for _ in range(2)]
    for person in people:
        call("PUT", f"/v1/users/{person}", {})
    made = call("POST", "/v1/conversations", {"type": "private", "members": people})
    return made["conversation_id"], people[0]


@pytest.mark.parametrize(("header", "kept"), [(CLIENTS, CLIENTS), ("nonsense", None), (None, None)])
@pytest.mark.parametrize("batch", [False, True])
def test_over_http_it_is_a_header(
    stack: Cloud, header: str | None, kept: str | None, batch: bool
) -> None:
    conversation, ana = a_conversation()
    message = {
        "conversation_id": conversation,
        "from": ana,
        "payload": {"type": "text", "text": "hi"},
    }
    headers = {} if header is None else {"traceparent": header}

    path = "/v1/messages/batch" if batch else "/v1/messages"
    call("POST", path, {"messages": [message]} if batch else message, headers=headers)

    [queued] = stack.received("inbound")
    assert ToRoute.model_validate(queued).trace == kept


def a_receipts_record(message_id: str, trace: str | None) -> dict[str, Any]:
    """The change that says a delivery was sent."""
    image = {
        "pk": {"S": f"MSG#{message_id}"},
        "sk": {"S": "RECEIPTS"},
        "gsi1pk": {"S": f"CONV#{an_id(900)}"},
        "gsi1sk": {"S": "0000000000000001"},
        "sender": {"S": "ana"},
        "sequenced_at": {"N": str(NOW)},
        "plan": {"S": json.dumps([{"user_id": "bo", "channel": "whatsapp", "address": "551"}])},
    }
    image |= {"trace": {"S": trace}} if trace else {}
    change = {"OldImage": image, "NewImage": {**image, "sent#0": {"N": str(NOW)}}}
    return {"dynamodb": {"ApproximateCreationDateTime": NOW / 1000, **change}}


@pytest.mark.parametrize("trace", [CLIENTS, None])
def test_an_event_takes_it_along_as_an_attribute(stack: Cloud, trace: str | None) -> None:
    from relay_changes.handler import lambda_handler

    message_id = str(uuid4())
    lambda_handler({"Records": [a_receipts_record(message_id, trace)]}, CONTEXT)

    sqs = boto3.client("sqs")
    url = stack.urls["events"]
    [message] = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    found = json.loads(message["Body"])["MessageAttributes"].get("traceparent")
    told = parse(found["Value"]) if found else None
    assert (told.trace_id if told else None) == (TRACE if trace else None)
    assert event_id(NOW, "message.sent", message_id, "0") in message["Body"]


def test_an_attempt_keeps_it_and_its_subscriber_hears_of_it_each_time() -> None:
    world = World()
    world.an_endpoint()
    world.poster.answers_with("a.example", DOWN, Posted(200))
    event = an_event()

    world.queueing.queue([Incoming("item", json.dumps(event), CLIENTS)])
    [first] = world.queued()
    world.dispatches([first])
    world.turns(10)

    headers = [parse(headers["traceparent"]) for _, headers, _ in world.poster.posted]
    assert first.trace == CLIENTS
    assert [found.trace_id for found in headers if found] == [TRACE, TRACE]
    assert len({found.span_id for found in headers if found}) == 2


def test_without_a_clients_trace_a_subscriber_hears_of_the_messages_own() -> None:
    world = World()
    world.an_endpoint()
    event = an_event()

    world.happens(event)
    [job] = world.queued()
    world.dispatches([job])

    [(_, headers, _)] = world.poster.posted
    told = parse(headers["traceparent"])
    assert told is not None
    assert told.trace_id == trace_of(event["data"]["message_id"]).trace_id
    assert "trace" not in json.loads(job.outgoing().body)


def test_jobs_from_before_there_were_traces_are_read_as_before() -> None:
    job = AttemptJob(webhook_id=an_id(1), event=an_event(), first_at=NOW)

    assert AttemptJob.model_validate_json(job.model_dump_json()) == job
    assert FinishUpload.model_validate_json('{"file_id":"f"}').trace is None
    media = {"type": "media", "reference": "1", "content_type": "image/png"}
    assert FetchMedia(file_id="f", channel="whatsapp", media=media).message_id is None


def test_over_a_websocket_it_is_a_field_of_the_frame() -> None:
    message = {"conversation_id": an_id(1), "payload": {"type": "text", "text": "hi"}}

    frame = frame_of({"action": "send", "message": message, "traceparent": CLIENTS})

    assert isinstance(frame, Send)
    assert frame.traceparent == CLIENTS


@pytest.mark.parametrize("sent", ["nonsense", "0" * 300, "", 7, ["x"], {"a": 1}, True])
def test_over_a_websocket_what_is_no_trace_counts_as_not_sent(sent: object) -> None:
    message = {"conversation_id": an_id(1), "payload": {"type": "text", "text": "hi"}}

    frame = frame_of({"action": "send", "message": message, "traceparent": sent})

    assert isinstance(frame, Send)
    assert frame.traceparent is None
