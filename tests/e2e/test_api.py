"""The deployed API as a stranger meets it: public pages, tokens, other origins, listings."""

from __future__ import annotations

import httpx
import jwt
import pytest

from infra.local.client import Api, wait_until
from infra.local.running import Addresses
from tests.e2e.conftest import People, over_both_doors


def test_health_description_and_docs_need_no_token(stack: Addresses) -> None:
    health, openapi, docs = (
        httpx.get(f"{stack.api_url}{path}") for path in ("/healthz", "/openapi.json", "/docs")
    )

    assert health.json() == {"status": "ok"}
    assert openapi.json()["openapi"].startswith("3.1")
    assert "/v1/messages" in openapi.json()["paths"]
    assert docs.headers["content-type"].startswith("text/html")
    assert "SwaggerUIBundle" in docs.text
    for page in (openapi, docs):
        assert page.headers["content-encoding"] == "gzip"
        assert page.headers["cache-control"] == "public, max-age=300"
    whole = httpx.get(f"{stack.api_url}/docs", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in whole.headers
    assert whole.text == docs.text


@pytest.mark.req("RNF-009")
def test_tokens_are_signed_by_the_published_key(stack: Addresses, api: Api) -> None:
    keys = jwt.PyJWKSet.from_dict(httpx.get(f"{stack.api_url}/.well-known/jwks.json").json())
    key = keys[jwt.get_unverified_header(api.token)["kid"]]

    claims = jwt.decode(api.token, key, algorithms=["RS256"], audience="chat4all")

    assert claims["sub"] == stack.client_id
    assert claims["exp"] - claims["iat"] == 900


@pytest.mark.req("RNF-009")
@pytest.mark.parametrize("token", ["garbage", "a.b.c", ""])
def test_without_a_token_of_ours_nothing_answers(stack: Addresses, token: str) -> None:
    headers = {"authorization": f"Bearer {token}"} if token else {}

    answer = httpx.get(f"{stack.api_url}/v1/conversations", headers=headers)

    assert answer.status_code in (401, 403)


def test_a_wrong_secret_gets_no_token(stack: Addresses) -> None:
    answer = httpx.post(
        f"{stack.api_url}/auth/token",
        data={"client_id": stack.client_id, "client_secret": "wrong"},
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_client")


@over_both_doors
def test_somebody_elses_conversation_does_not_exist(api: Api, people: People) -> None:
    (ana, _), (bo, _), (eve, _) = people.on(), people.on(), people.on()
    conversation = api.conversation(ana, bo)
    sent = api.send(conversation, ana, "private")
    spy = api.as_user(eve)
    body = {"conversation_id": conversation, "payload": {"type": "text", "text": "hi"}}

    answers = [
        spy.call("GET", f"/v1/conversations/{conversation}"),
        spy.call("GET", f"/v1/conversations/{conversation}/messages"),
        spy.call("GET", f"/v1/messages/{sent}"),
        spy.call("POST", "/v1/messages", body),
    ]

    assert [a.status_code for a in answers] == [404] * 4
    assert all("private" not in a.text for a in answers)


def test_a_page_of_another_origin_may_call_the_api(stack: Addresses) -> None:
    answer = httpx.options(
        f"{stack.api_url}/v1/messages",
        headers={
            "origin": "https://app.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type",
        },
    )

    assert answer.status_code in (200, 204)
    assert answer.headers["access-control-allow-origin"] in ("*", "https://app.example")
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()


@over_both_doors
def test_the_conversation_list_is_by_recency_with_unread_counts(api: Api, people: People) -> None:
    (ana, _), (bo, _), (cy, _) = people.on(), people.on(), people.on()
    with_bo, with_cy = api.conversation(ana, bo), api.conversation(ana, cy)
    for conversation, sender in ((with_cy, cy), (with_bo, bo), (with_bo, bo)):
        last = api.send(conversation, sender, "hello")
        wait_until(lambda m=last: api.message(m)["seq"], "its place")  # type: ignore[misc]
    mine = api.as_user(ana)
    mine.history(with_bo)

    listed = []
    cursor = None
    while True:
        query = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = mine.ok("GET", "/v1/conversations", params=query)
        listed += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert [c["conversation_id"] for c in listed] == [with_bo, with_cy]
    assert [c["unread_count"] for c in listed] == [2, 1]
    assert listed[0]["last_message"]["message_id"] == last
