"""The log of events over the API, and what its document says of events."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chat4all.adapters.dynamodb.event_log import DynamoEventLog
from chat4all.adapters.memory import FakeClock
from chat4all.bootstrap import parts
from chat4all.events import LOGGED, TYPES, Event, event_id
from chat4all.timestamps import iso
from tests.builders import an_id
from tests.cloud import Answer, Cloud, assert_problem, cloud, request

pytestmark = [pytest.mark.req("RF-009"), pytest.mark.req("RF-008")]
BEGUN = int(datetime.now(UTC).timestamp() * 1000) - 3_600_000
"""An hour ago: when the first of the events below was logged."""


def call(path: str = "/v1/events", **query: str) -> Answer:
    from http_api.handler import lambda_handler

    return request(lambda_handler, "GET", path, query=query)


def an_event(number: int) -> Event:
    kind = ("message.read", "message.sent")[number % 2]
    data = {"conversation_id": an_id(900 + number // 4), "user_id": "bo", "text": "olá ✓"}
    at = BEGUN + number * 1000
    return {"id": event_id(at, str(number)), "type": kind, "timestamp": iso(at), "data": data}


EVENTS = [an_event(number) for number in range(8)]


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    """An event a second was logged, eight in all; a ninth is of now."""
    with cloud() as made:
        for number, event in enumerate(EVENTS):
            DynamoEventLog(parts.table(), FakeClock(BEGUN + number * 1000)).append([event])
        parts.event_log().append([an_event(8)])
        yield made


def test_all_that_is_kept_is_read_but_for_the_last_five_seconds(stack: Cloud) -> None:
    answer = call()

    assert answer.status == 200
    assert answer.json["items"] == EVENTS
    assert answer.json["has_more"] is False
    assert call(after=answer.json["next_cursor"]).json["items"] == []


def test_pages_follow_each_other_by_their_cursors(stack: Cloud) -> None:
    first = call(limit="5").json
    second = call(limit="5", after=first["next_cursor"]).json

    assert (first["has_more"], second["has_more"]) == (True, False)
    assert first["items"] + second["items"] == EVENTS


def test_a_time_types_and_a_conversation_choose(stack: Cloud) -> None:
    since = call(since=iso(BEGUN + 6000)).json["items"]
    elsewhere = call(since=iso(BEGUN + 6000).replace("Z", "-00:00")).json["items"]
    types = call(types="message.sent,message.failed").json["items"]
    conversation = call(conversation_id=an_id(901), types="message.read").json["items"]

    assert since == elsewhere == EVENTS[6:]
    assert types == EVENTS[1::2]
    assert conversation == [EVENTS[4], EVENTS[6]]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"types": "message.lost"}, "unknown_event_type"),
        ({"types": "message.sent,"}, "unknown_event_type"),
        ({"types": "typing"}, "unknown_event_type"),
        ({"after": "nonsense"}, "bad_cursor"),
        ({"since": "yesterday"}, "invalid_request"),
        ({"since": "2026-11-23T01:02:03"}, "invalid_request"),
        ({"limit": "0"}, "invalid_request"),
        ({"limit": "101"}, "invalid_request"),
        ({"conversation_id": "7"}, "invalid_request"),
    ],
)
def test_what_cannot_be_meant_is_refused(stack: Cloud, query: dict[str, str], code: str) -> None:
    assert_problem(call(**query), 422, code)


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_any_time_may_be_asked_for(stack: Cloud, since: str) -> None:
    assert call(since=since).status == 200


def test_events_are_for_services(stack: Cloud) -> None:
    from http_api.handler import lambda_handler

    assert_problem(request(lambda_handler, "GET", "/v1/events", user="ana"), 403, "service_only")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return call("/openapi.json").json


def test_the_document_tells_subscribers_of_every_type(document: dict[str, Any]) -> None:
    assert set(document["webhooks"]) == {*TYPES, "endpoint.test"}
    for kind, told in document["webhooks"].items():
        post = told["post"]
        assert post["summary"] and post["operationId"] and set(post["responses"]) >= {"2XX", "410"}
        assert [p["name"] for p in post["parameters"] if p["in"] == "header" and p["required"]] == [
            "webhook-id",
            "webhook-timestamp",
            "webhook-signature",
        ]
        name = post["requestBody"]["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
        schema = document["components"]["schemas"][name]
        assert schema["properties"]["type"] == {"const": kind}


def test_what_is_read_fits_the_document(document: dict[str, Any]) -> None:
    schema = {"$ref": "#/components/schemas/EventPage", "components": document["components"]}
    data = {"conversation_id": an_id(900), "user_id": "bo", "up_to_seq": 7}
    event = {**EVENTS[0], "type": "conversation.read", "data": data}
    page = {"items": [event], "next_cursor": "c", "has_more": False}
    validator = Draft202012Validator(schema)

    assert list(validator.iter_errors(page)) == []
    assert list(validator.iter_errors({**page, "items": [{**event, "type": "lost"}]}))
    assert len(json.dumps(document)) < 256 * 1024
    assert set(LOGGED) < set(document["webhooks"])
