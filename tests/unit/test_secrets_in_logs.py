"""The test of the logs finds what it looks for: otherwise it would prove nothing."""

from __future__ import annotations

import json
import re
import time

import pytest
from test_template import RESOURCES

from chat4all.adapters.dynamodb.items import message_item, user_item
from chat4all.message import TextPayload
from chat4all.user import Identity, User
from tests.builders import a_message
from tests.support.secrets_in_logs import leaks, of_items

pytestmark = pytest.mark.req("RNF-009")
ANA = User(
    user_id="ana",
    name="Ana Sofía",
    identities=(Identity(channel="whatsapp", account="1", address="5511987654321"),),
    created_at=1,
)


def in_a_line(value: str) -> list[tuple[str, str]]:
    return [("http-api", json.dumps({"level": "INFO", "message": "m", "reason": f"no: {value}!"}))]


@pytest.mark.parametrize(
    ("secret", "what"),
    [
        ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjNGEifQ.c2ln", "a JWT"),
        ("c4r_abcdefgh12345678", "a refresh token"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a webhook's secret"),
        ("https://b/k?X-Amz-Signature=ab", "a signed URL"),
        ("https://api.example.com/f/AbCdEfGhIjKlMnOp", "a link to a file"),
        ("Authorization: Bearer abcdefgh", "a bearer"),
    ],
)
def test_a_secret_is_known_by_its_looks(secret: str, what: str) -> None:
    assert [leak.what for leak in leaks(in_a_line(secret), {})] == [what]


def test_what_the_table_has_of_people_is_found_wherever_it_stands() -> None:
    text = 'Meet me at "nine", é'
    message = a_message(payload=TextPayload(type="text", text=text))
    reference = {"pk": "PROVIDER#whatsapp#wamid.HBgNNTUxMTk4NzY1NDMyMQ=="}
    known = of_items([message_item(message), user_item(ANA), reference])

    for value in (text, ANA.name, ANA.identities[0].address, "wamid.HBgNNTUxMTk4NzY1NDMyMQ=="):
        (leak,) = leaks(in_a_line(value), known)
        assert value not in leak.line
    assert leaks(in_a_line("of message m-1 in c-1"), known) == []


def test_ten_thousand_texts_are_looked_for_in_seconds() -> None:
    known = {f"text number {n} of many": "what somebody wrote" for n in range(10_000)}
    lines = in_a_line("x" * 300) * 5_000
    began = time.monotonic()

    assert leaks([*lines, *in_a_line("text number 9999 of many")], known) != []
    assert time.monotonic() - began < 10


def test_the_gateways_own_log_has_no_path_no_query_and_no_header() -> None:
    """A path may be a link that lets in whoever has it; the route's pattern is logged instead."""
    stages = {
        name: resource["Properties"].get("AccessLogSettings", {}).get("Format", "")
        for name, resource in RESOURCES.items()
        if resource["Type"] == "AWS::ApiGatewayV2::Stage"
    }

    told = {name: set(re.findall(r"\$context\.([\w.]+)", text)) for name, text in stages.items()}
    assert told == {
        "SocketsStage": set(),
        "ApiStage": {
            "requestId",
            "identity.sourceIp",
            "requestTime",
            "routeKey",
            "status",
            "responseLatency",
            "authorizer.subject",
            "integrationErrorMessage",
        },
    }
