"""Publisher: events reach the topic's subscribers, whole, with what they filter by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from chat4all.adapters.memory import MemoryPublisher
from chat4all.adapters.sns import SnsPublisher
from chat4all.errors import Unavailable
from chat4all.ports.events import Audience
from tests.contract.worlds import Aws, Reader

NOBODY = Audience(webhooks=False, realtime=False)


def an_event(number: int, kind: str = "message.sent", **data: Any) -> dict[str, Any]:
    return {
        "id": f"event-{number}",
        "type": kind,
        "timestamp": "2026-11-23T01:02:03.456Z",
        "data": {"conversation_id": "conversation-1", "text": "olá ✓"} | data,
    }


class Topic:
    """A topic, and standard queues that subscribe to it."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.sns, self.sqs = aws.client("sns"), aws.client("sqs")
        self.arn = self.sns.create_topic(Name=aws.unique("events"))["TopicArn"]
        self.publisher = SnsPublisher(self.sns, self.arn)

    def subscribe(self, *, raw: bool = True, **policy: Any) -> str:
        """A queue's URL; it gets what the filter policy lets through."""
        url = str(self.sqs.create_queue(QueueName=self.aws.unique("subscriber"))["QueueUrl"])
        asked = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn = asked["Attributes"]["QueueArn"]
        self.sqs.set_queue_attributes(
            QueueUrl=url, Attributes={"Policy": json.dumps(_lets_topic_send(arn, self.arn))}
        )
        attributes = {"RawMessageDelivery": str(raw).lower()}
        if policy:
            attributes["FilterPolicy"] = json.dumps(policy)
        self.sns.subscribe(
            TopicArn=self.arn,
            Protocol="sqs",
            Endpoint=arn,
            Attributes=attributes,
        )
        return url

    def arrived(self, url: str) -> list[Mapping[str, Any]]:
        bodies = Reader(self.sqs, str).take(url, wait=2)
        return sorted((json.loads(body) for body in bodies), key=lambda e: str(e.get("id")))


def _lets_topic_send(queue_arn: str, topic_arn: str) -> dict[str, Any]:
    """A queue's policy, without which AWS drops what the topic sends."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue_arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
            }
        ],
    }


@pytest.fixture
def topic(aws: Aws) -> Topic:
    return Topic(aws)


def test_events_arrive_whole_and_more_than_ten_at_once(topic: Topic) -> None:
    url = topic.subscribe()
    events = [an_event(n) for n in range(10, 35)]

    topic.publisher.publish(events, NOBODY)
    topic.publisher.publish([], NOBODY)

    assert topic.arrived(url) == events


def test_a_subscriber_gets_what_its_filter_asks_for(topic: Topic) -> None:
    by_type = topic.subscribe(type=[{"prefix": "message."}])
    by_conversation = topic.subscribe(conversation_id=["conversation-2"])
    by_channel = topic.subscribe(type=["message.sent"], channel=["whatsapp"])
    events = [
        an_event(1, "message.sent", channel="whatsapp"),
        an_event(2, "conversation.created", conversation_id="conversation-2"),
        an_event(3, "message.read", channel="whatsapp"),
        an_event(4, "message.sent", channel="instagram", conversation_id="conversation-2"),
    ]

    topic.publisher.publish(events, NOBODY)

    assert topic.arrived(by_type) == [events[0], events[2], events[3]]
    assert topic.arrived(by_conversation) == [events[1], events[3]]
    assert topic.arrived(by_channel) == [events[0]]


def test_attributes_travel_with_the_event(topic: Topic) -> None:
    url = topic.subscribe(raw=False)

    events = [an_event(1, channel="whatsapp"), an_event(2, conversation_id=None)]
    topic.publisher.publish(events, Audience(webhooks=True, realtime=False))

    envelopes = sorted(topic.arrived(url), key=lambda e: str(e["Message"]))
    values = [{k: v["Value"] for k, v in e["MessageAttributes"].items()} for e in envelopes]
    assert values == [
        {
            "type": "message.sent",
            "conversation_id": "conversation-1",
            "channel": "whatsapp",
            "webhooks": "yes",
        },
        {"type": "message.sent", "webhooks": "yes"},
    ]


def test_our_own_queues_get_events_only_when_somebody_listens(topic: Topic) -> None:
    webhooks = topic.subscribe(webhooks=["yes"])
    realtime = topic.subscribe(realtime=["yes"])

    topic.publisher.publish([an_event(1)], NOBODY)
    topic.publisher.publish([an_event(2)], Audience(webhooks=True, realtime=False))
    topic.publisher.publish([an_event(3)], Audience(webhooks=True, realtime=True))

    assert topic.arrived(webhooks) == [an_event(2), an_event(3)]
    assert topic.arrived(realtime) == [an_event(3)]


def test_ten_events_of_twenty_kilobytes_go_at_once(topic: Topic) -> None:
    url = topic.subscribe()
    events = [an_event(n, text="x" * 19_800) for n in range(10, 20)]

    topic.publisher.publish(events, Audience(webhooks=True, realtime=True))

    assert topic.arrived(url) == events


def test_what_no_service_can_carry_does_not_hold_the_others_up(topic: Topic) -> None:
    url = topic.subscribe()
    events = [
        an_event(1, text="\ud800"),
        an_event(2, text="\uffff\ufffe\x00"),
        an_event(3, channel=7, conversation_id="\ud800"),
        an_event(4, channel="x" * 19_000, conversation_id="\x00"),
        an_event(5),
    ]

    topic.publisher.publish(events, Audience(webhooks=True, realtime=True))

    arrived = {event["id"]: event["data"] for event in topic.arrived(url)}
    assert list(arrived) == [f"event-{n}" for n in range(1, 6)]
    assert arrived["event-1"]["text"] == "?"
    assert arrived["event-2"]["text"] == "\uffff\ufffe\x00"
    assert arrived["event-3"]["channel"] == 7


def test_a_topic_that_is_not_there_is_unavailable(topic: Topic) -> None:
    gone = SnsPublisher(topic.sns, topic.arn + "-gone")

    with pytest.raises(Unavailable):
        gone.publish([an_event(1)], NOBODY)


def test_the_fake_keeps_events_in_order() -> None:
    publisher = MemoryPublisher()

    somebody = Audience(webhooks=True, realtime=False)
    publisher.publish([an_event(1), an_event(2)], NOBODY)
    publisher.publish([an_event(3)], somebody)

    assert publisher.events == [an_event(1), an_event(2), an_event(3)]
    assert publisher.audiences == [NOBODY, somebody]


def test_a_fake_that_is_down_is_unavailable() -> None:
    publisher = MemoryPublisher()
    publisher.down = True

    with pytest.raises(Unavailable):
        publisher.publish([an_event(1)], NOBODY)
