"""What reached the emulator: AWS calls by caller, and invocations by function.

With CHAT4ALL_COUNT_CALLS=1 in its environment the emulator counts them and answers with the counts
at COUNTS. `./scripts/bench --shares` reads them.
"""

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

COUNTS = "/_chat4all/counts"
_CREDENTIAL = re.compile(rb"Credential=([^/]+)/\d+/[^/]+/([^/]+)/")

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


class Counts:
    """Since the start: calls by access key and operation, such as `ASIA… DynamoDB.PutItem`;
    invocations by function."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.invocations: Counter[str] = Counter()

    def note(self, scope: Scope) -> None:
        headers = dict(scope["headers"])
        if signed := _CREDENTIAL.search(headers.get(b"authorization", b"")):
            key, service = (part.decode() for part in signed.groups())
            target = headers.get(b"x-amz-target", b"").decode()
            _, _, operation = target.partition(".")
            self.calls[f"{key} {service}.{operation or scope['method']}"] += 1
        else:
            self.calls[f"- {scope['method']} api"] += 1


def count(app: App, worker: Any) -> App:
    """The application that counts what it is asked for; `worker` is the class whose `invoke` runs
    functions."""
    counts = Counts()
    invoke = worker.invoke

    def invoke_counted(self: Any, *args: Any, **options: Any) -> Any:
        counts.invocations[self.func_name] += 1
        return invoke(self, *args, **options)

    async def counting(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
        elif scope["path"] == COUNTS:
            body = json.dumps(vars(counts)).encode()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": body})
        else:
            counts.note(scope)
            await app(scope, receive, send)

    worker.invoke = invoke_counted
    return counting
