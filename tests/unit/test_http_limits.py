"""What counts towards a caller's minute over HTTP, and what the caller is told."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from chat4all.access.limits import Limits
from chat4all.bootstrap import access
from tests.cloud import TABLE, Answer, Cloud, assert_problem, cloud, request

pytestmark = pytest.mark.req("RNF-009")
ANA = "ana"
TOLD = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud() as made:
        limits = Limits(access.DynamoAllowanceStore(access.table()), StoppedClock())
        monkeypatch.setattr("chat4all.api.admission.limits", lambda: limits)
        for user in (ANA, "bo"):
            assert call("PUT", f"/v1/users/{user}", {}).status == 200
        yield made


class StoppedClock:
    """20 seconds into a minute: no test ends in another one than it began in."""

    def now(self) -> int:
        return 29_333_333 * 60_000 + 20_000


def call(method: str, path: str, body: object = None, **more: Any) -> Answer:
    from http_api.handler import lambda_handler

    return request(lambda_handler, method, path, body, **more)


def as_ana(method: str, path: str, body: object = None, limit: int = 3, **more: Any) -> Answer:
    return call(method, path, body, user=ANA, requests_per_minute=limit, **more)


def told(answer: Answer) -> tuple[str | None, ...]:
    return tuple(answer.headers.get(name) for name in TOLD)


def messages(count: int) -> dict[str, Any]:
    opened = call("POST", "/v1/conversations", {"type": "private", "members": [ANA, "bo"]})
    text = {"type": "text", "text": "x"}
    return {
        "messages": [
            {
                "message_id": f"00000000-0000-4000-8000-{number:012d}",
                "conversation_id": opened.json["conversation_id"],
                "payload": text,
            }
            for number in range(count)
        ]
    }


def test_each_change_counts_and_one_too_many_is_429(stack: Cloud) -> None:
    answers = [as_ana("PUT", "/v1/users/ana", {"name": str(n)}) for n in range(4)]

    assert [a.status for a in answers] == [200, 200, 200, 429]
    assert [told(a) for a in answers] == [("3", str(left), "40") for left in (2, 1, 0, 0)]
    problem = assert_problem(answers[-1], 429, "rate_limited")
    assert answers[-1].headers["retry-after"] == "40"
    assert problem["retry_after"] == 40
    assert call("GET", "/v1/users/ana").json["name"] == "2", "what is refused changes nothing"


def test_reading_does_not_count(stack: Cloud) -> None:
    answers = [as_ana("GET", "/v1/users/ana", limit=1) for _ in range(3)]

    assert [(a.status, told(a)) for a in answers] == [(200, (None, None, None))] * 3


def test_who_has_no_limit_is_told_nothing(stack: Cloud) -> None:
    answer = call("PUT", "/v1/users/ana", {})

    assert (answer.status, told(answer)) == (200, (None, None, None))


def test_what_is_refused_for_what_it_says_counts(stack: Cloud) -> None:
    answers = [as_ana("PUT", "/v1/users/ana", {"nonsense": 1}) for _ in range(4)]

    assert [a.status for a in answers] == [422, 422, 422, 429]
    assert told(answers[0]) == ("3", "2", "40")


@pytest.mark.parametrize(
    ("method", "path", "body", "more", "status"),
    [
        ("POST", "/v1/users/ana/token", {}, {}, 403),
        ("POST", "/v1/messages", {}, {"scopes": []}, 403),
        ("POST", "/v1/nowhere", {}, {}, 404),
        ("POST", "/v1/messages", "x" * 300_000, {}, 413),
        (
            "POST",
            "/v1/messages",
            "a=b",
            {"headers": {"content-type": "application/x-www-form-urlencoded"}},
            415,
        ),
        ("PUT", "/v1/users/ana", {}, {"expires_at": 1.0}, 401),
    ],
)
def test_what_goes_no_further_costs_nothing(
    stack: Cloud, method: str, path: str, body: Any, more: dict[str, Any], status: int
) -> None:
    answer = as_ana(method, path, body, **more)

    assert (answer.status, told(answer)) == (status, (None, None, None))
    items = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
    assert not [i for i in items if i["pk"]["S"].startswith("RATE#")]


def test_a_batch_counts_as_many_as_it_has_messages(stack: Cloud) -> None:
    answer = as_ana("POST", "/v1/messages/batch", messages(4), limit=10)

    assert [item["status"] for item in answer.json["items"]] == ["accepted"] * 4
    assert told(answer) == ("10", "6", "40")


def test_a_batch_that_is_too_large_for_the_minute_is_refused_as_a_whole(stack: Cloud) -> None:
    batch = messages(4)

    refused = as_ana("POST", "/v1/messages/batch", batch, limit=3)
    after = as_ana("PUT", "/v1/users/ana", {}, limit=3)

    assert_problem(refused, 429, "rate_limited")
    assert refused.headers["retry-after"] == "40"
    assert stack.received("inbound") == []
    assert after.status == 200, "the request counted as one, its messages did not"
    assert told(after) == ("3", "1", "40")


def test_when_the_table_does_not_answer_the_request_may_be_repeated(stack: Cloud) -> None:
    boto3.client("dynamodb").delete_table(TableName=TABLE)

    answer = as_ana("POST", "/v1/files/initiate", {})

    assert_problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "1"


def test_pages_of_other_origins_may_read_the_headers() -> None:
    template = (Path(__file__).parents[2] / "template.yaml").read_text()
    [line] = [line for line in template.splitlines() if "ExposeHeaders:" in line]

    assert {*TOLD, "retry-after"} <= set(yaml.safe_load(line)["ExposeHeaders"])


def test_the_openapi_document_is_valid_json_with_the_batch_in_it(stack: Cloud) -> None:
    document = json.loads(call("GET", "/openapi.json", public=True).text)

    answer = document["paths"]["/v1/messages/batch"]["post"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/BatchOut")
