"""What refuses a request says so in words of ours, and repeats nothing that was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chat4all.access.refused_tokens import why
from chat4all.errors import Invalid, Unauthenticated
from chat4all.realtime.frames import frame_of
from tests.cloud import CONTEXT, Answer, assert_problem, cloud, request
from tests.support.forging import BAD_TOKENS
from tests.support.matrix_world import OWNER, MatrixWorld

pytestmark = pytest.mark.req("RNF-009")
WORDS = {
    "garbage": "The token is malformed.",
    "alg none": "The token is not signed as ours are.",
    "another key": "The token is not signed by a key of ours.",
    "tampered": "The token is not signed by a key of ours.",
    "public key as secret": "The token is not signed as ours are.",
    "expired": "The token has expired.",
    "not yet valid": "The token is not valid yet.",
    "wrong audience": "The token is not for this API.",
    "wrong issuer": "The token is not of an issuer that counts here.",
    "no expiry": "The token lacks a claim.",
}
ODD = "<a value that nobody shall see again>"


@pytest.fixture(scope="module")
def world() -> Iterator[MatrixWorld]:
    with cloud() as stack:
        yield MatrixWorld(stack)


def call(method: str, path: str, body: object = None, **more: Any) -> Answer:
    from http_api.handler import lambda_handler

    return request(lambda_handler, method, path, body, **more)


@pytest.mark.parametrize(("wrong", "words"), WORDS.items())
def test_a_token_is_refused_in_our_words(world: MatrixWorld, wrong: str, words: str) -> None:
    from chat4all.bootstrap.access import token_verifier

    token = BAD_TOKENS[wrong](world.user_token(OWNER))
    assert token is not None

    with pytest.raises(Unauthenticated) as refused:
        token_verifier().verify(token)

    assert refused.value.code == "invalid_token"
    assert why(refused.value) == words


def test_a_refusal_of_ours_keeps_its_words() -> None:
    assert why(Unauthenticated("invalid_token", "No bearer token.")) == "No bearer token."


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"type": ODD}, "type must be one of 'text', 'template', 'file'"),
        ({"text": "x"}, "type is missing"),
    ],
    ids=["another kind", "no kind"],
)
def test_a_payload_of_no_kind_is_refused_without_repeating_it(
    world: MatrixWorld, payload: dict[str, str], words: str
) -> None:
    message = {"conversation_id": world.group, "from": OWNER, "payload": payload}

    alone = call("POST", "/v1/messages", message)
    batch = call("POST", "/v1/messages/batch", {"messages": [message]})

    wrong = {"where": "body.payload", "what": words}
    assert assert_problem(alone, 422, "invalid_request")["errors"] == [wrong]
    assert batch.json["items"][0]["error"]["detail"] == f"payload: {words}"
    assert ODD not in alone.text + batch.text


def test_a_frame_of_no_kind_is_refused_without_repeating_it() -> None:
    with pytest.raises(Invalid) as refused:
        frame_of({"action": ODD})

    assert ODD not in str(refused.value)
    assert "action must be one of 'send', 'read'" in str(refused.value)


def test_names_of_fields_are_repeated_in_part_only(world: MatrixWorld) -> None:
    answer = call("POST", "/v1/messages", {"x" * 10_000: 1})

    problem = assert_problem(answer, 422, "invalid_request")
    assert len(json.dumps(problem)) < 2_000


def test_whoever_left_a_group_does_not_get_it_again_by_opening_it_anew(world: MatrixWorld) -> None:
    new = {"type": "group", "members": [OWNER, "bo", "cy"]}
    again = {"headers": {"idempotency-key": "k"}, "user": "bo"}
    opened = call("POST", "/v1/conversations", new, **again).json["conversation_id"]
    call("DELETE", f"/v1/conversations/{opened}/members/bo", user="bo")

    answer = call("POST", "/v1/conversations", new, **again)

    assert_problem(answer, 404, "conversation_not_found")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("{", {}),
        ({"no": "such field"}, {}),
        ("a=b", {"content-type": "application/x-www-form-urlencoded"}),
        ("x", {"content-type": "text/csv"}),
    ],
    ids=["no JSON", "no such field", "a form", "text"],
)
def test_whoever_may_not_call_a_route_does_not_learn_what_it_wants(
    world: MatrixWorld, body: Any, headers: dict[str, str]
) -> None:
    lacking = call("POST", "/v1/messages", body, user=OWNER, scopes=["users"], headers=headers)
    of_services = call("POST", "/v1/webhooks", body, user=OWNER, headers=headers)

    assert assert_problem(lacking, 403, "insufficient_scope")["scope"] == "messages:write"
    challenge = 'Bearer error="insufficient_scope", scope="messages:write"'
    assert lacking.headers["www-authenticate"] == challenge
    assert_problem(of_services, 403, "service_only")


def test_an_expired_token_is_challenged(world: MatrixWorld) -> None:
    answer = call("GET", "/v1/conversations", user=OWNER, expires_at=1)

    assert_problem(answer, 401, "invalid_token")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_handshake_is_refused_in_our_words_with_a_challenge(world: MatrixWorld) -> None:
    from connect_client.handler import lambda_handler

    expired = BAD_TOKENS["expired"](world.user_token(OWNER))
    narrow = world.user_token(OWNER, frozenset({"users"}))
    context = {"eventType": "CONNECT", "connectionId": "c-1"}
    answers = [
        lambda_handler({"requestContext": context, "queryStringParameters": {"token": t}}, CONTEXT)
        for t in (expired, narrow)
    ]

    told = [(a["statusCode"], json.loads(a["body"])["detail"]) for a in answers]
    assert told == [(401, "The token has expired."), (403, "The token lacks: messages:read.")]
    assert [a["headers"]["WWW-Authenticate"] for a in answers] == [
        "Bearer",
        'Bearer error="insufficient_scope", scope="messages:read"',
    ]
