"""What the API refuses, and how: problem details with stable codes, and nothing written."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest

from tests.cloud import TABLE, Answer, Cloud, assert_problem, cloud, request

pytestmark = pytest.mark.req("RF-008")
ANA, BO, CY, EVE = "ana", "bo", "cy", "eve"
NOWHERE = "00000000-0000-4000-8000-000000000404"


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        for user in (ANA, BO, CY, EVE):
            assert call("PUT", f"/v1/users/{user}", {"name": user}).status == 200
        owner = {"identities": [{"channel": "whatsapp", "address": "5511999"}]}
        assert call("PUT", "/v1/users/owner", owner).status == 200
        yield made


@pytest.fixture(scope="module")
def pair(stack: Cloud) -> str:
    body = {"type": "private", "members": [ANA, BO]}
    return str(call("POST", "/v1/conversations", body).json["conversation_id"])


def call(method: str, path: str, body: object = None, **more: Any) -> Answer:
    from http_api.handler import lambda_handler

    return request(lambda_handler, method, path, body, **more)


def a_body(conversation: str, **changes: Any) -> dict[str, Any]:
    body = {"conversation_id": conversation, "from": ANA, "payload": {"type": "text", "text": "x"}}
    return {**body, **changes}


def items() -> int:
    return int(boto3.client("dynamodb").scan(TableName=TABLE, Select="COUNT")["Count"])


A_TEMPLATE = {"type": "template", "name": "hello", "language": "en"}
BAD_MESSAGES = [
    {"payload": {"type": "text", "text": ""}},
    {"payload": {"type": "text", "text": "x" * 4097}},
    {"payload": {"type": "text"}},
    {"payload": {"type": "text", "text": 7}},
    {"payload": {"type": "text", "text": "\ud83d"}},
    {"payload": {"type": "carrier pigeon", "text": "x"}},
    {"payload": {"type": "unsupported", "kind": "image"}},
    {"payload": {"type": "template", "name": "Not A Name", "language": "en"}},
    {"payload": {**A_TEMPLATE, "parameters": ["x" * 1025]}},
    {"payload": {**A_TEMPLATE, "parameters": ["x" * 1024] * 4 + ["x"]}},
    {"payload": {**A_TEMPLATE, "parameters": [""] * 33}},
    {"payload": None},
    {"message_id": "not a uuid"},
    {"message_id": 7},
    {"conversation_id": "not a uuid"},
    {"from": "not a user id"},
    {"to": []},
    {"to": "bo"},
    {"channels": []},
    {"channels": ["WhatsApp!"]},
    {"metadata": {"nested": {"a": 1}}},
    {"metadata": {"big": "x" * 3000}},
    {"surprise": True},
]


@pytest.mark.parametrize("changes", BAD_MESSAGES, ids=lambda c: str(c)[:40])
def test_a_message_that_means_nothing_is_refused_and_not_stored(pair, stack, changes) -> None:
    before = items()

    problem = assert_problem(
        call("POST", "/v1/messages", a_body(pair, **changes)), 422, "invalid_request"
    )

    assert problem["errors"][0]["where"].startswith("body")
    assert "x" * 50 not in json.dumps(problem), "what was sent may be private"
    assert items() == before
    assert stack.received("inbound") == []


@pytest.mark.parametrize(
    "body",
    ["{", "", "nonsense", '{"a":', "[" * 5000, "[" * 100_000, '{"a":' * 5000, "9" * 5000],
    ids=range(8),
)
def test_a_body_that_is_no_json_is_refused(stack: Cloud, body: str) -> None:
    answer = call("POST", "/v1/messages", body)

    assert answer.status in (400, 422)
    assert answer.json["code"] in ("bad_json", "invalid_request")


@pytest.mark.parametrize("body", [[], 7, "text", None, True], ids=str)
def test_a_body_that_is_no_object_is_refused(stack: Cloud, body: Any) -> None:
    answer = call("POST", "/v1/messages", json.dumps(body))

    assert_problem(answer, 422, "invalid_request")


@pytest.mark.parametrize("filler", ["x", "é"])
def test_a_body_over_the_limit_is_refused(pair: str, filler: str) -> None:
    words = filler * (256 * 1024 // len(filler.encode()) + 1)

    answer = call("POST", "/v1/messages", json.dumps(words, ensure_ascii=False))

    assert_problem(answer, 413, "body_too_large")


@pytest.mark.parametrize(
    "content_type",
    ["text/csv", "application/x-www-form-urlencoded", "Application/X-WWW-Form-Urlencoded; a=b"],
)
def test_another_content_type_is_refused(pair: str, content_type: str) -> None:
    answer = call("POST", "/v1/messages", a_body(pair), headers={"content-type": content_type})

    assert_problem(answer, 415, "unsupported_media_type")


REFUSALS = [
    ("POST", "/v1/messages", {"from": "eve"}, {}, 403, "sender_not_member"),
    ("POST", "/v1/messages", {"from": "bo"}, {"user": ANA}, 403, "not_yourself"),
    ("POST", "/v1/messages", {"from": None}, {}, 422, "user_required"),
    ("POST", "/v1/messages", {"to": ["eve"]}, {}, 422, "recipient_not_member"),
    ("POST", "/v1/messages", {"channels": ["pigeon"]}, {}, 422, "unknown_channel"),
    ("POST", "/v1/messages", {"conversation_id": NOWHERE}, {}, 404, "conversation_not_found"),
]


@pytest.mark.parametrize(("method", "path", "changes", "more", "status", "code"), REFUSALS)
def test_a_message_that_may_not_be_sent_is_refused(
    pair, method, path, changes, more, status, code
) -> None:
    before = items()

    assert_problem(call(method, path, a_body(pair, **changes), **more), status, code)

    assert items() == before


@pytest.mark.req("RNF-004")
def test_an_id_of_another_message_is_a_bare_conflict(pair: str) -> None:
    message_id = str(uuid4())
    call("POST", "/v1/messages", a_body(pair, message_id=message_id))

    answer = call("POST", "/v1/messages", a_body(pair, message_id=message_id, to=[BO]))

    problem = assert_problem(answer, 409, "message_id_taken")
    assert set(problem) == {"type", "title", "status", "code", "detail"}
