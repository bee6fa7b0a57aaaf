"""10,000 events, three subscribers: 30,000 deliveries, none lost."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from infra.local.client import Api, wait_until
from tests.e2e.conftest import People
from tests.e2e.webhooks import Subscriber, Subscribers

EVENTS = 10_000
BATCH = 25
CONVERSATIONS = 40
WAVE = 8  # requests
AHEAD = 1_000
"""Events that may be under way: the emulator's queues get slow when they get long."""


@dataclass
class Tally:
    """What came to one subscriber, verified while its time-stamp is young."""

    subscriber: Subscriber
    looked_at: int = 0
    told: dict[str, str] = field(default_factory=dict)
    """The event's id by the message's."""

    def count(self) -> int:
        time.sleep(0.1)  # looking costs little: the chain has the processors to itself
        deliveries = self.subscriber.deliveries()
        for delivery in deliveries[self.looked_at :]:
            event = delivery.event(self.subscriber.secret)
            known = self.told.setdefault(event["data"]["message_id"], event["id"])
            assert known == event["id"] == delivery.webhook_id
        self.looked_at = len(deliveries)
        return len(self.told)


@pytest.mark.req("RF-009")
def test_ten_thousand_events_reach_three_subscribers_and_none_is_lost(
    api: Api, people: People, subscribers: Subscribers
) -> None:
    (ana, _) = people.on()
    conversations = [api.conversation(ana, people.on()[0]) for _ in range(CONVERSATIONS)]
    three = [Tally(subscribers.add("message.accepted")) for _ in range(3)]

    def send(batch: int) -> list[str]:
        messages: list[dict[str, Any]] = [
            {
                "message_id": str(uuid.uuid4()),
                "conversation_id": conversations[batch % CONVERSATIONS],
                "from": ana,
                "payload": {"type": "text", "text": f"{batch} {number}"},
            }
            for number in range(BATCH)
        ]
        answer = api.ok("POST", "/v1/messages/batch", {"messages": messages})
        return [item["message_id"] for item in answer["items"] if item["status"] == "accepted"]

    def arrived() -> int:
        return min(tally.count() for tally in three)

    sent: set[str] = set()
    with ThreadPoolExecutor(4) as pool:
        for wave in batched(range(EVENTS // BATCH), WAVE):
            for accepted in pool.map(send, wave):
                sent.update(accepted)
            wait_until(lambda: arrived() > len(sent) - AHEAD, "the subscribers to keep up", 60)

    assert len(sent) == EVENTS
    wait_until(lambda: arrived() >= EVENTS, "all events", 60)
    for tally in three:
        assert tally.told.keys() == sent
        assert len(set(tally.told.values())) == EVENTS


def batched(numbers: range, size: int) -> Iterator[range]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]
