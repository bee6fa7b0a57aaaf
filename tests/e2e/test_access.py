"""The deployed stack lets nobody in who does not belong there. All cases are in
tests/unit/test_access_matrix.py; here the gateway is a real one."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidHandshake

from infra.local.client import Api
from infra.local.running import Addresses
from tests.e2e.conftest import People
from tests.e2e.realtime import bare, expired, token_of

pytestmark = pytest.mark.req("RNF-009")
MESSAGES = "/v1/messages"


@pytest.fixture(scope="module")
def narrow(stack: Addresses, api: Api) -> Api:
    """A client that may keep users and nothing else."""
    made = api.ok("POST", "/v1/clients", {"name": "narrow", "scopes": ["users"]})
    credentials = {name: made[name] for name in ("client_id", "client_secret")}
    answer = httpx.post(f"{stack.api_url}/auth/token", json=credentials)
    return Api(stack, str(answer.json()["access_token"]))


def with_header(token: str, **changes: Any) -> str:
    """The token under another header, with the same signature."""
    head, _, rest = token.partition(".")
    told = json.loads(base64.urlsafe_b64decode(head + "==")) | changes
    packed = base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
    return f"{packed}.{rest}"


def test_the_gateway_lets_no_bad_token_through(stack: Addresses, api: Api) -> None:
    unsigned = with_header(api.token, alg="none").rpartition(".")[0] + "."
    symmetric = with_header(api.token, alg="HS256")
    bad = ["garbage", unsigned, symmetric, f"{api.token[:-8]}AAAAAAAA", expired(stack, api.token)]

    none = httpx.get(f"{stack.api_url}/v1/webhooks")
    answers = [Api(stack, token).call("GET", "/v1/webhooks") for token in bad]

    assert none.status_code == 401
    assert [answer.status_code for answer in answers] == [403] * len(bad)
    assert all("code" not in answer.json() for answer in answers), "the gateway's own answer"
    assert api.call("GET", "/v1/webhooks").status_code == 200


def test_a_token_without_the_scope_is_refused_before_anything_is_read(narrow: Api) -> None:
    answers = [narrow.call("POST", MESSAGES, body) for body in ({}, {"no": "such field"}, [])]

    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
        assert answer.json()["scope"] == "messages:write"
        challenge = 'Bearer error="insufficient_scope", scope="messages:write"'
        assert answer.headers["www-authenticate"] == challenge


def test_a_users_token_has_no_more_than_the_client_that_minted_it(
    narrow: Api, people: People
) -> None:
    (ana, _) = people.on()

    user = narrow.as_user(ana)

    assert user.call("GET", f"/v1/users/{ana}").status_code == 200
    refused = user.call("GET", "/v1/conversations").json()
    assert (refused["code"], refused["scope"]) == (
        "insufficient_scope",
        "conversations messages:read",
    )
    assert user.call("GET", "/v1/webhooks").json()["code"] == "service_only"


def test_nobody_connects_without_the_scope_to_read(
    stack: Addresses, api: Api, narrow: Api, people: People
) -> None:
    (ana, _) = people.on()
    good = token_of(api, ana)

    for token in (None, "garbage", with_header(good, alg="none"), token_of(narrow, ana)):
        with pytest.raises(InvalidHandshake), bare(stack.sockets_url, token):
            pass

    with bare(stack.sockets_url, good) as socket:
        assert socket.answer("ping")["type"] == "pong"


def test_an_odd_path_reaches_no_other_route(stack: Addresses, narrow: Api) -> None:
    odd = (
        "/f/..%2Fv1%2Fwebhooks",
        "/healthz/..%2Fv1%2Fwebhooks",
        "/v1//users/ana",
        "/v1/users/ana%2F..%2F..%2Fwebhooks",
        "/v1/users/ana/",
    )

    for path in odd:
        anybody = httpx.get(f"{stack.api_url}{path}").status_code
        assert anybody in (401, 404), path
        assert narrow.call("GET", path).json()["code"] == "route_not_found", path
