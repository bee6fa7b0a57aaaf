"""Refresh tokens over HTTP, as OAuth's clients ask: forms, JSON, RFC 6749 and RFC 7009."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.cloud import Answer, Cloud, assert_problem, cloud, request

pytestmark = pytest.mark.req("RNF-009")
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module", autouse=True)
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        call("PUT", "/v1/users/ana", {"name": "Ana"})
        yield made


def call(method: str, path: str, body: object = None, **more: Any) -> Answer:
    from http_api.handler import lambda_handler

    return request(lambda_handler, method, path, body, **more)


def first() -> str:
    minted = call("POST", "/v1/users/ana/token", {"expires_in": 300, "refresh": True})
    assert minted.headers["cache-control"] == "no-store"
    return str(minted.json["refresh_token"])


def refreshed(token: str, **more: str) -> Answer:
    given = {"grant_type": "refresh_token", "refresh_token": token, **more}
    return call("POST", "/auth/token", urlencode(given), headers=FORM, public=True)


def revoked(token: object, **more: object) -> Answer:
    return call("POST", "/auth/revoke", {"token": token, **more}, public=True)


def test_a_token_comes_without_a_refresh_token_unless_one_is_wanted() -> None:
    assert call("POST", "/v1/users/ana/token").json["refresh_token"] is None


def test_it_is_used_by_a_form_or_by_json_without_credentials() -> None:
    by_form = refreshed(first(), client_id="app")
    given = {"grant_type": "refresh_token", "refresh_token": by_form.json["refresh_token"]}
    by_json = call("POST", "/auth/token", given, public=True)

    for answer in (by_form, by_json):
        assert answer.status == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 300)
        assert answer.json["scope"].startswith("messages:write")
    assert by_json.json["refresh_token"] != by_form.json["refresh_token"]


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"grant_type": "refresh_token"}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": 7}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x" * 129}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
        (
            {"grant_type": "refresh_token", "refresh_token": f"c4r_{'0' * 32}_{'A' * 43}"},
            400,
            "invalid_grant",
        ),
        ({"grant_type": "password", "password": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": ["refresh_token"]}, 400, "unsupported_grant_type"),
    ],
    ids=range(7),
)
def test_what_is_no_good_refresh_is_refused(given: object, status: int, code: str) -> None:
    assert_problem(call("POST", "/auth/token", given, public=True), status, code)


def test_a_copy_that_is_used_ends_them_all_and_admins_see_it() -> None:
    stolen = first()
    following = refreshed(refreshed(stolen).json["refresh_token"]).json["refresh_token"]

    assert_problem(refreshed(stolen), 400, "invalid_grant")

    assert_problem(refreshed(following), 400, "invalid_grant")
    [record] = call("GET", "/v1/audit", query={"action": "refresh_token.reused"}).json["items"]
    assert (record["target"], record["address"]) == ("ana", "127.0.0.1")


def test_an_app_signs_out() -> None:
    token = first()

    answers = [revoked(token, token_type_hint="refresh_token"), revoked(token)]

    assert [answer.status for answer in answers] == [200, 200]
    assert_problem(refreshed(token), 400, "invalid_grant")


def test_signing_out_works_by_a_form() -> None:
    token = first()

    form = urlencode({"token": token, "client_id": "app"})
    answer = call("POST", "/auth/revoke", form, headers=FORM, public=True)

    assert answer.status == 200
    assert_problem(refreshed(token), 400, "invalid_grant")


@pytest.mark.parametrize("token", ["x", "", "a.b.c", f"c4r_{'0' * 32}_{'A' * 43}"])
def test_what_there_is_not_is_revoked_already(token: str) -> None:
    assert revoked(token).status == 200


def test_an_access_token_cannot_be_revoked() -> None:
    token = call("POST", "/v1/users/ana/token").json["access_token"]

    assert_problem(revoked(token), 400, "unsupported_token_type")


@pytest.mark.parametrize("body", [{}, {"token": 7}, []], ids=str)
def test_a_revocation_that_is_none_is_refused(body: object) -> None:
    assert_problem(call("POST", "/auth/revoke", body, public=True), 400, "invalid_request")


def test_a_service_signs_a_user_out_everywhere() -> None:
    phone, tablet = first(), first()

    assert call("DELETE", "/v1/users/ana/tokens").status == 204

    for token in (phone, tablet):
        assert_problem(refreshed(token), 400, "invalid_grant")
    assert_problem(call("DELETE", "/v1/users/nobody/tokens"), 404, "user_not_found")
    assert_problem(call("DELETE", "/v1/users/ana/tokens", user="ana"), 403, "service_only")


def test_a_token_lasts_fifteen_minutes_at_the_most() -> None:
    answer = call("POST", "/v1/users/ana/token", {"expires_in": 901})

    assert_problem(answer, 422, "invalid_request")


def test_the_keys_may_be_kept_for_less_than_a_rotation_waits() -> None:
    answer = call("GET", "/.well-known/jwks.json", public=True)

    assert answer.headers["cache-control"] == "public, max-age=900"
