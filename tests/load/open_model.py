"""An open model: messages arrive when they do, however long the answers take.

Who waits for an answer before the next request sends less when the system is slow, and so never
sees how slow it is ("coordinated omission"). Here each request has its time before the run begins,
and its latency counts from then, also when it was sent late.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.load import arrivals
from tests.load.records import BUSY, STORED, Asked, code_in, wait_before
from tests.load.world import World

ATTEMPTS = 4
"""Of a request that is answered 429 or 503, or whose connection was closed."""
CONNECTIONS = 128
"""At most; who finds none free waits for one, and that counts."""
LOOK = 0.2  # seconds between two looks whether to stop
PATIENCE = aiohttp.ClientTimeout(total=60)
PADDING = "x" * 160


@dataclass(frozen=True)
class Arrivals:
    """`rate` is in messages a second; `batch` of them are one request."""

    rate: float
    seconds: float
    batch: int = 1
    spread: str = "poisson"
    hot: float = 0.0
    seed: int = 0


class OpenModel:
    def __init__(
        self, world: World, token: Callable[[], str], tls: ssl.SSLContext | None = None
    ) -> None:
        self._world, self._token, self._tls = world, token, tls
        self.asked: list[Asked] = []

    def run(self, plan: Arrivals, stop: Callable[[], bool]) -> None:
        """Send all of it, and wait for the answers; `stop` ends it before its time."""
        asyncio.run(self._run(plan, stop))

    async def _run(self, plan: Arrivals, stop: Callable[[], bool]) -> None:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS, ssl=self._tls or True)
        places = arrivals.places(len(self._world.rooms), plan.hot, plan.seed)
        under_way: set[asyncio.Task[None]] = set()
        async with aiohttp.ClientSession(connector=connector, timeout=PATIENCE) as session:
            start = time.time()
            rate = plan.rate / plan.batch
            for at in arrivals.times(rate, plan.seconds, plan.spread, plan.seed):
                while (left := start + at - time.time()) > 0 and not stop():
                    await asyncio.sleep(min(left, LOOK))
                if stop():
                    break
                rooms = [self._world.rooms[next(places)] for _ in range(plan.batch)]
                asked = [
                    Asked(str(uuid.uuid4()), room.conversation_id, start + at) for room in rooms
                ]
                self.asked += asked
                task = asyncio.create_task(self._send(session, asked))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            await asyncio.gather(*under_way)

    async def _send(self, session: aiohttp.ClientSession, asked: list[Asked]) -> None:
        """Never raises: what happened is in the records."""
        for one in asked:
            one.began = time.time()
        if len(asked) == 1:
            path, body = "/v1/messages", self._message(asked[0])
        else:
            path, body = "/v1/messages/batch", {"messages": [self._message(one) for one in asked]}
        for attempt in range(1, ATTEMPTS + 1):
            try:
                pause = await self._post(session, path, body, asked)
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError):
                pause = (
                    0.0  # closed by the other side, perhaps after it had stored it: the same again
                )
            except (TimeoutError, OSError):
                pause = None
            if pause is None or attempt == ATTEMPTS:
                break
            await asyncio.sleep(pause)
        for one in asked:
            one.ended = time.time()

    async def _post(
        self, session: aiohttp.ClientSession, path: str, body: Any, asked: list[Asked]
    ) -> float | None:
        """Seconds until it should be asked again; None: it was answered for good."""
        token = self._token()
        headers = {"authorization": f"Bearer {token}"}
        url = f"{self._world.api_url}{path}"
        async with session.post(url, json=body, headers=headers) as answer:
            content = await answer.read()
            take(asked, answer.status, content)
            if not any(one.status in BUSY for one in asked):
                return None
            times = max(one.busy for one in asked)
            return wait_before(times, answer.headers.get("retry-after"))

    def _message(self, asked: Asked) -> dict[str, Any]:
        text = f"{asked.message_id} {PADDING}"
        return {
            "message_id": asked.message_id,
            "conversation_id": asked.conversation_id,
            "from": self._world.sender,
            "payload": {"type": "text", "text": text},
        }


def take(asked: list[Asked], status: int, content: bytes) -> None:
    """Note an answer in the records; of a batch's each message has its own."""
    if status not in STORED or len(asked) == 1:
        answers = [(status, "" if status in STORED else code_in(content))] * len(asked)
    else:
        items = json.loads(content)["items"]
        errors = [item["error"] or {"status": 202, "code": ""} for item in items]
        answers = [(error["status"], error["code"]) for error in errors]
    for one, (one_status, code) in zip(asked, answers, strict=True):
        one.status, one.code = one_status, code
        one.busy += one.status in BUSY
