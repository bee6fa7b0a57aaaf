"""GET /v1/audit, and that nothing is done that cannot be recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chat4all.access.audit import AuditRecord
from chat4all.adapters.dynamodb import DynamoAuditStore
from chat4all.errors import Unavailable
from http_api.handler import lambda_handler
from tests.builders import CURSORS
from tests.cloud import Answer, Cloud, assert_problem, cloud, request

pytestmark = pytest.mark.req("RNF-009")


@pytest.fixture
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


def call(method: str, path: str, body: Any = None, **other: Any) -> Answer:
    return request(lambda_handler, method, path, body, **other)


def a_hook(number: int) -> dict[str, Any]:
    return {"url": f"http://127.0.0.1:{8000 + number}/hook", "types": ["*"]}


def a_webhook(number: int = 1) -> str:
    answer = call("POST", "/v1/webhooks", a_hook(number))
    assert answer.status == 201, answer.text
    return str(answer.json["webhook_id"])


def test_an_admin_reads_who_did_what_when_and_from_where(stack: Cloud) -> None:
    webhook_id = a_webhook()
    call("DELETE", f"/v1/webhooks/{webhook_id}")

    answer = call("GET", "/v1/audit")

    assert answer.status == 200
    deleted, created = answer.json["items"]
    assert (created["action"], deleted["action"]) == ("webhook.created", "webhook.deleted")
    assert created.pop("record_id") and created.pop("at").endswith("Z")
    assert created == {
        "action": "webhook.created",
        "actor": "c4a_service",
        "actor_kind": "service",
        "target": webhook_id,
        "address": "127.0.0.1",
        "detail": {"delivery": "webhook", "host": "127.0.0.1"},
    }
    assert answer.json["next_cursor"] is None


def test_pages_follow_each_other_and_filters_hold(stack: Cloud) -> None:
    made = [a_webhook(number) for number in (1, 2, 3)]

    first = call("GET", "/v1/audit", query={"limit": "2"}).json
    rest = call("GET", "/v1/audit", query={"limit": "2", "cursor": first["next_cursor"]}).json
    one = call("GET", "/v1/audit", query={"target": made[1], "action": "webhook.created"}).json
    none = call("GET", "/v1/audit", query={"until": "2020-01-01T00:00:00Z"}).json

    assert [r["target"] for r in (*first["items"], *rest["items"])] == made[::-1]
    assert rest["next_cursor"] is None
    assert [record["target"] for record in one["items"]] == [made[1]]
    assert none["items"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"cursor": "nonsense"}, "bad_cursor"),
        ({"cursor": CURSORS.encode("audit", 1, "x")}, "bad_cursor"),
        ({"since": "yesterday"}, "invalid_request"),
        ({"since": "2026-01-01T00:00:00"}, "invalid_request"),
        ({"action": "x" * 129}, "invalid_request"),
        ({"limit": "0"}, "invalid_request"),
    ],
)
def test_a_page_that_cannot_be_is_refused(stack: Cloud, query: dict[str, str], code: str) -> None:
    assert_problem(call("GET", "/v1/audit", query=query), 422, code)


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"])
def test_the_ends_of_time_are_times(stack: Cloud, since: str) -> None:
    for name in ("since", "until"):
        answer = call("GET", "/v1/audit", query={name: since.replace("%2B", "+")})

        assert answer.status == 200, answer.text


def test_it_is_for_admins_alone(stack: Cloud) -> None:
    assert_problem(call("GET", "/v1/audit", user="ana"), 403, "service_only")
    assert_problem(call("GET", "/v1/audit", scopes=["webhooks"]), 403, "insufficient_scope")
    assert call("GET", "/v1/audit", scopes=["admin"]).status == 200


def broken(store: DynamoAuditStore, record: AuditRecord) -> None:
    raise Unavailable("table")


def test_what_cannot_be_recorded_is_answered_503_and_not_done(stack: Cloud) -> None:
    webhook_id = a_webhook()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(DynamoAuditStore, "add", broken)
        deleted = call("DELETE", f"/v1/webhooks/{webhook_id}")
        created = call("POST", "/v1/webhooks", a_hook(2))
        rotated = call("POST", f"/v1/webhooks/{webhook_id}/rotate-secret")

    for answer in (deleted, created, rotated):
        assert_problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "1"
    [kept] = call("GET", "/v1/webhooks").json["items"]
    assert (kept["webhook_id"], kept["status"]) == (webhook_id, "ACTIVE")
