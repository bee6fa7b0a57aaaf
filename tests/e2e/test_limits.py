"""A caller's minute, counted across the processes that serve it at the same time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from infra.client.realtime_line import Line
from infra.local import aws
from infra.local.client import Api
from infra.local.running import Addresses
from tests.e2e.conftest import People

pytestmark = pytest.mark.req("RNF-009")
LIMIT = 60
"""Requests a minute, in every user's token unless their client says otherwise."""


def within_one_minute(seconds: int) -> None:
    """Wait for the next one if this one has not so many seconds left: it would count anew there."""
    left = 60 - time.time() % 60
    if left < seconds:
        time.sleep(left)


def test_a_user_who_writes_too_much_is_refused_and_costs_no_more(
    stack: Addresses, api: Api, people: People
) -> None:
    ana, _ = people.on()
    user = api.as_user(ana)

    def rename(number: int) -> httpx.Response:
        return user.call("PUT", f"/v1/users/{ana}", {"name": f"Ana {number}"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: user.call("GET", f"/v1/users/{ana}"), range(16)))  # all are warm
        within_one_minute(15)
        answers = list(pool.map(rename, range(LIMIT + 20)))
    leased = _leased(stack, ana)
    refused = [rename(number) for number in range(10)][-1]

    passed = [a for a in answers if a.status_code == 200]
    assert LIMIT / 2 <= len(passed) <= LIMIT
    assert {a.status_code for a in answers} == {200, 429}
    assert {a.headers["ratelimit-limit"] for a in answers} == {str(LIMIT)}
    assert refused.json()["code"] == "rate_limited"
    assert refused.headers["retry-after"] == refused.headers["ratelimit-reset"]
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert user.call("GET", f"/v1/users/{ana}").status_code == 200, "reading does not count"
    assert leased >= LIMIT
    assert _leased(stack, ana) - leased <= 10 * 8, "a lease a process at most, all of them in vain"
    _over_a_socket(stack, user.token)


def _over_a_socket(stack: Addresses, token: str) -> None:
    """The minute is the same one."""
    nowhere = "00000000-0000-4000-8000-000000000404"
    read = {"action": "read", "request_id": "1", "conversation_id": nowhere, "up_to_seq": 1}
    with Line(stack.sockets_url, token) as line:
        line.tell(read)
        [answer] = line.heard(10)

    assert answer["problem"]["code"] == "rate_limited"
    assert 1 <= answer["problem"]["retry_after"] <= 60


def _leased(stack: Addresses, user_id: str) -> int:
    """Of the user's latest minute, by all processes."""
    found = aws.client(stack.aws_endpoint_url, "dynamodb").query(
        TableName=stack.table_name,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"RATE#user#{user_id}"}},
        ScanIndexForward=False,
    )["Items"]
    return int(found[0]["leased"]["N"])
