"""Whoever tells of events may be killed at any moment: nothing is missing in the end, and what
comes twice has the same id."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from infra.local import aws
from infra.local.client import Api, wait_until
from infra.local.mappings import paused
from infra.local.running import Addresses
from tests.e2e.conftest import People
from tests.e2e.realtime import connected
from tests.e2e.test_crash_points import dies
from tests.e2e.webhooks import Subscriber, Subscribers, pages


def url(stack: Addresses, queue: str) -> str:
    sqs = aws.client(stack.aws_endpoint_url, "sqs")
    return str(sqs.get_queue_url(QueueName=f"chat4all-{stack.stage}-{queue}")["QueueUrl"])


def waiting(stack: Addresses, queue: str) -> int:
    sqs = aws.client(stack.aws_endpoint_url, "sqs")
    name = "ApproximateNumberOfMessages"
    found = sqs.get_queue_attributes(QueueUrl=url(stack, queue), AttributeNames=[name])
    return int(found["Attributes"][name])


def placed(api: Api, message_id: str) -> None:
    wait_until(lambda: api.message(message_id)["seq"], "its place")


def told(subscriber: Subscriber, sent: list[str]) -> Counter[str]:
    """How often each event came, once every message was told of; an event has one id."""
    wait_until(
        lambda: {e["data"]["message_id"] for e in subscriber.events()} >= set(sent),
        "every message",
        seconds=30,
    )
    ids = {event["data"]["message_id"]: event["id"] for event in subscriber.events()}
    assert len(set(ids.values())) == len(sent)
    assert all(event["id"] == ids[event["data"]["message_id"]] for event in subscriber.events())
    return Counter(delivery.webhook_id for delivery in subscriber.deliveries())


@pytest.mark.req("RNF-003")
@pytest.mark.req("RF-009")
@pytest.mark.parametrize("publishes", [0, 1], ids=["before the topic", "after some publishes"])
def test_a_relay_that_dies_is_followed_by_one_that_tells_the_rest_under_the_same_ids(
    stack: Addresses, api: Api, subscribers: Subscribers, talk: tuple[str, str], publishes: int
) -> None:
    subscriber = subscribers.add("message.accepted", conversation_id=talk[0])
    began = datetime.fromtimestamp(time.time() - 1, UTC).isoformat()
    query = {"conversation_id": talk[0], "types": "message.accepted", "since": began}

    with paused(stack, "relay-changes"):
        sent = [api.send(*talk, f"{n}") for n in range(15)]
        placed(api, sent[-1])
        dies(stack, "relay-changes", "relay", talk[0], str(publishes))

    counts = told(subscriber, sent)
    assert max(counts.values()) <= 1 + publishes

    def logged() -> set[str]:
        return {event["id"] for event in pages(api, None, **query)[0]}

    wait_until(lambda: logged() == set(counts), "the log to show the same")


@pytest.mark.req("RNF-003")
@pytest.mark.req("RF-009")
def test_a_matcher_that_dies_between_its_sends_is_followed_by_one_that_sends_the_rest(
    stack: Addresses, api: Api, subscribers: Subscribers, talk: tuple[str, str]
) -> None:
    three = [subscribers.add("message.accepted", conversation_id=talk[0]) for _ in range(3)]

    with paused(stack, "queue-attempts"):
        sent = [api.send(*talk, f"{n}") for n in range(8)]
        wait_until(lambda: waiting(stack, "webhooks") >= 8, "the events to be queued")
        dies(stack, "queue-attempts", "match", url(stack, "webhooks"), "1")

    for subscriber in three:
        counts = told(subscriber, sent)
        assert set(counts.values()) == {1}  # the queue of attempts knows what it has


@pytest.mark.req("RNF-003")
@pytest.mark.req("RF-009")
def test_a_dispatcher_that_dies_after_the_answers_posts_again_with_the_same_ids(
    stack: Addresses, api: Api, subscribers: Subscribers, talk: tuple[str, str]
) -> None:
    subscriber = subscribers.add("message.accepted", conversation_id=talk[0])

    with paused(stack, "dispatch-webhook"):
        sent = [api.send(*talk, f"{n}") for n in range(8)]
        wait_until(lambda: waiting(stack, "attempts.fifo") >= 8, "the attempts to be queued")
        dies(stack, "dispatch-webhook", "dispatch", url(stack, "attempts.fifo"))
        posted = len(subscriber.deliveries())

    wait_until(lambda: len(subscriber.attempts()) >= 8, "each to be recorded", seconds=30)
    counts = told(subscriber, sent)
    assert posted == 8
    assert set(counts.values()) == {2}
    assert len(subscriber.attempts()) == 8


@pytest.mark.req("RNF-003")
@pytest.mark.req("RF-005")
def test_a_pusher_that_dies_is_followed_by_one_that_pushes_the_rest(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    with (
        connected(stack, api, ana, patience=60.0) as anas,  # too long to ask for what is missing
        connected(stack, api, bo, patience=60.0) as bos,
    ):
        with paused(stack, "push-realtime"):
            sent = [api.send(conversation, ana, f"{n}") for n in range(6)]
            wait_until(lambda: waiting(stack, "realtime") >= 6, "the events to be queued")
            dies(stack, "push-realtime", "push", url(stack, "realtime"), "5")

        for device in (anas, bos):
            came = device.wait_for("message.accepted", count=6, seconds=30)
            assert [event["data"]["message_id"] for event in came] == sent
            assert len({event["id"] for event in came}) == 6
