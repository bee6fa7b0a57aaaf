"""The running gRPC server lets nobody in who does not belong there. All cases are in
tests/unit/test_access_matrix.py."""

from __future__ import annotations

import time
import uuid

import grpc
import jwt
import pytest

from grpc_front.generated.chat4all.v1 import messages_pb2
from infra.local.client import Api
from infra.local.running import Addresses
from tests.e2e.conftest import People
from tests.e2e.realtime import aged, expired
from tests.support.grpc_lines import Line, Subscription, a_text
from tests.support.grpc_routes import problem
from tests.support.over_grpc import GrpcApi

pytestmark = [pytest.mark.req("RF-008"), pytest.mark.req("RNF-009")]
LIFETIME = 900
"""Seconds, of a token."""


def test_no_call_and_no_stream_without_a_good_token(
    stack: Addresses, api: Api, over_grpc: GrpcApi, people: People
) -> None:
    (ana, _) = people.on()
    cut = f"{api.token[:-8]}AAAAAAAA"

    for token in ("", "garbage", cut, expired(stack, api.token)):
        stranger = over_grpc.with_token(token) if token else over_grpc.without_token()
        answer = stranger.call("GET", f"/v1/users/{ana}")
        with Line(over_grpc.channel, token) as line, Subscription(over_grpc.channel, token) as log:
            line.start()
            ended = [line.ended(), log.ended()]
            problems = [answer.json(), line.problem(), log.problem()]
        assert answer.status_code == 401
        assert ended == [grpc.StatusCode.UNAUTHENTICATED] * 2
        assert {problem["code"] for problem in problems} == {"invalid_token"}


def test_scopes_are_asked_for_as_over_rest(
    stack: Addresses, api: Api, over_grpc: GrpcApi, people: People
) -> None:
    (ana, _) = people.on()
    made = api.ok("POST", "/v1/clients", {"name": "narrow", "scopes": ["users"]})
    credentials = {name: made[name] for name in ("client_id", "client_secret")}
    issued = over_grpc.ok("POST", "/auth/token", credentials)
    narrow = over_grpc.with_token(issued["access_token"])
    user = narrow.as_user(ana)
    body = {"conversation_id": str(uuid.uuid4()), "payload": {"type": "text", "text": "hi"}}

    refused = narrow.call("POST", "/v1/messages", body).json()
    listed = user.call("GET", "/v1/conversations").json()
    with Line(over_grpc.channel, user.token) as line:
        line.start()
        line.send(a_text(str(uuid.uuid4()), ana, "hi", message_id := str(uuid.uuid4())))
        answers = [line.answer("start").error, line.answer(message_id).error]
    with Subscription(over_grpc.channel, user.token) as log:
        told = log.problem()

    assert issued["scope"] == "users"
    assert (refused["code"], refused["scope"]) == ("insufficient_scope", "messages:write")
    assert (listed["code"], listed["scope"]) == (
        "insufficient_scope",
        "conversations messages:read",
    )
    assert [problem(found)["code"] for found in answers] == ["insufficient_scope"] * 2
    assert (told["code"], log.ended()) == ("service_only", grpc.StatusCode.PERMISSION_DENIED)
    assert user.call("GET", f"/v1/users/{ana}").status_code == 200


def test_a_stream_ends_with_its_token_and_the_next_one_goes_on_from_its_cursor(
    stack: Addresses, api: Api, over_grpc: GrpcApi, people: People
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    fresh = api.as_user(bo).token

    with (
        Line(over_grpc.channel, aged(stack, fresh, LIFETIME - 3)) as line,
        Subscription(over_grpc.channel, aged(stack, api.token, left(api.token) - 3)) as log,
    ):
        line.start()
        line.caught_up()
        before = api.send(conversation, ana, "before")
        line.wait_for("message_accepted", message_id=before)
        problems = [line.problem(), log.problem()]
    after = api.send(conversation, ana, "after")
    with Line(over_grpc.channel, fresh) as again:
        again.start(problems[0]["cursor"])
        again.wait_for("message_accepted", message_id=after)

    assert [found["code"] for found in problems] == ["invalid_token"] * 2
    assert all(found["cursor"] for found in problems)
    assert [said.seq for said in again.events("message_accepted")] == [2]


def test_a_stream_goes_on_with_a_new_token_of_the_same_user_alone(
    stack: Addresses, api: Api, over_grpc: GrpcApi, people: People
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    fresh, anas = api.as_user(bo).token, api.as_user(ana).token

    with Line(over_grpc.channel, aged(stack, fresh, LIFETIME - 3)) as line:
        line.start()
        for name, token in (("hers", anas), ("none", "garbage"), ("service", api.token)):
            line.tell(name, renew=messages_pb2.StreamRenew(token=token))
        refused = [line.answer(name) for name in ("hers", "none", "service")]
        line.tell("own", renew=messages_pb2.StreamRenew(token=fresh))
        until = line.answer("own").done.token_expires_at.ToSeconds()
        time.sleep(4)
        sent = api.send(conversation, ana, "after the first token")
        line.wait_for("message_accepted", message_id=sent)

    assert [answer.WhichOneof("frame") for answer in refused] == ["error"] * 3
    assert until == claims(fresh)["exp"]


def left(token: str) -> int:
    """Seconds that it has."""
    return int(claims(token)["exp"] - time.time())


def claims(token: str) -> dict[str, int]:
    return dict(jwt.decode(token, options={"verify_signature": False}))
