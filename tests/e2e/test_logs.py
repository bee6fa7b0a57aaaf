"""No secret and nothing personal is in any line that the stack's functions logged. It runs last
(see conftest.py), over the lines of all tests before it and what the table has of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from boto3.dynamodb.types import TypeDeserializer

from infra.local import aws
from infra.local.client import Api, Sandbox, wait_until
from infra.local.home import Home
from infra.local.running import Addresses
from tests.e2e.conftest import People
from tests.support.secrets_in_logs import leaks, of_items

pytestmark = pytest.mark.req("RNF-009")
AT_ONCE = 10_000
"""Lines that the emulator answers at most. It has no token for the next ones."""
OF_THE_RUNTIME = ("START RequestId", "END RequestId", "REPORT RequestId")


def test_no_secret_and_nothing_personal_is_in_any_log(
    request: pytest.FixtureRequest, stack: Addresses, api: Api, people: People, sandbox: Sandbox
) -> None:
    something_happens(api, people, sandbox)
    known = {**of_items(items_of(stack)), **secrets_of(stack), api.token: "a token"}
    lines = list(lines_of(stack))

    assert lines and known
    assert leaks(lines, known) == []
    counted = Counter(log for log, _ in lines)
    if whole_suite(request):
        assert [log for log in (*groups_of(stack), "grpc-front") if not counted[log]] == []
    planted = [("a-log", f"said {value}") for value in known]
    assert len(leaks(planted, known)) >= len(known), "else it would find nothing"


def something_happens(api: Api, people: People, sandbox: Sandbox) -> None:
    """For whoever runs this test alone: a text goes out and its answer comes in."""
    (ana, _), (bo, addresses) = people.on(), people.on("whatsapp")
    conversation = api.conversation(ana, bo)
    api.wait_for_status(api.send(conversation, ana, "Only Bo may read this"), "DELIVERED", "READ")
    sandbox.writes(addresses["whatsapp"], "whatsapp", "Only Ana may read that")
    wait_until(lambda: len(api.history(conversation)) == 2, "the answer")


def lines_of(stack: Addresses) -> Iterator[tuple[str, str]]:
    """Every line of every function and of the gRPC front, with its name."""
    for line in Home(Path(stack.home)).log("grpc").read_text().splitlines():
        yield "grpc-front", line
    logs = aws.client(stack.aws_endpoint_url, "logs")
    for group in groups_of(stack):
        since = 0
        while True:
            found = logs.filter_log_events(
                logGroupName=f"/aws/lambda/chat4all-{stack.stage}-{group}",
                startTime=since,
                limit=AT_ONCE,
            )["events"]
            for event in found:
                for line in event["message"].splitlines():
                    if not line.startswith(OF_THE_RUNTIME):
                        yield group, line
            if len(found) < AT_ONCE:
                break
            until = found[-1]["timestamp"]
            assert until > since, "more lines in a millisecond than one answer has room for"
            since = until  # the last millisecond's again, as some may be missing


def groups_of(stack: Addresses) -> list[str]:
    logs = aws.client(stack.aws_endpoint_url, "logs")
    prefix = f"/aws/lambda/chat4all-{stack.stage}-"
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
    names = [group["logGroupName"] for page in pages for group in page["logGroups"]]
    return [name.removeprefix(prefix) for name in names]


def items_of(stack: Addresses) -> Iterator[dict[str, object]]:
    table = aws.client(stack.aws_endpoint_url, "dynamodb")
    read = TypeDeserializer().deserialize
    for page in table.get_paginator("scan").paginate(TableName=stack.table_name):
        for item in page["Items"]:
            yield {name: read(value) for name, value in item.items()}


def secrets_of(stack: Addresses) -> dict[str, str]:
    """The API client's, and those of the channels."""
    channels = Home(Path(stack.home)).read("secrets.json")
    found = {value: "a channel's secret" for of in channels.values() for value in of.values()}
    return {**found, stack.client_secret: "the API client's secret"}


def whole_suite(request: pytest.FixtureRequest) -> bool:
    """Whether every file of these tests was asked for."""
    ran = {Path(item.path) for item in request.session.items}
    return set(Path(__file__).parent.glob("test_*.py")) <= ran
