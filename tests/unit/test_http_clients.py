"""API clients over HTTP: admins make, list, change, rotate and revoke them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cloud import SERVICE, Answer, Cloud, assert_problem, cloud, request

pytestmark = pytest.mark.req("RNF-009")


@pytest.fixture(scope="module", autouse=True)
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


def call(method: str, path: str, body: object = None, **more: Any) -> Answer:
    from http_api.handler import lambda_handler

    return request(lambda_handler, method, path, body, **more)


def a_client(**fields: Any) -> Any:
    answer = call("POST", "/v1/clients", {"name": "shop", "scopes": ["users"], **fields})
    assert answer.status == 201, answer.text
    return answer.json


def token_for(client: Any, secret: str | None = None) -> Answer:
    given = {
        "client_id": client["client_id"],
        "client_secret": secret or client["client_secret"],
    }
    return call("POST", "/auth/token", given, public=True)


def written() -> list[tuple[str, str]]:
    items = call("GET", "/v1/audit", query={"limit": "100"}).json["items"]
    return [(item["action"], item["target"]) for item in items]


def test_a_client_is_made_and_its_secret_is_shown_this_once() -> None:
    answer = call(
        "POST",
        "/v1/clients",
        {"name": "CRM ✓", "scopes": ["users", "files"], "requests_per_minute": 600},
    )
    made = answer.json

    assert answer.status == 201
    assert answer.headers["cache-control"] == "no-store"
    assert token_for(made).json["scope"] == "users files"
    shown = call("GET", f"/v1/clients/{made['client_id']}").json
    secret = made.pop("client_secret")
    assert shown == made
    assert (made["requests_per_minute"], made["user_requests_per_minute"]) == (600, 60)
    assert made["revoked_at"] is None
    assert secret not in call("GET", "/v1/clients").text
    assert ("client.created", made["client_id"]) in written()


def test_clients_are_listed_by_cursors() -> None:
    made = {a_client()["client_id"] for _ in range(3)}

    found, cursor = set(), None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = call("GET", "/v1/clients", query=query).json
        found |= {item["client_id"] for item in page["items"]}
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert made | {SERVICE.client_id} <= found
    assert_problem(call("GET", "/v1/clients", query={"cursor": "x"}), 422, "bad_cursor")


def test_a_change_acts_on_the_next_token() -> None:
    made = a_client(requests_per_minute=5)
    path = f"/v1/clients/{made['client_id']}"

    changed = call("PATCH", path, {"scopes": ["files"], "requests_per_minute": None}).json

    assert (changed["name"], changed["scopes"]) == ("shop", ["files"])
    assert changed["requests_per_minute"] is None
    assert token_for(made).json["scope"] == "files"


def test_the_old_secret_works_beside_the_new_one() -> None:
    made = a_client()
    path = f"/v1/clients/{made['client_id']}/rotate-secret"

    rotated = call("POST", path)
    both = token_for(made).status, token_for(rotated.json).status
    last = call("POST", path, {"grace_seconds": 0}).json

    assert rotated.headers["cache-control"] == "no-store"
    assert both == (200, 200)
    assert made["old_secret_ends_at"] is None and last["old_secret_ends_at"] is None
    assert rotated.json["old_secret_ends_at"] > rotated.json["created_at"]
    assert [token_for(made, s).status for s in (None, rotated.json["client_secret"])] == [401, 401]
    assert token_for(last).status == 200


def test_a_revoked_client_gets_no_token_and_stays_to_be_seen() -> None:
    made = a_client()
    path = f"/v1/clients/{made['client_id']}"

    gone = [call("DELETE", path).status for _ in range(2)]

    assert gone == [204, 204]
    refused, unknown = token_for(made), token_for({**made, "client_id": "c4a_0"})
    assert (refused.status, refused.text) == (unknown.status, unknown.text)
    assert call("GET", path).json["revoked_at"] is not None
    assert_problem(call("PATCH", path, {"name": "x"}), 409, "client_revoked")
    assert_problem(call("POST", f"{path}/rotate-secret"), 409, "client_revoked")
    assert written().count(("client.revoked", made["client_id"])) == 1


def test_an_admin_cannot_do_away_with_itself() -> None:
    own = f"/v1/clients/{SERVICE.client_id}"

    assert_problem(call("DELETE", own), 409, "own_client")
    assert_problem(call("PATCH", own, {"scopes": ["users"]}), 409, "own_admin_scope")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "shop"},
        {"name": "", "scopes": ["users"]},
        {"name": "x" * 65, "scopes": ["users"]},
        {"name": "shop", "scopes": []},
        {"name": "shop", "scopes": ["users"] * 17},
        {"name": "shop", "scopes": "users"},
        {"name": "shop", "scopes": ["users"], "requests_per_minute": 0},
        {"name": "shop", "scopes": ["users"], "requests_per_minute": "60"},
        {"name": "shop", "scopes": ["users"], "requests_per_minute": 1_000_001},
        {"name": "shop", "scopes": ["users"], "user_requests_per_minute": None},
        {"name": "shop", "scopes": ["users"], "client_id": "c4a_mine"},
        {"name": "shop", "scopes": ["users"], "client_secret": "mine"},
    ],
    ids=range(13),
)
def test_a_client_out_of_limits_is_refused(body: object) -> None:
    assert_problem(call("POST", "/v1/clients", body), 422, "invalid_request")


def test_what_there_is_not_is_said() -> None:
    unknown = call("POST", "/v1/clients", {"name": "shop", "scopes": ["users", "root"]})

    assert assert_problem(unknown, 422, "unknown_scope")["unknown"] == ["root"]
    for method, path, body in (
        ("GET", "/v1/clients/c4a_0", None),
        ("PATCH", "/v1/clients/c4a_0", {"name": "x"}),
        ("DELETE", "/v1/clients/c4a_0", None),
        ("POST", "/v1/clients/c4a_0/rotate-secret", None),
    ):
        assert_problem(call(method, path, body), 404, "client_not_found")
    assert_problem(call("GET", "/v1/clients/c4a_%23"), 422, "invalid_request")


@pytest.mark.parametrize("grace", [-1, 604_801, "x"])
def test_the_grace_lasts_a_week_at_the_most(grace: object) -> None:
    path = f"/v1/clients/{SERVICE.client_id}/rotate-secret"

    assert_problem(call("POST", path, {"grace_seconds": grace}), 422, "invalid_request")


def test_a_wrong_secret_is_in_the_trail_with_its_address() -> None:
    made = a_client()

    assert token_for(made, "wrong").status == 401

    items = call("GET", "/v1/audit", query={"action": "client.refused"}).json["items"]
    assert (items[0]["actor"], items[0]["address"]) == (made["client_id"], "127.0.0.1")
