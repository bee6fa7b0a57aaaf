"""Tokens over HTTP: JSON, form and Basic; what is issued gets past the authorizer."""

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest

from chat4all.access.clients import Credentials
from tests.cloud import CONTEXT, ISSUER, Answer, Cloud, cloud, request

pytestmark = pytest.mark.req("RNF-009")
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


@pytest.fixture(scope="module")
def credentials(stack: Cloud) -> Credentials:
    from chat4all.bootstrap.access import clients

    return clients().register(name="shop", scopes=["users", "messages:write"])


def call(method: str, path: str, body: object = None, **more: Any) -> Answer:
    from http_api.handler import lambda_handler

    return request(lambda_handler, method, path, body, **more)


def authorized(header: str | None) -> dict[str, Any]:
    from authorize_request.handler import lambda_handler

    headers = {} if header is None else {"authorization": header}
    return lambda_handler({"type": "REQUEST", "headers": headers}, CONTEXT)


def basic(user: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def asked(credentials: Credentials, how: str) -> Answer:
    given = {"client_id": credentials.client_id, "client_secret": credentials.client_secret}
    grant = {"grant_type": "client_credentials"}
    header = basic(credentials.client_id, credentials.client_secret)
    match how:
        case "json":
            return call("POST", "/auth/token", given)
        case "form":
            return call("POST", "/auth/token", urlencode({**given, **grant}), headers=FORM)
        case "form in base64":
            event_body = base64.b64encode(urlencode({**given, **grant}).encode()).decode()
            return call("POST", "/auth/token", event_body, headers=FORM, base64_encoded=True)
        case "basic and form":
            return call("POST", "/auth/token", urlencode(grant), headers={**FORM, **header})
        case _:
            return call("POST", "/auth/token", headers=header)


@pytest.mark.parametrize("how", ["json", "form", "form in base64", "basic and form", "basic"])
def test_a_client_gets_a_token_that_is_accepted(credentials: Credentials, how: str) -> None:
    answer = asked(credentials, how)

    assert answer.status == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 900)
    assert answer.json["scope"] == "users messages:write"
    passed = authorized(f"Bearer {answer.json['access_token']}")
    assert passed["isAuthorized"]
    assert passed["context"]["subject"] == credentials.client_id
    assert passed["context"]["kind"] == "service"
    assert passed["context"]["scopes"] == "messages:write users"


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        ({"client_id": "x", "client_secret": "y"}, {}, 401, "invalid_client"),
        ({"client_id": "x"}, {}, 400, "invalid_request"),
        ({"client_id": 7, "client_secret": "y"}, {}, 400, "invalid_request"),
        ({"client_id": "x", "client_secret": "y", "more": 1}, {}, 401, "invalid_client"),
        ({"client_id": "x" * 200, "client_secret": "y"}, {}, 400, "invalid_request"),
        (
            {"client_id": "x", "client_secret": "y", "grant_type": "password"},
            {},
            400,
            "unsupported_grant_type",
        ),
        ([], {}, 400, "invalid_request"),
        ("{", {}, 400, "bad_json"),
        ("[" * 100_000, {}, 400, "bad_json"),
        ("client_id=x", FORM, 400, "invalid_request"),
        ("", {"authorization": "Basic ééé"}, 400, "invalid_request"),
        ("", {"authorization": "Basic !!!"}, 400, "invalid_request"),
        ("", basic("x", "y"), 401, "invalid_client"),
    ],
    ids=range(13),
)
def test_a_bad_token_request_is_refused(stack: Cloud, body, headers, status, code) -> None:
    answer = call("POST", "/auth/token", body, headers=headers)

    assert (answer.status, answer.json["code"]) == (status, code), answer.text
    known = "invalid_request" if code == "bad_json" else code
    assert answer.json["error"] == known, "where OAuth's libraries look"
    scheme = 'Basic realm="chat4all"' if status == 401 else None
    assert answer.headers.get("www-authenticate") == scheme


@pytest.mark.parametrize(
    ("body", "headers"),
    [("{", {}), ("[" * 999, {}), (base64.b64encode(b"client_id=\xff").decode(), FORM)],
    ids=["no JSON", "deep", "a form that is no UTF-8"],
)
def test_what_cannot_be_read_is_told_in_oauths_words_too(stack: Cloud, body, headers) -> None:
    form = bool(headers)

    answer = call("POST", "/auth/token", body, headers=headers, base64_encoded=form, public=True)

    assert (answer.status, answer.json["code"]) == (400, "bad_json"), answer.text
    assert answer.json["error"] == "invalid_request"


def test_a_client_takes_a_token_with_some_of_its_scopes(credentials: Credentials) -> None:
    given = {"client_id": credentials.client_id, "client_secret": credentials.client_secret}

    narrow = call("POST", "/auth/token", {**given, "scope": "users"})
    wide = call("POST", "/auth/token", {**given, "scope": "users admin"})
    none = call("POST", "/auth/token", {**given, "scope": " "})

    assert narrow.json["scope"] == "users"
    assert authorized(f"Bearer {narrow.json['access_token']}")["context"]["scopes"] == "users"
    for refused in (wide, none):
        assert (refused.status, refused.json["error"]) == (400, "invalid_scope"), refused.text


def test_a_service_mints_a_token_for_a_user(stack: Cloud) -> None:
    call("PUT", "/v1/users/ana", {"name": "Ana"})

    default = call("POST", "/v1/users/ana/token").json
    short = call("POST", "/v1/users/ana/token", {"expires_in": 60}).json

    assert (default["expires_in"], short["expires_in"]) == (900, 60)
    context = authorized(f"Bearer {short['access_token']}")["context"]
    assert (context["subject"], context["kind"]) == ("ana", "user")
    assert "admin" not in context["scopes"].split()


def test_the_keys_are_published(credentials: Credentials) -> None:
    token = asked(credentials, "json").json["access_token"]
    keys = jwt.PyJWKSet.from_dict(call("GET", "/.well-known/jwks.json").json)

    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["RS256"], audience="chat4all", issuer=ISSUER)

    assert claims["sub"] == credentials.client_id


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer x.y.z", "Basic eDp5", "x", "Bearer \ud800"]
)
def test_whoever_has_no_token_is_not_let_in(stack: Cloud, header: str | None) -> None:
    assert authorized(header) == {"isAuthorized": False}
