"""What carries a client's trace on AWS: items, X-Ray's attribute of a queue's message, and an
attribute of the topic's."""

from __future__ import annotations

from typing import Any

import pytest

from chat4all.delivery import Outgoing
from chat4all.tracing import xray
from tests.contract.samples import CONVERSATION, a_group, a_head, a_message, a_place, an_id
from tests.contract.test_publisher import NOBODY, Topic, an_event
from tests.contract.test_queue import sqs_queue
from tests.contract.worlds import Aws, Stores

pytestmark = pytest.mark.req("RNF-008")
CLIENTS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def outgoing(number: int, trace: str | None) -> Outgoing:
    return Outgoing(body=f"{number}", group="g", deduplication_id=f"{number}", trace=trace)


def taken(queue_url: str, sqs: Any, **asked: Any) -> dict[str, dict[str, Any]]:
    """Messages by their bodies, with what is asked for beside them."""
    answer = sqs.receive_message(
        QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=2, **asked
    )
    return {message["Body"]: message for message in answer.get("Messages", [])}


def test_a_message_keeps_its_trace_and_so_does_its_place(stores: Stores) -> None:
    stores.conversations.create(a_group())
    stores.messages.add([a_message(1, trace=CLIENTS)])
    stores.messages.add([a_message(2, trace=CLIENTS), a_message(3)])
    places = [a_place(1, trace=CLIENTS), a_place(2)]
    stores.messages.sequence({CONVERSATION: (0, a_head(2))}, places)

    ids = [an_id(number) for number in (1, 2, 3)]
    messages = stores.messages.get(ids, fresh=True)
    kept = stores.messages.receipts(ids, fresh=True)

    assert [messages[i].trace for i in ids] == [CLIENTS, CLIENTS, None]
    assert [kept[i].trace for i in ids[:2]] == [CLIENTS, None]


def test_x_ray_hears_of_a_clients_trace_by_a_message_of_a_queue(aws: Aws) -> None:
    queue, reader = sqs_queue(aws)

    queue.send("inbound", [outgoing(1, CLIENTS)])
    queue.send("inbound", [outgoing(2, None)])

    asked = {"AttributeNames": ["AWSTraceHeader"]}
    found = taken(reader.url("inbound"), reader.sqs, **asked)
    told = {body: m.get("Attributes", {}).get("AWSTraceHeader") for body, m in found.items()}
    assert told == {"1": xray(CLIENTS), "2": None}


def test_also_by_those_of_a_batch(aws: Aws) -> None:
    """Moto and the emulator take it and forget it, so this looks at what is sent. The client holds
    requests to the service's model."""
    queue, reader = sqs_queue(aws)
    sent: list[dict[str, Any]] = []
    name, note = (
        "provide-client-params.sqs.SendMessageBatch",
        lambda params, **_: sent.append(params),
    )
    reader.sqs.meta.events.register(name, note)

    queue.send("inbound", [outgoing(1, CLIENTS), outgoing(2, None)])

    reader.sqs.meta.events.unregister(name, note)
    [first, second] = sent[0]["Entries"]
    header = first["MessageSystemAttributes"]["AWSTraceHeader"]
    assert header == {"DataType": "String", "StringValue": xray(CLIENTS)}
    assert "MessageSystemAttributes" not in second
    assert sorted(reader.take("inbound", wait=0.5)) == ["1", "2"]


def test_subscribers_of_the_topic_are_told_the_trace_beside_the_event(aws: Aws) -> None:
    topic = Topic(aws)
    url = topic.subscribe()
    events = [an_event(1), an_event(2)]

    topic.publisher.publish(events, NOBODY, {"event-1": CLIENTS})

    found = taken(url, topic.sqs, MessageAttributeNames=["All"])
    told = [m.get("MessageAttributes", {}).get("traceparent") for m in found.values()]
    assert sorted((t or {}).get("StringValue", "") for t in told) == ["", CLIENTS]
