"""What `up --observe` needs of the emulator: the metrics that functions log, and how queues stand.

MiniStack 1.5.33 keeps log lines in a stream of its own for each invocation, so that to look for new
ones takes longer and longer; and its queues tell their depth but not the age of what is in them.
"""

import json
import os
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.local.emulator_logs import LATE

FILE = "metrics.jsonl"
"""In the home, and only while somebody observes: written if it is there."""
LARGEST = 32 * 1024 * 1024
"""Bytes. The exporter empties it long before: more is there only if that was killed."""
QUEUES = "/_chat4all/queues"

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


def keep_metrics(lambda_service: Any, file: Path) -> None:
    """Append each invocation to the file, in one piece: what it counted, line by line, then how it
    ended: {"function": …, "duration_ms": …, "error": …}."""
    original = lambda_service._emit_lambda_logs

    def emit(
        function: Any, request_id: str, text: str, error: bool, duration_ms: int, **more: Any
    ) -> None:
        original(function, request_id, text, error, duration_ms, **more)
        with suppress(FileNotFoundError):
            target = os.open(file, os.O_WRONLY | os.O_APPEND)
            lines = _counted(text)
            if request_id != LATE:  # of an invocation that was noted already
                lines.append(_ended(function, error, duration_ms))
            try:
                if os.fstat(target).st_size < LARGEST:
                    os.write(target, "".join(f"{line}\n" for line in lines).encode())
            finally:
                os.close(target)

    lambda_service._emit_lambda_logs = emit


def _counted(text: str) -> list[str]:
    return [line for line in (text or "").splitlines() if line.startswith('{"_aws":')]


def _ended(function: Any, error: bool, duration_ms: int) -> str:
    name = (function.get("config") or function).get("FunctionName", "")
    return json.dumps({"function": name, "duration_ms": duration_ms, "error": bool(error)})


def tell_queues(app: App, queues: Any) -> App:
    """The application that also answers how its queues stand, at QUEUES."""

    async def telling(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != QUEUES:
            await app(scope, receive, send)
            return
        body = json.dumps(dict(_standing(queues))).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return telling


def _standing(queues: Any) -> Iterator[tuple[str, dict[str, float]]]:
    """Name → messages by state, and the oldest one's age in seconds, whatever its state."""
    now = time.time()
    for queue in list(queues._queues._data.values()):
        messages = list(queue["messages"])
        hidden = [m for m in messages if m["visible_at"] > now]
        delayed = sum(m["receive_count"] == 0 for m in hidden)
        yield (
            queue["name"],
            {
                "visible": len(messages) - len(hidden),
                "in_flight": len(hidden) - delayed,
                "delayed": delayed,
                "oldest": max((now - m["sent_at"] for m in messages), default=0.0),
            },
        )
