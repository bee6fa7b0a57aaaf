"""The whole chain: messages by the batch, accepted to READ, as the table has recorded it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from infra.local import aws
from infra.local.client import Api, Sandbox, wait_until
from infra.local.running import Addresses
from tests.bench.generator import run

BATCH = 25


@dataclass(frozen=True)
class ChainResult:
    messages: int
    accept_seconds: float
    seconds: float
    to_provider: list[int]
    to_read: list[int]

    @property
    def rate(self) -> float:
        """Messages a second, from the first request to the last READ."""
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
    sandbox = Sandbox(addresses)
    idle = {"sent": 0, "delivered": 0, "read": 0}
    sandbox.ok("PUT", "/settings", {c: {"delays": idle} for c in ("whatsapp", "instagram")})
    before = set(_receipts(addresses))
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
    place = f"messages to be READ, of {messages}"

    def all_read() -> dict[str, dict[str, Any]] | None:
        time.sleep(0.3)
        found = {k: v for k, v in _receipts(addresses).items() if k not in before}
        read = sum("read#0" in item for item in found.values())
        return found if read >= messages // batch * batch else None

    found = wait_until(all_read, place, 300)
    last = max(int(item["read#0"]["N"]) for item in found.values())
    now_wall, now_perf = time.time(), time.perf_counter()
    seconds = (last / 1000) - (now_wall - (now_perf - begun))
    accepted = _accepted(addresses, set(found))
    return ChainResult(
        messages=len(found),
        accept_seconds=sent.elapsed,
        seconds=seconds,
        to_provider=sorted(int(r["sent#0"]["N"]) - accepted[k] for k, r in found.items()),
        to_read=sorted(int(r["read#0"]["N"]) - accepted[k] for k, r in found.items()),
    )


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
