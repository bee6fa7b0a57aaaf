"""Subscriptions: the topic's service posts to those who speak SNS, and to them what they want."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from chat4all.adapters.memory.webhooks import MemorySubscriptions
from chat4all.adapters.subscriptions import NOTHING, SnsSubscriptions, filter_policy
from chat4all.errors import Raced, Unavailable
from chat4all.ports.webhooks import EventFilter, Subscriptions, SubscriptionState
from tests.contract.samples import CONVERSATION
from tests.contract.worlds import ADAPTERS, Aws, aws_of

pytestmark = pytest.mark.req("RF-009")
URL = "http://127.0.0.1:9/a?b=c"
ALL = EventFilter(("*",))


def sns_subscriptions(aws: Aws) -> SnsSubscriptions:
    sns = aws.client("sns")
    return SnsSubscriptions(sns, sns.create_topic(Name=aws.unique("events"))["TopicArn"])


@pytest.fixture(params=ADAPTERS)
def subscriptions(request: pytest.FixtureRequest) -> Iterator[Subscriptions]:
    if request.param == "memory":
        yield MemorySubscriptions()
        return
    for aws in aws_of(request):
        yield sns_subscriptions(aws)


def test_a_subscription_has_an_arn_and_ends(subscriptions: Subscriptions) -> None:
    arn = subscriptions.subscribe(URL, ALL)
    assert arn.startswith("arn:aws:sns:")
    assert subscriptions.state(arn) is not SubscriptionState.GONE

    subscriptions.unsubscribe(arn)

    assert subscriptions.state(arn) is SubscriptionState.GONE
    subscriptions.unsubscribe(arn)
    subscriptions.change(arn, ALL)


def test_a_url_has_one_subscription(subscriptions: Subscriptions) -> None:
    first = subscriptions.subscribe(URL, ALL)

    with pytest.raises(Raced):
        subscriptions.subscribe(URL, EventFilter(("typing",)))

    subscriptions.unsubscribe(first)
    assert subscriptions.subscribe(URL, ALL) != first


@pytest.mark.parametrize(
    ("wanted", "policy"),
    [
        (ALL, {"type": [{"anything-but": ["typing", "presence"]}]}),
        (EventFilter(("typing", "message.sent")), {"type": ["typing", "message.sent"]}),
        (
            EventFilter(("typing",), CONVERSATION),
            {"type": ["typing"], "conversation_id": [CONVERSATION]},
        ),
        (EventFilter(("*",), None, paused=True), {"type": [NOTHING]}),
    ],
)
def test_a_filter_says_what_passes(aws: Aws, wanted: EventFilter, policy: dict[str, Any]) -> None:
    subscriptions = sns_subscriptions(aws)
    arn = subscriptions.subscribe(URL, EventFilter(("user.updated",)))

    subscriptions.change(arn, wanted)

    found = aws.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert json.loads(found["FilterPolicy"]) == json.loads(filter_policy(wanted)) == policy


def test_a_topic_that_is_not_there_is_unavailable(aws: Aws) -> None:
    gone = SnsSubscriptions(aws.client("sns"), "arn:aws:sns:us-east-1:000000000000:nowhere")

    with pytest.raises(Unavailable):
        gone.subscribe(URL, ALL)


class NeverConfirmed:
    """SNS as AWS has it: what is not confirmed is not ended; a filter it takes, or does not."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.filters: list[str] = []

    def unsubscribe(self, **given: str) -> None:
        self._answer("Unsubscribe")

    def set_subscription_attributes(self, **given: str) -> None:
        self._answer("SetSubscriptionAttributes")
        self.filters.append(given["AttributeValue"])

    def _answer(self, operation: str) -> None:
        if operation in self.refused:
            raise ClientError({"Error": {"Code": "InvalidParameter"}}, operation)


def test_what_was_never_confirmed_lets_nothing_through_when_it_is_over() -> None:
    """It can be confirmed for two days more."""
    sns = NeverConfirmed("Unsubscribe")

    SnsSubscriptions(sns, "topic").unsubscribe("arn")  # type: ignore[arg-type]

    assert [json.loads(policy) for policy in sns.filters] == [{"type": [NOTHING]}]


def test_a_filter_that_sns_does_not_take_for_it_is_no_error() -> None:
    sns = NeverConfirmed("Unsubscribe", "SetSubscriptionAttributes")

    SnsSubscriptions(sns, "topic").unsubscribe("arn")  # type: ignore[arg-type]

    assert sns.filters == []


class Receiver:
    def __init__(self) -> None:
        self.url = ""
        self.bodies: list[dict[str, Any]] = []

    def next(self, seconds: float = 5) -> dict[str, Any]:
        ends = time.monotonic() + seconds
        while not self.bodies:
            assert time.monotonic() < ends
            time.sleep(0.02)
        return self.bodies.pop(0)


@contextmanager
def a_receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            receiver.bodies.append(json.loads(self.rfile.read(length)))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *given: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield receiver
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("aws", ["emulator"], indirect=True)
def test_who_confirms_gets_what_the_filter_lets_through_and_nothing_in_a_pause(aws: Aws) -> None:
    sns = aws.client("sns")
    topic = sns.create_topic(Name=aws.unique("events"))["TopicArn"]
    subscriptions = SnsSubscriptions(sns, topic)

    def publish(kind: str) -> None:
        attributes = {"type": {"DataType": "String", "StringValue": kind}}
        sns.publish(TopicArn=topic, Message=kind, MessageAttributes=attributes)

    with a_receiver() as receiver:
        arn = subscriptions.subscribe(receiver.url, ALL)
        asked = receiver.next()
        assert asked["Type"] == "SubscriptionConfirmation"
        assert subscriptions.state(arn) is SubscriptionState.PENDING

        requests.get(asked["SubscribeURL"], timeout=5)
        assert subscriptions.state(arn) is SubscriptionState.CONFIRMED

        publish("typing")
        publish("message.sent")
        assert receiver.next()["Message"] == "message.sent"

        subscriptions.change(arn, EventFilter(("*",), None, paused=True))
        publish("message.sent")
        subscriptions.change(arn, EventFilter(("typing",)))
        publish("typing")
        assert receiver.next()["Message"] == "typing"
        assert receiver.bodies == []
