"""The log of events: everything once, in order, a few seconds later, for services."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.client import Api, wait_until
from tests.e2e.conftest import People
from tests.e2e.webhooks import pages


@pytest.mark.req("RF-009")
def test_the_log_is_read_by_cursor_without_gaps_or_repeats(api: Api, people: People) -> None:
    began = datetime.fromtimestamp(time.time() - 1, UTC).isoformat()
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    query = {"conversation_id": conversation, "since": began, "limit": 3}

    first = [api.send(conversation, ana, f"{n}") for n in range(4)]
    found, cursor = wait_until(lambda: whole(api, query, 4), "four messages in the log", 30)
    second = [api.send(conversation, ana, f"{n}") for n in range(4, 8)]
    assert [e for e in pages(api, cursor, **query)[0] if e["type"] == "message.accepted"] == []
    later, _ = wait_until(lambda: whole(api, query, 4, cursor), "four more", 30)

    told = [e["data"]["message_id"] for e in found + later if e["type"] == "message.accepted"]
    assert told == first + second
    ids = [event["id"] for event in found + later]
    assert len(ids) == len(set(ids))
    kinds = {event["type"] for event in found}
    assert kinds == {"conversation.created", "member.joined", "message.accepted"}


def whole(
    api: Api, query: dict[str, Any], messages: int, after: str | None = None
) -> tuple[list[Any], str] | None:
    time.sleep(0.3)  # it is served up to five seconds ago
    items, cursor = pages(api, after, **query)
    accepted = [event for event in items if event["type"] == "message.accepted"]
    return (items, cursor) if len(accepted) >= messages else None


def test_the_log_is_filtered_by_type_and_read_by_services_only(api: Api, people: People) -> None:
    began = datetime.fromtimestamp(time.time() - 1, UTC).isoformat()
    (ana, _), (bo, _) = people.on(), people.on()
    api.send(api.conversation(ana, bo), ana, "hello")
    query = {"since": began, "types": "user.updated,message.accepted"}

    found, _ = wait_until(lambda: whole(api, query, 1), "the message in the log", 30)

    assert {event["type"] for event in found} == {"user.updated", "message.accepted"}
    assert {ana, bo} <= {e["data"]["user_id"] for e in found if e["type"] == "user.updated"}
    unknown = api.call("GET", "/v1/events", params={"types": "nonsense"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_event_type")
    refused = api.as_user(ana).call("GET", "/v1/events")
    assert (refused.status_code, refused.json()["code"]) == (403, "service_only")
