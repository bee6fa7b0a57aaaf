"""The whole chain: messages by the batch, accepted to READ, as the table has recorded it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from infra.local import aws
from infra.local.client import Api, Sandbox, wait_until
from infra.local.running import Addresses
from tests.bench.generator import Result, run

BATCH = 25


@dataclass(frozen=True)
class ChainResult:
    messages: int
    accept_seconds: float
    seconds: float
    to_provider: list[int]
    """Milliseconds from each message's 202 until its provider had taken it."""

    @property
    def rate(self) -> float:
        """Messages a second, from the first request until the last callback was applied."""
        return self.messages / self.seconds

    @property
    def accept_rate(self) -> float:
        return self.messages / self.accept_seconds


def people(api: Api, conversations: int) -> list[str]:
    """So many private conversations, each with a person on WhatsApp; their ids."""
    api.user("agent", "Agent")
    found = []
    for number in range(conversations):
        person = api.user(f"person{number}", f"Person {number}", whatsapp=f"55119{number:08d}")
        found.append(api.conversation("agent", person))
    return found


def measure(
    addresses: Addresses, api: Api, conversations: list[str], messages: int, batch: int
) -> ChainResult:
    """Send, then wait until every message is READ.

    Raises:
        AssertionError: some never were.
    """
    before = set(_receipts(addresses))
    sent, seconds = burst(addresses, api, conversations, messages, batch)
    wanted = messages // batch * batch
    found = wait_until(lambda: all_read(addresses, before, wanted), "all to be READ", 60)
    accepted = _accepted(addresses, set(found))
    return ChainResult(
        messages=len(found),
        accept_seconds=sent.elapsed,
        seconds=seconds,
        to_provider=sorted(int(r["sent#0"]["N"]) - accepted[k] for k, r in found.items()),
    )


def burst(
    addresses: Addresses, api: Api, conversations: list[str], messages: int, batch: int
) -> tuple[Result, float]:
    """Send, then wait until all was called back for and applied: the requests, and the seconds from
    the first one to the last callback."""
    sandbox = Sandbox(addresses)
    idle = {"sent": 0, "delivered": 0, "read": 0}
    sandbox.ok("PUT", "/settings", {c: {"delays": idle} for c in ("whatsapp", "instagram")})

    wanted = messages // batch * batch

    def called_back() -> bool:
        time.sleep(0.1)  # looking costs little: the chain has the processors to itself
        stats = sandbox.ok("GET", "/stats")["whatsapp"]
        accepted = stats["sends"]["accepted"] - sends
        done = accepted >= wanted and stats["callbacks"]["pending"] == 0
        return done and waiting(addresses, "callbacks") == 0

    sends = sandbox.ok("GET", "/stats")["whatsapp"]["sends"]["accepted"]
    begun = time.perf_counter()
    if batch == 1:
        sent = run(
            f"{addresses.api_url}/v1/messages",
            api.token,
            lambda n: message(conversations[n % len(conversations)], n),
            messages,
            8,
        )
    else:
        sent = run(
            f"{addresses.api_url}/v1/messages/batch",
            api.token,
            lambda n: {
                "messages": [
                    message(conversations[(n * batch + i) % len(conversations)], n * batch + i)
                    for i in range(batch)
                ]
            },
            messages // batch,
            4,
        )
    wait_until(called_back, f"{wanted} messages to be called back for", 300)
    return sent, time.perf_counter() - begun


def waiting(addresses: Addresses, queue: str) -> int:
    """Messages in a queue, those that are being worked on included."""
    sqs = aws.client(addresses.aws_endpoint_url, "sqs")
    url = sqs.get_queue_url(QueueName=f"chat4all-{addresses.stage}-{queue}.fifo")["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def latencies(addresses: Addresses, api: Api, conversation_id: str, messages: int) -> list[float]:
    """Milliseconds from each 202 until the API said READ, one message after the other."""
    found = []
    for number in range(messages):
        begun = time.perf_counter()
        sent = api.ok("POST", "/v1/messages", message(conversation_id, number))["message_id"]
        api.wait_for_status(sent, "READ")
        found.append((time.perf_counter() - begun) * 1000)
    return sorted(found)


def all_read(addresses: Addresses, before: set[str], wanted: int) -> dict[str, Any] | None:
    found = {k: item for k, item in _receipts(addresses).items() if k not in before}
    return found if sum("read#0" in item for item in found.values()) >= wanted else None


def message(conversation_id: str, number: int) -> dict[str, Any]:
    return {
        "conversation_id": conversation_id,
        "from": "agent",
        "payload": {"type": "text", "text": f"{number} " + "x" * 200},
    }


def _receipts(addresses: Addresses) -> dict[str, dict[str, Any]]:
    return {item["pk"]["S"]: item for item in _scan(addresses, "RECEIPTS")}


def _accepted(addresses: Addresses, wanted: set[str]) -> dict[str, int]:
    rows = _scan(addresses, "MSG")
    return {i["pk"]["S"]: int(i["accepted_at"]["N"]) for i in rows if i["pk"]["S"] in wanted}


def _scan(addresses: Addresses, sk: str) -> list[dict[str, Any]]:
    pages = aws.client(addresses.aws_endpoint_url, "dynamodb").get_paginator("scan")
    request = {
        "TableName": addresses.table_name,
        "FilterExpression": "sk = :sk",
        "ExpressionAttributeValues": {":sk": {"S": sk}},
    }
    return [item for page in pages.paginate(**request) for item in page["Items"]]
