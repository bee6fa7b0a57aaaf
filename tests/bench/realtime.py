"""From a message's 202 until it is pushed, with many who are connected and hear nothing."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from infra.local.client import Api, wait_until
from infra.local.running import Addresses
from tests.bench.pacing import Sent, percentile, send

IDLE = 500
PAIRS = 10
RATES = (20, 100)
SECONDS = 30.0
TARGET_MS = 200
OPENING = 16
"""Handshakes at once."""


class Crowd:
    """Connections of one event loop in a thread of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._open: list[ClientConnection] = []
        self._listening: list[asyncio.Task[None]] = []
        self.pushed: dict[str, float] = {}
        """When each message was first heard of, in seconds since 1970, by its id."""
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def open(self, tokens: list[str]) -> float:
        """Connect with each token; the seconds that it took."""
        begun = time.perf_counter()
        asyncio.run_coroutine_threadsafe(self._connect(tokens), self._loop).result()
        return time.perf_counter() - begun

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _connect(self, tokens: list[str]) -> None:
        gate = asyncio.Semaphore(OPENING)

        async def one(token: str) -> None:
            async with gate:
                connection = await connect(
                    self._url,
                    subprotocols=[Subprotocol("chat4all"), Subprotocol(f"bearer.{token}")],
                    ping_interval=None,  # idle is idle
                    compression=None,
                    open_timeout=60,
                )
            self._open.append(connection)
            self._listening.append(asyncio.create_task(self._hear(connection)))

        await asyncio.gather(*(one(token) for token in tokens))

    async def _hear(self, connection: ClientConnection) -> None:
        async for frame in connection:
            now = time.time()
            event = json.loads(frame)
            if event["type"] == "message.accepted":
                self.pushed.setdefault(event["data"]["message_id"], now)

    async def _close(self) -> None:
        await asyncio.gather(*(connection.close() for connection in self._open))
        await asyncio.gather(*self._listening, return_exceptions=True)


def measure(
    addresses: Addresses, api: Api, idle: int = IDLE, seconds: float = SECONDS
) -> dict[str, Any]:
    """Who sends is not connected: what is timed are the pushes to those who receive."""
    silent = [f"idle{number}" for number in range(idle)]
    hearing = [f"hearing{number}" for number in range(PAIRS)]
    api.user("talker", "Talker")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda user: api.user(user, user), silent + hearing))
        tokens = list(pool.map(lambda user: token_of(api, user), silent + hearing))
    conversations = [api.conversation("talker", user) for user in hearing]
    crowd = Crowd(addresses.sockets_url)
    try:
        opened = crowd.open(tokens)
        found: dict[str, Any] = {
            "connections": len(tokens),
            "opened_per_second": len(tokens) / opened,
        }
        send(addresses, api, conversations, "talker", 20, 3)  # warm up
        for rate in RATES:
            sent = send(addresses, api, conversations, "talker", rate, seconds)
            found[f"{rate}/s"] = figures(crowd.pushed, sent)
    finally:
        crowd.close()
    return found


def token_of(api: Api, user: str) -> str:
    return str(api.ok("POST", f"/v1/users/{user}/token", {"expires_in": 900})["access_token"])


def figures(pushed_at: Mapping[str, float], sent: Sent) -> dict[str, float]:
    """`pushed_at`: when each message was heard of, by its id; more may come meanwhile."""

    def here() -> bool:
        time.sleep(0.1)
        return sent.accepted.keys() <= pushed_at.keys()

    with suppress(AssertionError):  # counted as lost
        wait_until(here, "all of them", 60)
    pushed = [message_id for message_id in sent.accepted if message_id in pushed_at]
    from_accept = [(pushed_at[m] - sent.accepted[m]) * 1000 for m in pushed]
    from_request = [(pushed_at[m] - sent.asked[m]) * 1000 for m in pushed]
    return {
        "messages": len(sent.accepted),
        "per_second": sent.rate,
        "accept_to_push_p50_ms": percentile(from_accept, 0.5),
        "accept_to_push_p99_ms": percentile(from_accept, 0.99),
        "request_to_push_p50_ms": percentile(from_request, 0.5),
        "request_to_push_p99_ms": percentile(from_request, 0.99),
        "lost": len(sent.accepted) - len(pushed),
    }


def show(out: Console, found: dict[str, Any]) -> None:
    rates = [name for name in found if name.endswith("/s")]
    table = Table(title="Accept → pushed", title_justify="left", min_width=70)
    table.add_column("")
    for rate in rates:
        table.add_column(rate, justify="right")
    for name in found[rates[0]]:
        table.add_row(name, *(f"{found[rate][name]:.1f}" for rate in rates))
    out.print(table)
    out.print(
        f"{found['connections']} connections, opened {found['opened_per_second']:.0f}/s; "
        f"target: p99 from accept under {TARGET_MS} ms at 20/s\n"
    )
