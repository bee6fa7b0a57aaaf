"""Subscribers that are down, slow, gone or elsewhere: nothing is lost, and nobody else waits."""

from __future__ import annotations

import time
from datetime import datetime
from urllib.parse import urlsplit

import pytest

from infra.local import aws
from infra.local.client import Api, wait_until
from infra.local.receiver import Answer, Receiver
from infra.local.running import Addresses
from tests.e2e.clock import turn_until
from tests.e2e.webhooks import Subscriber, Subscribers

DAY = 86_400


def seconds(moment: str) -> float:
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


def told_of(subscriber: Subscriber, api: Api, talk: tuple[str, str]) -> str:
    """The id of one event that the subscriber was told of."""
    sent = api.send(*talk, "hello")
    wait_until(subscriber.deliveries, "the first attempt")
    [event] = subscriber.events(message_id=sent)
    return str(event["id"])


@pytest.mark.req("RF-009")
def test_what_happened_while_a_receiver_was_down_arrives_when_it_is_back(
    api: Api, subscribers: Subscribers, talk: tuple[str, str]
) -> None:
    conversation, _ = talk
    with Receiver() as receiver:
        subscriber = subscribers.add(
            "message.accepted", receiver=receiver, conversation_id=conversation
        )
        receiver.stop()
        sent = [api.send(*talk, f"{n}") for n in range(20)]
        failed = wait_until(
            lambda: rows if len(rows := subscriber.attempts()) >= 20 else None, "20 failures"
        )

        receiver.start()

        subscriber.wait_for(count=20)
        assert {event["data"]["message_id"] for event in subscriber.events()} == set(sent)
        ids = [delivery.webhook_id for delivery in subscriber.deliveries()]
        assert sorted(ids) == sorted({row["event_id"] for row in failed})
    for row in failed:
        assert (row["status_code"], bool(row["error"])) == (None, True)
        assert 4 < seconds(row["next_attempt_at"]) - seconds(row["at"]) < 7


def test_a_410_disables_an_endpoint_at_once_and_others_hear_of_it(
    api: Api, subscribers: Subscribers, talk: tuple[str, str]
) -> None:
    gone = subscribers.add("message.accepted", conversation_id=talk[0])
    other = subscribers.add("endpoint.disabled")
    gone.always(Answer(410))

    event_id = told_of(gone, api, talk)

    [event] = other.wait_for(webhook_id=gone.webhook_id)
    host = urlsplit(gone.now()["url"]).netloc
    assert (event["data"]["reason"], event["data"]["host"]) == ("gone", host)
    assert (gone.now()["status"], gone.now()["disabled_reason"]) == ("DISABLED", "gone")
    [row] = gone.wait_for_attempts(1, event_id)
    assert (row["status_code"], row["next_attempt_at"]) == (410, None)
    gone.patch(status="ACTIVE")
    gone.always(Answer(204))
    sent = api.send(*talk, "it is back")
    gone.wait_for(message_id=sent)


def test_a_redirect_is_a_failure_and_is_not_followed(
    api: Api, subscribers: Subscribers, talk: tuple[str, str]
) -> None:
    subscriber = subscribers.add("message.accepted", conversation_id=talk[0])
    elsewhere = {"Location": subscribers.receiver.url("/elsewhere")}
    subscriber.answers(Answer(307, elsewhere))

    event_id = told_of(subscriber, api, talk)

    first, second = subscriber.wait_for_attempts(2, event_id)
    assert (first["status_code"], second["status_code"]) == (307, 204)
    assert first["error"]
    assert subscribers.receiver.deliveries("/elsewhere") == []


def test_an_event_is_attempted_eight_times_by_the_schedule_always_with_the_same_id(
    stack: Addresses, api: Api, subscribers: Subscribers, talk: tuple[str, str]
) -> None:
    subscriber = subscribers.add("message.accepted", conversation_id=talk[0])
    subscriber.answers(Answer(500), Answer(503, {"Retry-After": "3600"}))
    subscriber.always(Answer(500))

    event_id = told_of(subscriber, api, talk)
    for attempt in range(2, 8):  # the third one by Retry-After: SQS would keep it for 300 s
        subscriber.wait_for_attempts(attempt, event_id)
        turn_until(stack, hours=24)

    rows = subscriber.wait_for_attempts(8, event_id)
    assert [row["attempt"] for row in rows] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert {delivery.webhook_id for delivery in subscriber.deliveries()} == {event_id}
    assert {event["id"] for event in subscriber.events()} == {event_id}
    waits = [seconds(row["next_attempt_at"]) - seconds(row["at"]) for row in rows[:-1]]
    for wait, planned in zip(waits, (5, 3600, 1800, 7200, 18_000, 36_000, 36_000), strict=True):
        assert planned * 0.85 - 1 <= wait <= planned * 1.15 + 1, waits
    assert rows[-1]["next_attempt_at"] is None
    assert subscriber.now()["status"] == "ACTIVE"


def test_an_endpoint_that_has_failed_for_five_days_is_disabled_and_others_hear_of_it(
    stack: Addresses, api: Api, subscribers: Subscribers, talk: tuple[str, str]
) -> None:
    failing = subscribers.add("message.accepted", conversation_id=talk[0])
    other = subscribers.add("endpoint.disabled")
    failing.always(Answer(500))
    event_id = told_of(failing, api, talk)
    failing.wait_for_attempts(1, event_id)
    wait_until(lambda: set_back(stack, failing.webhook_id, 5 * DAY + 60), "its first failure noted")

    failing.wait_for_attempts(2, event_id)

    [event] = other.wait_for(webhook_id=failing.webhook_id)
    assert event["data"]["reason"] == "failing"
    assert (failing.now()["status"], failing.now()["disabled_reason"]) == ("DISABLED", "failing")


def set_back(stack: Addresses, webhook_id: str, by: int) -> bool:
    """Let an endpoint have failed for so many seconds; whether it is known to fail at all."""
    table = aws.client(stack.aws_endpoint_url, "dynamodb")
    try:
        table.update_item(
            TableName=stack.table_name,
            Key={"pk": {"S": "WEBHOOKS"}, "sk": {"S": f"ENDPOINT#{webhook_id}"}},
            UpdateExpression="SET failing_since = :since",
            ConditionExpression="attribute_exists(failing_since)",
            ExpressionAttributeValues={":since": {"N": str(int((time.time() - by) * 1000))}},
        )
    except table.exceptions.ConditionalCheckFailedException:
        return False
    return True


def test_one_that_is_slow_and_one_that_is_down_hold_nobody_else_back(
    api: Api, subscribers: Subscribers, talk: tuple[str, str]
) -> None:
    conversation, _ = talk
    with Receiver() as down:
        slow = subscribers.add("message.accepted", conversation_id=conversation)
        slow.always(Answer(wait=8))
        subscribers.add("message.accepted", receiver=down, conversation_id=conversation)
        fine = subscribers.add("message.accepted", conversation_id=conversation)
        down.stop()

        sent = [api.send(*talk, f"{n}") for n in range(30)]

        fine.wait_for(count=30, seconds=7)  # before the slow one has taken its first one
    assert {event["data"]["message_id"] for event in fine.events()} == set(sent)
    assert 1 <= len(slow.deliveries()) < 30
    slow.always(Answer(204))
