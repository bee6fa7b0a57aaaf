"""A token outlives its client's revocation by minutes: in these it leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chat4all.api.access import ROUTES
from chat4all.bootstrap.access import client_store
from http_api.handler import lambda_handler
from tests.builders import an_id
from tests.cloud import SERVICE, Answer, Cloud, assert_problem, cloud, request
from tests.http_files import initiate, ready
from tests.support.doors import behind_the_gateway

pytestmark = pytest.mark.req("RNF-009")
HOOK = {"url": "http://127.0.0.1:8000/hook", "types": ["*"]}
STAYING = {
    "POST /v1/webhooks": HOOK,
    "PATCH /v1/webhooks/{webhook_id}": {"url": "http://127.0.0.1:8001/thief"},
    "DELETE /v1/webhooks/{webhook_id}": None,
    "POST /v1/webhooks/{webhook_id}/rotate-secret": None,
    "POST /v1/webhooks/{webhook_id}/test": None,
    "POST /v1/webhooks/{webhook_id}/replay": {"since": "2026-01-01T00:00:00Z"},
    "PUT /v1/users/{user_id}": {"identities": [{"channel": "whatsapp", "address": "551199"}]},
    "POST /v1/conversations": {"type": "private", "members": ["bo", "cy"], "retention_days": 1},
    "POST /v1/conversations/{conversation_id}/members": {"user_id": "ed"},
    "DELETE /v1/conversations/{conversation_id}/members/{user_id}": None,
    "DELETE /v1/users/{user_id}": None,
    "DELETE /v1/users/{user_id}/tokens": None,
    "DELETE /v1/files/{file_id}": None,
    "GET /v1/audit": None,
}
"""And with what bodies. /v1/clients and minting look by themselves."""
EVERY = pytest.mark.parametrize("route", sorted(STAYING))


@pytest.fixture
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


def call(method: str, path: str, body: Any = None, **other: Any) -> Answer:
    return request(lambda_handler, method, path, body, **other)


def ask(route: str, **ids: str) -> Answer:
    method, _, path = route.partition(" ")
    return call(method, path.format(**ids), STAYING[route])


def there(stack: Cloud) -> dict[str, str]:
    """What they act on, as it would be there for a client in good standing."""
    for user_id in ("bo", "cy", "di", "ed"):
        call("PUT", f"/v1/users/{user_id}", {"name": "Bo"})
    group = call("POST", "/v1/conversations", {"type": "group", "members": ["bo", "cy", "di"]})
    return {
        "user_id": "bo",
        "conversation_id": group.json["conversation_id"],
        "webhook_id": call("POST", "/v1/webhooks", HOOK).json["webhook_id"],
        "file_id": ready(stack, "bo"),
    }


def is_now(**changes: Any) -> None:
    client_store().replace(replace(SERVICE, version=2, **changes))


def test_these_routes_leave_something_behind_and_no_others() -> None:
    assert {route for route, rule in ROUTES.items() if rule.stays} == set(STAYING)


@EVERY
def test_a_client_in_good_standing_may(stack: Cloud, route: str) -> None:
    assert ask(route, **there(stack)).status < 300


@EVERY
@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"revoked_at": 1}, 401, "invalid_token"),
        ({"era": 1}, 401, "invalid_token"),
        ({"scopes": ("messages:read", "messages:write")}, 403, "insufficient_scope"),
    ],
    ids=["revoked", "secret replaced at once", "scopes taken away"],
)
def test_a_token_of_before_does_not(
    stack: Cloud, route: str, changes: dict[str, Any], status: int, code: str
) -> None:
    ids = there(stack)
    is_now(**changes)

    assert_problem(ask(route, **ids), status, code)

    is_now_fine()
    assert call("GET", "/v1/users/bo").json["identities"] == []
    assert len(call("GET", "/v1/conversations", query={"user_id": "cy"}).json["items"]) == 1
    group = call("GET", f"/v1/conversations/{ids['conversation_id']}").json
    assert group["members"] == ["bo", "cy", "di"]
    assert call("GET", f"/v1/files/{ids['file_id']}").json["status"] == "READY"
    assert [hook["url"] for hook in call("GET", "/v1/webhooks").json["items"]] == [HOOK["url"]]
    assert len(call("GET", "/v1/audit").json["items"]) == 1


def is_now_fine() -> None:
    client_store().replace(replace(SERVICE, version=3))


def test_a_user_is_not_asked_about(stack: Cloud) -> None:
    call("PUT", "/v1/users/bo", {"name": "Bo"})
    file_id = initiate(user="bo").json["file_id"]
    is_now(revoked_at=1)

    assert call("DELETE", f"/v1/files/{file_id}", user="bo").status == 204


def test_an_id_that_there_is_not_is_told_to_nobody_who_may_not(stack: Cloud) -> None:
    is_now(revoked_at=1)

    answer = call("DELETE", f"/v1/webhooks/{an_id(4)}")

    assert_problem(answer, 401, "invalid_token")


@pytest.mark.parametrize(
    "route",
    [
        "GET /v1/events",
        "POST /v1/webhooks",
        "PATCH /v1/webhooks/{webhook_id}",
        "POST /v1/webhooks/{webhook_id}/replay",
    ],
)
def test_who_gets_peoples_messages_needs_the_scope_to_read_them(stack: Cloud, route: str) -> None:
    method, _, path = route.partition(" ")

    answer = call(method, path.format(webhook_id=an_id(4)), scopes=["webhooks"])

    problem = assert_problem(answer, 403, "insufficient_scope")
    assert problem["scope"] == "messages:read webhooks"


def test_with_a_secret_replaced_at_once_all_goes_on_and_with_the_old_token_nothing(
    stack: Cloud,
) -> None:
    made = call("POST", "/v1/clients", {"name": "crm", "scopes": ["webhooks", "messages:read"]})
    old = token_of(made.json)
    path = f"/v1/clients/{made.json['client_id']}/rotate-secret"

    rotated = call("POST", path, {"grace_seconds": 0})
    new = token_of({**made.json, **rotated.json})

    assert_problem(posted_with(old), 401, "invalid_token")
    assert posted_with(new).status == 201


def token_of(client: dict[str, Any]) -> str:
    given = {name: client[name] for name in ("client_id", "client_secret")}
    return str(call("POST", "/auth/token", given, public=True).json["access_token"])


def posted_with(token: str) -> Answer:
    """As it comes from the gateway: with what the authorizer finds in the token."""
    return request(behind_the_gateway(token), "POST", "/v1/webhooks", HOOK)
