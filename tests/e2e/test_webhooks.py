"""Subscribers get what they asked for, signed, at a real HTTP receiver."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from infra.local.client import Api, wait_until
from tests.e2e.conftest import People, over_both_doors
from tests.e2e.webhooks import Subscribers


def since(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


@pytest.mark.req("RF-009")
@over_both_doors
def test_a_message_is_told_with_what_it_says(
    api: Api, people: People, subscribers: Subscribers
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    subscriber = subscribers.add("message.accepted", conversation_id=conversation)

    sent = api.send(conversation, ana, "Olá 👋", metadata={"priority": "high"})

    [event] = subscriber.wait_for("message.accepted")
    shown = api.message(sent)
    assert event["timestamp"] == shown["sequenced_at"]
    assert event["data"] == {
        "conversation_id": conversation,
        "message_id": sent,
        "seq": 1,
        "from": ana,
        "status": "SENT",
        "payload": {"type": "text", "text": "Olá 👋"},
        "metadata": {"priority": "high"},
        "accepted_at": shown["accepted_at"],
    }
    [delivery] = subscriber.deliveries()
    assert delivery.webhook_id == event["id"]
    assert delivery.headers["content-type"] == "application/json"


KINDS = ("conversation.read", "message.accepted")


def test_only_what_was_asked_for_arrives(
    api: Api, people: People, subscribers: Subscribers
) -> None:
    (ana, _), (bo, _), (caio, _) = people.on(), people.on(), people.on()
    one, other = api.conversation(ana, bo), api.conversation(ana, caio)
    of_one = subscribers.add(*KINDS, conversation_id=one)
    reads = subscribers.add("conversation.read")
    everything = subscribers.add()

    for conversation, member in ((one, bo), (other, caio)):
        sent = api.send(conversation, ana, "hello")
        wait_until(lambda m=sent: api.message(m)["seq"], "its place")  # type: ignore[misc]
        body = {"user_id": member, "up_to_seq": 1}
        api.ok("POST", f"/v1/conversations/{conversation}/read", body)

    everything.wait_for("conversation.read", conversation_id=other)
    everything.wait_for("message.accepted", conversation_id=other)
    assert sorted(e["type"] for e in of_one.wait_for(count=2)) == list(KINDS)
    assert {e["data"]["conversation_id"] for e in of_one.events()} == {one}
    found = reads.wait_for("conversation.read", count=2)
    assert {e["data"]["conversation_id"] for e in found} == {one, other}
    assert reads.events() == found


@over_both_doors
def test_a_paused_endpoint_gets_nothing_and_what_it_missed_by_a_replay(
    api: Api, people: People, subscribers: Subscribers
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    paused = subscribers.add("message.accepted", conversation_id=conversation)
    witness = subscribers.add("message.accepted", conversation_id=conversation)

    paused.patch(status="PAUSED")
    began = time.time()
    missed = api.send(conversation, ana, "while it was paused")
    witness.wait_for(message_id=missed)
    paused.patch(status="ACTIVE")
    heard = api.send(conversation, ana, "after it")
    paused.wait_for(message_id=heard)
    assert paused.events(message_id=missed) == []

    api.ok("POST", f"{paused.at}/replay", {"since": since(began - 1)})

    [again] = paused.wait_for(message_id=missed)
    assert again["id"] == witness.events(message_id=missed)[0]["id"]


def test_events_are_replayed_by_their_ids_and_by_a_range_of_time(
    api: Api, people: People, subscribers: Subscribers
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    began = time.time()
    subscriber = subscribers.add("message.accepted", conversation_id=conversation)
    for n in range(5):
        api.send(conversation, ana, f"{n}")
    ids = [event["id"] for event in subscriber.wait_for(count=5)]
    chosen = ids[1:3]

    api.ok("POST", f"{subscriber.at}/replay", {"event_ids": chosen})

    replayed = wait_until(
        lambda: found if len(found := subscriber.deliveries()[5:]) >= 2 else None, "the two"
    )
    assert sorted(delivery.webhook_id for delivery in replayed) == sorted(chosen)

    api.ok(
        "POST", f"{subscriber.at}/replay", {"since": since(began - 1), "until": since(time.time())}
    )

    wait_until(lambda: len(subscriber.deliveries()) >= 12, "all five again")
    assert sorted(d.webhook_id for d in subscriber.deliveries()[7:]) == sorted(ids)
    counts = Counter(event["id"] for event in subscriber.events())
    assert [counts[event_id] for event_id in ids] == [2, 3, 3, 2, 2]


@over_both_doors
def test_while_a_secret_rotates_the_old_and_the_new_one_sign(
    api: Api, people: People, subscribers: Subscribers
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    subscriber = subscribers.add("message.accepted", conversation_id=conversation)

    new = api.ok("POST", f"{subscriber.at}/rotate-secret")["secret"]
    sent = api.send(conversation, ana, "signed twice")

    subscriber.wait_for(message_id=sent)
    [delivery] = subscriber.deliveries()
    assert new != subscriber.secret
    assert delivery.event(new, subscriber.secret)["data"]["message_id"] == sent
    assert len(delivery.headers["webhook-signature"].split()) == 2
    assert "whsec_" not in api.call("GET", subscriber.at).text


@over_both_doors
def test_an_endpoint_can_be_tried(api: Api, subscribers: Subscribers) -> None:
    tried, other = subscribers.add(), subscribers.add()

    event_id = api.ok("POST", f"{tried.at}/test")["event_id"]

    [event] = tried.wait_for("endpoint.test")
    assert (event["id"], event["data"]["webhook_id"]) == (event_id, tried.webhook_id)
    [attempt] = tried.wait_for_attempts(1, event_id)
    assert (attempt["status_code"], attempt["error"]) == (204, None)
    assert attempt["next_attempt_at"] is None
    assert other.events("endpoint.test") == []


def test_a_subscriber_who_speaks_sns_confirms_and_gets_what_its_filter_lets_through(
    api: Api, people: People, subscribers: Subscribers
) -> None:
    (ana, _), (bo, _), (caio, _) = people.on(), people.on(), people.on()
    one, other = api.conversation(ana, bo), api.conversation(ana, caio)

    subscriber = subscribers.add("message.accepted", conversation_id=one, delivery="sns")
    asked = wait_until(subscriber.deliveries, "the question")[0]
    assert asked.headers["x-amz-sns-message-type"] == "SubscriptionConfirmation"
    httpx.get(json.loads(asked.body)["SubscribeURL"]).raise_for_status()
    witness = subscribers.add("message.accepted")
    others = [api.send(other, ana, "not for it") for _ in range(2)]
    sent = [api.send(one, ana, f"{n}") for n in range(3)]

    def notified() -> list[Any]:
        rest = subscriber.deliveries()[1:]
        return [json.loads(json.loads(delivery.body)["Message"]) for delivery in rest]

    wait_until(lambda: len(notified()) >= 3, "three notifications")
    for message_id in (*others, *sent):
        witness.wait_for(message_id=message_id)
    assert {event["data"]["message_id"] for event in notified()} == set(sent)
    assert {event["type"] for event in notified()} == {"message.accepted"}
    refused = api.call("GET", f"{subscriber.at}/attempts")
    assert (refused.status_code, refused.json()["code"]) == (409, "delivered_by_sns")
