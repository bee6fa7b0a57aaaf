"""What each route refuses: problem details with stable codes."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import CURSORS
from tests.cloud import Answer, Cloud, assert_problem, cloud, request

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


@pytest.fixture(scope="module")
def group(stack: Cloud) -> str:
    body = {"type": "group", "members": [ANA, BO, CY]}
    return str(call("POST", "/v1/conversations", body).json["conversation_id"])


def call(method: str, path: str, body: object = None, **more: Any) -> Answer:
    from http_api.handler import lambda_handler

    return request(lambda_handler, method, path, body, **more)


TOO_MANY = {"messages": [{}] * 26}
ROUTES = [
    ("POST", "/v1/messages/batch", {"messages": []}, 422, "invalid_request"),
    ("POST", "/v1/messages/batch", TOO_MANY, 422, "invalid_request"),
    ("GET", f"/v1/messages/{NOWHERE}", None, 404, "message_not_found"),
    ("GET", "/v1/messages/not-a-uuid", None, 422, "invalid_request"),
    ("GET", f"/v1/conversations/{NOWHERE}", None, 404, "conversation_not_found"),
    ("GET", f"/v1/conversations/{NOWHERE}/messages", None, 404, "conversation_not_found"),
    ("GET", "/v1/conversations", None, 422, "user_required"),
    ("GET", "/v1/users/nobody", None, 404, "user_not_found"),
    ("POST", "/v1/users/nobody/token", {}, 404, "user_not_found"),
    ("POST", "/v1/users/ana/token", {"expires_in": 10}, 422, "invalid_request"),
    (
        "PUT",
        "/v1/users/ana",
        {"identities": [{"channel": "pigeon", "address": "1"}]},
        422,
        "unknown_channel",
    ),
    ("PUT", "/v1/users/ana", {"name": ""}, 422, "invalid_request"),
    ("PUT", "/v1/users/ana", {"surname": "x"}, 422, "invalid_request"),
    ("PUT", "/v1/users/" + "a" * 65, {}, 422, "invalid_request"),
    ("POST", "/v1/conversations", {"type": "group", "members": [ANA, BO]}, 422, "group_too_small"),
    (
        "POST",
        "/v1/conversations",
        {"type": "private", "members": [ANA, BO, CY]},
        422,
        "private_needs_two",
    ),
    (
        "POST",
        "/v1/conversations",
        {"type": "private", "members": [ANA, ANA]},
        422,
        "repeated_member",
    ),
    (
        "POST",
        "/v1/conversations",
        {"type": "private", "members": [ANA, "zed"]},
        422,
        "unknown_member",
    ),
    ("POST", "/v1/conversations", {"type": "party", "members": [ANA, BO]}, 422, "invalid_request"),
    ("GET", "/v1/nothing", None, 404, "route_not_found"),
    ("PATCH", "/v1/messages", None, 404, "route_not_found"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), ROUTES)
def test_each_route_refuses_with_a_code(stack, method, path, body, status, code) -> None:
    assert_problem(call(method, path, body), status, code)


def test_who_an_identity_belongs_to_is_told_to_services(stack: Cloud) -> None:
    body = {"identities": [{"channel": "whatsapp", "address": "5511999"}]}

    problem = assert_problem(call("PUT", "/v1/users/thief", body), 409, "identity_taken")

    assert problem["owner"] == "owner"


@pytest.mark.parametrize(
    ("method", "path", "body", "user", "status", "code"),
    [
        ("GET", "", None, EVE, 404, "conversation_not_found"),
        ("POST", "/members", {"user_id": EVE}, EVE, 404, "conversation_not_found"),
        ("POST", "/members", {"user_id": "zed"}, ANA, 422, "unknown_member"),
        ("DELETE", f"/members/{BO}", None, ANA, 403, "not_yourself"),
        ("DELETE", f"/members/{EVE}", None, None, 404, "member_not_found"),
        ("POST", "/read", {"up_to_seq": 1}, None, 422, "user_required"),
        ("POST", "/read", {"up_to_seq": 99}, ANA, 422, "seq_not_reached"),
        ("POST", "/read", {"up_to_seq": 0}, ANA, 422, "invalid_request"),
        ("POST", "/read", {"up_to_seq": 1, "user_id": BO}, ANA, 403, "not_yourself"),
    ],
)
def test_who_may_do_what_in_a_group(group, method, path, body, user, status, code) -> None:
    answer = call(method, f"/v1/conversations/{group}{path}", body, user=user)

    assert_problem(answer, status, code)


def test_a_pair_stays_a_pair(pair: str) -> None:
    answer = call("POST", f"/v1/conversations/{pair}/members", {"user_id": EVE})

    assert_problem(answer, 409, "conversation_is_private")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": "0"}, "invalid_request"),
        ({"limit": "101"}, "invalid_request"),
        ({"limit": "ten"}, "invalid_request"),
        ({"since": "-1"}, "invalid_request"),
        ({"before": "0"}, "invalid_request"),
        ({"cursor": "nonsense"}, "bad_cursor"),
        ({"cursor": CURSORS.encode("messages", 1, 2)}, "bad_cursor"),
        ({"cursor": ""}, "bad_cursor"),
        ({"cursor": "x" * 600}, "invalid_request"),
    ],
)
def test_a_page_that_cannot_be_is_refused(pair: str, query: dict[str, str], code: str) -> None:
    answer = call("GET", f"/v1/conversations/{pair}/messages", query=query)

    assert_problem(answer, 422, code)


@pytest.mark.req("RNF-009")
def test_a_token_that_has_expired_since_the_gateway_looked_is_refused(pair: str) -> None:
    answer = call("GET", f"/v1/conversations/{pair}", expires_at=time.time() - 1)

    assert_problem(answer, 401, "invalid_token")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.req("RNF-009")
def test_only_services_mint_tokens(stack: Cloud) -> None:
    assert_problem(call("POST", "/v1/users/ana/token", {}, user=ANA), 403, "service_only")


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("/v1/conversations", ["cursor", "limit", "user_id"]),
        ("/v1/webhooks", []),
    ],
)
def test_a_parameter_nobody_reads_is_refused(stack: Cloud, path: str, known: list[str]) -> None:
    answer = call("GET", path, query={"limti": "5"})

    problem = assert_problem(answer, 422, "unknown_parameter")
    assert problem["known"] == known
    assert "limti" in problem["detail"]
