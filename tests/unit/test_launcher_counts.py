"""What the emulator counts for `./scripts/bench --shares`."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

from infra.local.emulator_counts import COUNTS, count

SIGNED = b"AWS4-HMAC-SHA256 Credential=ASIA1/20261123/us-east-1/dynamodb/aws4_request, Signed"


class Worker(SimpleNamespace):
    def invoke(self, event: Any, request_id: str) -> str:
        return "done"


async def answer(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.body", "body": b"answered"})


def test_calls_are_counted_by_who_asks_for_what_and_invocations_by_function() -> None:
    counting = count(answer, Worker)

    def ask(path: str, *headers: tuple[bytes, bytes], method: str = "POST") -> bytes:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "path": path, "method": method, "headers": headers}
        asyncio.run(counting(scope, None, send))
        return bytes(sent[-1]["body"])

    put = ((b"authorization", SIGNED), (b"x-amz-target", b"DynamoDB_20120810.PutItem"))
    assert ask("/", *put) == b"answered"
    ask("/", *put)
    ask("/_aws/execute-api/c4alocal/v1/messages")
    assert Worker(func_name="route").invoke({}, "1") == "done"

    assert json.loads(ask(COUNTS)) == {
        "calls": {"ASIA1 dynamodb.PutItem": 2, "- POST api": 1},
        "invocations": {"route": 1},
    }
