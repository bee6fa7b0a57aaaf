"""Webhooks over the API: registered, changed, rotated, tested, looked at and replayed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chat4all.adapters.memory.webhooks import MemoryResolver
from chat4all.bootstrap import webhooks
from chat4all.bootstrap.parts import attempt_store, clock, endpoint_store, event_log
from chat4all.webhooks.endpoint import Attempt, EndpointStatus
from tests.builders import an_id
from tests.cloud import Answer, Cloud, assert_problem, cloud, request
from tests.support.webhook_world import an_event

pytestmark = pytest.mark.req("RF-009")
SHOWN = {
    "webhook_id",
    "url",
    "types",
    "conversation_id",
    "delivery",
    "description",
    "status",
    "disabled_reason",
    "failing_since",
    "created_at",
}


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            webhooks, "_resolver", lambda: MemoryResolver({"inside.example": ["10.0.0.1"]})
        )
        webhooks.webhooks.cache_clear()
        yield made


@pytest.fixture(autouse=True)
def nothing_left(stack: Cloud) -> Iterator[None]:
    yield
    for endpoint in endpoint_store().list():
        endpoint_store().delete(endpoint.webhook_id)
    for name in ("webhooks", "attempts"):
        stack.received(name)


def call(method: str, path: str, body: object = None, **more: Any) -> Answer:
    from http_api.handler import lambda_handler

    return request(lambda_handler, method, path, body, **more)


def create(**fields: Any) -> Answer:
    new = {"url": "https://a.example/hook", "types": ["message.sent"], **fields}
    return call("POST", "/v1/webhooks", new)


def created(**fields: Any) -> str:
    answer = create(**fields)
    assert answer.status == 201, answer.text
    return f"/v1/webhooks/{answer.json['webhook_id']}"


def test_a_new_webhook_shows_its_secret_and_later_does_not(stack: Cloud) -> None:
    answer = create(description="CRM", conversation_id=an_id(900))

    secret = answer.json["secret"]
    assert answer.status == 201
    assert secret.startswith("whsec_")
    assert set(answer.json) == SHOWN | {"secret"}
    assert (answer.json["status"], answer.json["types"]) == ("ACTIVE", ["message.sent"])

    listed = call("GET", "/v1/webhooks")
    shown = call("GET", f"/v1/webhooks/{answer.json['webhook_id']}")
    assert [set(item) for item in listed.json["items"]] == [SHOWN]
    assert shown.json == listed.json["items"][0]
    assert secret not in listed.text + shown.text


def test_a_webhook_is_paused_changed_and_deleted(stack: Cloud) -> None:
    path = created()

    paused = call("PATCH", path, {"status": "PAUSED", "types": ["*"], "description": "x"})
    assert (paused.json["status"], paused.json["types"]) == ("PAUSED", ["*"])
    assert call("PATCH", path, {"description": None}).json["description"] is None
    assert call("PATCH", path, {"status": "ACTIVE"}).json["status"] == "ACTIVE"

    assert call("DELETE", path).status == 204
    assert_problem(call("GET", path), 404, "webhook_not_found")
    assert_problem(call("DELETE", path), 404, "webhook_not_found")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"types": ["message.seen"]}, "unknown_event_type"),
        ({"types": ["endpoint.test"]}, "unknown_event_type"),
        ({"types": []}, "invalid_request"),
        ({"types": ["*", "typing"]}, "invalid_request"),
        ({"types": None}, "invalid_request"),
        ({"url": "ftp://a.example/"}, "bad_webhook_url"),
        ({"url": "https://inside.example/"}, "bad_webhook_url"),
        ({"url": "https://169.254.169.254/latest/meta-data/"}, "bad_webhook_url"),
        ({"url": "https://a.example/" + "x" * 2048}, "invalid_request"),
        ({"delivery": "email"}, "invalid_request"),
        ({"conversation_id": "x"}, "invalid_request"),
        ({"secret": "whsec_x"}, "invalid_request"),
    ],
)
def test_what_cannot_be_registered_says_why(
    stack: Cloud, fields: dict[str, Any], code: str
) -> None:
    assert_problem(create(**fields), 422, code)


def test_a_bad_url_names_its_reason_and_no_address(stack: Cloud) -> None:
    problem = assert_problem(create(url="https://inside.example/"), 422, "bad_webhook_url")

    assert problem["reason"] == "address_not_allowed"
    assert "10.0.0.1" not in str(problem)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "", {"url": "https://a.example/", "types": ["*"]}),
        ("GET", "", None),
        ("GET", f"/{an_id(1)}", None),
        ("PATCH", f"/{an_id(1)}", {}),
        ("DELETE", f"/{an_id(1)}", None),
        ("POST", f"/{an_id(1)}/rotate-secret", None),
        ("POST", f"/{an_id(1)}/test", None),
        ("GET", f"/{an_id(1)}/attempts", None),
        ("POST", f"/{an_id(1)}/replay", {"event_ids": ["x"]}),
    ],
)
def test_webhooks_are_for_services(stack: Cloud, method: str, path: str, body: object) -> None:
    assert_problem(call(method, f"/v1/webhooks{path}", body, user="ana"), 403, "service_only")
    if path:
        assert_problem(call(method, f"/v1/webhooks{path}", body), 404, "webhook_not_found")


def test_a_rotated_secret_is_another_one(stack: Cloud) -> None:
    first = create()
    path = f"/v1/webhooks/{first.json['webhook_id']}"

    second = call("POST", f"{path}/rotate-secret")

    assert second.status == 200
    assert set(second.json) == SHOWN | {"secret"}
    assert second.json["secret"] != first.json["secret"]
    assert "secret" not in call("GET", path).json


def test_a_test_is_queued_for_that_endpoint_alone(stack: Cloud) -> None:
    path = created()
    created(url="https://b.example/")

    answer = call("POST", f"{path}/test")

    [job] = stack.received("attempts")
    assert answer.status == 202
    assert job["webhook_id"] == path.rpartition("/")[2]
    assert (job["event"]["type"], job["event"]["id"]) == ("endpoint.test", answer.json["event_id"])


def test_attempts_are_shown_page_by_page(stack: Cloud) -> None:
    path = created()
    fields = {"webhook_id": path.rpartition("/")[2], "event_type": "message.sent", "attempt": 1}
    attempt_store().add(
        [
            Attempt(
                event_id=f"event-{n}",
                at=1_760_000_000_000 + n,
                duration_ms=n,
                status_code=500,
                error="status",
                next_attempt_at=1_760_000_005_000,
                **fields,
            )
            for n in range(5)
        ]
    )

    first = call("GET", f"{path}/attempts", query={"limit": "3"})
    rest = call("GET", f"{path}/attempts", query={"cursor": first.json["next_cursor"]})

    items = first.json["items"] + rest.json["items"]
    assert [item["event_id"] for item in items] == [f"event-{n}" for n in (4, 3, 2, 1, 0)]
    assert rest.json["next_cursor"] is None
    assert items[0] == {
        "event_id": "event-4",
        "event_type": "message.sent",
        "attempt": 1,
        "at": "2025-10-09T08:53:20.004Z",
        "duration_ms": 4,
        "status_code": 500,
        "error": "status",
        "next_attempt_at": "2025-10-09T08:53:25.000Z",
        "replay_id": None,
    }
    assert_problem(call("GET", f"{path}/attempts", query={"cursor": "x"}), 422, "bad_cursor")


def test_named_events_are_queued_again_and_missing_ones_are_named(stack: Cloud) -> None:
    from chat4all.events import event_id

    path = created()
    event = {**an_event(), "id": event_id(clock().now(), "x")}
    missing = event_id(clock().now(), "y")
    event_log().append([event])

    done = call("POST", f"{path}/replay", {"event_ids": [event["id"]]})
    refused = call("POST", f"{path}/replay", {"event_ids": [event["id"], missing]})

    [job] = stack.received("attempts")
    assert (done.status, done.json["queued"]) == (202, 1)
    assert (job["event"], job["replay"]) == (event, done.json["replay_id"])
    assert assert_problem(refused, 404, "event_not_found")["event_ids"] == [missing]


def test_a_range_is_a_job_that_reads_the_log_later(stack: Cloud) -> None:
    path = created()

    done = call("POST", f"{path}/replay", {"since": "2026-01-01T00:00:00Z"})

    [job] = stack.received("webhooks")
    assert (done.status, done.json["queued"]) == (202, None)
    assert (job["kind"], job["replay"]) == ("replay", done.json["replay_id"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_request"),
        ({"event_ids": []}, "invalid_request"),
        ({"event_ids": ["x"] * 101}, "invalid_request"),
        ({"event_ids": ["x"], "since": "2026-01-01T00:00:00Z"}, "invalid_request"),
        ({"until": "2026-01-01T00:00:00Z"}, "invalid_request"),
        ({"since": "2026-01-01T00:00:00"}, "invalid_request"),
        ({"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, "bad_range"),
        ({"since": "2999-01-01T00:00:00Z"}, "bad_range"),
    ],
)
def test_a_replay_of_nothing_says_why(stack: Cloud, body: dict[str, Any], code: str) -> None:
    assert_problem(call("POST", f"{created()}/replay", body), 422, code)


def test_what_is_not_active_gets_no_replay(stack: Cloud) -> None:
    path = created()
    call("PATCH", path, {"status": "PAUSED"})

    answer = call("POST", f"{path}/replay", {"event_ids": ["x"]})

    assert_problem(answer, 409, "webhook_not_active")


def test_a_disabled_endpoint_says_since_when_and_why(stack: Cloud) -> None:
    path = created()
    [endpoint] = endpoint_store().list()
    endpoint_store().update(
        endpoint,
        status=EndpointStatus.DISABLED,
        disabled_reason="failing",
        failing_since=1_760_000_000_000,
    )

    shown = call("GET", path).json

    assert (shown["status"], shown["disabled_reason"]) == ("DISABLED", "failing")
    assert shown["failing_since"] == "2025-10-09T08:53:20.000Z"


def test_a_subscriber_who_speaks_sns_has_no_secret_and_no_attempts(stack: Cloud) -> None:
    answer = create(delivery="sns")
    path = f"/v1/webhooks/{answer.json['webhook_id']}"

    assert answer.json["secret"] is None
    assert_problem(create(delivery="sns"), 409, "url_subscribed")
    for method, action in (
        ("POST", "rotate-secret"),
        ("POST", "test"),
        ("GET", "attempts"),
    ):
        assert_problem(call(method, f"{path}/{action}"), 409, "delivered_by_sns")
    refused = call("POST", f"{path}/replay", {"event_ids": ["x"]})
    assert_problem(refused, 409, "delivered_by_sns")
    assert call("DELETE", path).status == 204
    assert create(delivery="sns").status == 201
