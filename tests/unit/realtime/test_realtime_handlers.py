"""The handlers translate between the gateway, the queue and the use cases."""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from gateway import Gateway, a_gateway

from chat4all.access.limits import Allowance, RateLimited
from chat4all.conversation import ConversationType, NewConversation
from chat4all.events import event_id
from chat4all.timestamps import iso
from chat4all.user import UserProfile
from tests.builders import SERVICE
from tests.cloud import CONTEXT, cloud

pytestmark = pytest.mark.req("RF-009")


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with (
        a_gateway() as made,
        cloud(),
        patch.dict("os.environ", {"SOCKETS_URL": made.url}),
    ):
        from chat4all.bootstrap.chat import conversations, users

        for name in ("ana", "bo"):
            users().put(SERVICE, name, UserProfile())
        pair = NewConversation(type=ConversationType.PRIVATE, members=("ana", "bo"))
        conversations().open(SERVICE, pair)
        yield made


@pytest.fixture(autouse=True)
def nothing_asked(gateway: Gateway) -> None:
    gateway.asked.clear()


def a_token(user_id: str = "ana") -> str:
    from chat4all.bootstrap.access import tokens

    return tokens().for_user(SERVICE, user_id, 900).access_token


def ask(event_type: str, connection_id: str, **more: Any) -> dict[str, Any]:
    from connect_client.handler import lambda_handler

    context = {"eventType": event_type, "connectionId": connection_id, "stage": "local"}
    return lambda_handler({"requestContext": context, "isBase64Encoded": False, **more}, CONTEXT)


def connect(connection_id: str, user_id: str = "ana") -> None:
    protocols = {"Sec-WebSocket-Protocol": f"chat4all, bearer.{a_token(user_id)}"}
    assert ask("CONNECT", connection_id, headers=protocols)["statusCode"] == 200


def push(*bodies: str) -> list[str]:
    """The numbers of the records that are to be offered again."""
    from push_realtime.handler import lambda_handler

    offered = {"receiptHandle": "handle", "attributes": {}}
    records = [{**offered, "messageId": str(n), "body": body} for n, body in enumerate(bodies)]
    answer = lambda_handler({"Records": records}, CONTEXT)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def an_event(kind: str = "user.updated", **data: Any) -> dict[str, Any]:
    now = int(time.time() * 1000)
    return {"id": event_id(now, kind), "type": kind, "timestamp": iso(now), "data": data}


@pytest.mark.usefixtures("gateway")
def test_a_browser_brings_its_token_as_a_protocol() -> None:
    protocols = {"sec-websocket-protocol": f"chat4all, bearer.{a_token()}"}

    answer = ask("CONNECT", "a-1=", headers=protocols)

    assert answer == {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "chat4all"}}


def test_others_bring_it_in_the_query_and_are_offered_no_protocol() -> None:
    answer = ask("CONNECT", "a-2=", headers={}, queryStringParameters={"token": a_token()})

    assert answer == {"statusCode": 200, "headers": {}}


def test_whoever_has_no_good_token_is_refused_and_it_is_not_logged(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    from chat4all.bootstrap.access import clients, tokens

    caplog.set_level(logging.DEBUG)
    registered = clients().register(name="shop")
    client = clients().authenticate(registered.client_id, registered.client_secret)
    service = tokens().for_client(client).access_token
    tampered = a_token() + "x"

    answers = [
        ask("CONNECT", "a-3=", headers=None, queryStringParameters=query)
        for query in (None, {"token": tampered}, {"token": service})
    ]

    codes = [(a["statusCode"], json.loads(a["body"])["code"]) for a in answers]
    assert codes == [(401, "invalid_token"), (401, "invalid_token"), (403, "user_only")]
    told = "".join(capsys.readouterr()) + caplog.text
    assert tampered[:20] not in told and service[:20] not in told


@pytest.mark.req("RNF-009")
def test_whoever_comes_too_often_is_told_when_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from chat4all.bootstrap.realtime import connecting

    def refused(user_id: str) -> None:
        raise RateLimited(Allowance(120, 0, 38))

    monkeypatch.setattr(connecting()._limits, "take_live", refused)

    answer = ask("CONNECT", "a-9=", queryStringParameters={"token": a_token()})

    assert answer["statusCode"] == 429
    assert answer["headers"]["retry-after"] == "38"
    problem = json.loads(answer["body"])
    assert (problem["code"], problem["retry_after"]) == ("rate_limited", 38)


def test_a_frame_is_answered_on_its_socket(gateway: Gateway) -> None:
    connect("a-4=")

    answer = ask("MESSAGE", "a-4=", body='{"action": "ping", "request_id": "r"}')
    binary = base64.b64encode(b'{"action": "dance"}').decode()
    ask("MESSAGE", "a-4=", body=binary, isBase64Encoded=True)

    assert answer == {"statusCode": 200}
    pong, refused = gateway.posted("a-4=")
    assert (pong["type"], pong["request_id"]) == ("pong", "r")
    assert refused["problem"]["code"] == "invalid_request"


def test_a_frame_that_is_no_base64_or_too_large_is_answered_all_the_same(gateway: Gateway) -> None:
    connect("a-5=")

    for body in ("é", "=", "A" * 100_000):
        assert ask("MESSAGE", "a-5=", body=body, isBase64Encoded=True) == {"statusCode": 200}

    codes = [answer["problem"]["code"] for answer in gateway.posted("a-5=")]
    assert codes == ["bad_json", "bad_json", "body_too_large"]


def test_a_client_that_leaves_is_pushed_to_no_more(gateway: Gateway) -> None:
    event = an_event(user_id="bo")
    connect("b-1=", "bo")
    assert push(json.dumps(event)) == []
    assert ask("DISCONNECT", "b-1=") == {"statusCode": 200}
    assert ask("DISCONNECT", "b-1=") == {"statusCode": 200}
    assert push(json.dumps(event)) == []

    assert gateway.posted("b-1=") == [event]


def test_what_cannot_be_read_is_offered_again_until_it_is_put_aside(gateway: Gateway) -> None:
    event = an_event(user_id="bo")
    connect("b-2=", "bo")

    again = push("no json", "[]", '{"id": 1}', '{"data": {}}', json.dumps(event), "[" * 99_999)

    assert again == ["0", "1", "2", "3", "5"]
    assert gateway.posted("b-2=") == [event]


def test_what_the_gateway_does_not_take_is_offered_again(gateway: Gateway) -> None:
    connect("b-3=", "bo")
    gateway.answers["b-3%3D"] = (403, "ForbiddenException")

    again = push(json.dumps(an_event(user_id="bo")), json.dumps(an_event(user_id="ana")))

    assert again == ["0"]
    gateway.answers.clear()
