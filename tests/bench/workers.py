"""Capacity grows with workers: the same load, with a provider that takes its time, for one, two and
four routers and connectors. `./scripts/bench --workers --plot FILE` draws it.

Each queue's mapping has that many batches in flight, so a queue has that many workers at most. A
connector sends the ten messages of a batch side by side: in the time of one answer each can send
ten, and no more.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from chat4all.delivering import AT_ONCE
from infra.local.client import Api, Sandbox, wait_until
from infra.local.running import Addresses
from tests.bench import chain
from tests.bench.generator import run

WORKERS = (1, 2, 4)
MESSAGES = 400
PEOPLE = 100
ANSWER_SECONDS = 1.0
NEVER = {"sent": None, "delivered": None, "read": None}
VARIABLE = "CHAT4ALL_FIFO_CONCURRENCY"

Stack = Callable[[], AbstractContextManager[tuple[Addresses, Api]]]


def measure(a_stack: Stack, messages: int = MESSAGES) -> dict[str, dict[str, float]]:
    """By number of workers: messages a second from the first request until the last was delivered,
    the ratio to one worker's, and the most that the provider allows."""
    found: dict[str, dict[str, float]] = {}
    for workers in WORKERS:
        with at_once(workers), a_stack() as (addresses, api):
            rate = messages / seconds_for(addresses, api, messages)
        first = found["1_workers"]["per_second"] if found else rate
        found[f"{workers}_workers"] = {
            "per_second": rate,
            "ratio": rate / first,
            "most_per_second": workers * AT_ONCE / ANSWER_SECONDS,
        }
    return found


@contextmanager
def at_once(workers: int) -> Iterator[None]:
    """Emulators that start in this block keep so many batches of a FIFO queue in flight."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(workers)
    try:
        yield
    finally:
        os.environ.pop(VARIABLE)
        if before is not None:
            os.environ[VARIABLE] = before


def seconds_for(addresses: Addresses, api: Api, messages: int) -> float:
    """From the first request until the provider has taken all and the queue is empty."""
    sandbox = Sandbox(addresses)
    conversations = chain.people(api, PEOPLE)
    sandbox.ok("PUT", "/settings", {"whatsapp": {"delays": NEVER}})
    _send(addresses, api, conversations, PEOPLE)  # every worker is there then
    _delivered(addresses, sandbox, PEOPLE)
    sandbox.fault("whatsapp", "slow", count=messages, seconds=ANSWER_SECONDS)
    begun = time.perf_counter()
    _send(addresses, api, conversations, messages)
    _delivered(addresses, sandbox, PEOPLE + messages)
    return time.perf_counter() - begun


def _send(addresses: Addresses, api: Api, conversations: list[str], messages: int) -> None:
    """Everybody's first message, then everybody's second: each batch is of ten people."""

    def many(number: int) -> dict[str, Any]:
        first = number * chain.BATCH
        return {
            "messages": [
                chain.message(conversations[(first + i) % len(conversations)], first + i)
                for i in range(chain.BATCH)
            ]
        }

    url = f"{addresses.api_url}/v1/messages/batch"
    run(url, api.token, many, messages // chain.BATCH, 2)


def _delivered(addresses: Addresses, sandbox: Sandbox, messages: int) -> None:
    def all_of_them() -> bool:
        time.sleep(0.05)
        accepted = sandbox.ok("GET", "/stats")["whatsapp"]["sends"]["accepted"]
        return accepted >= messages and chain.waiting(addresses, "channel-whatsapp") == 0

    wait_until(all_of_them, f"{messages} messages to be delivered", 300)


def show(out: Console, found: dict[str, dict[str, float]]) -> None:
    table = Table(
        title=f"A provider that takes {ANSWER_SECONDS:.0f} s for an answer: messages a second",
        title_justify="left",
        min_width=70,
    )
    for column in ("routers and connectors", "a second", "ratio", "most the provider allows"):
        table.add_column(column, justify="right")
    for name, row in found.items():
        table.add_row(
            name.removesuffix("_workers"),
            f"{row['per_second']:.1f}",
            f"{row['ratio']:.2f}",
            f"{row['most_per_second']:.0f}",
        )
    out.print(table)


def plot(found: dict[str, dict[str, float]], file: Path) -> None:
    """A PNG of messages a second over workers, beside what the provider allows."""
    from matplotlib.figure import Figure  # takes a second

    figure = Figure(figsize=(6, 4), dpi=100, layout="constrained")
    axes = figure.subplots()
    workers = [int(name.removesuffix("_workers")) for name in found]
    axes.plot(
        workers,
        [row["most_per_second"] for row in found.values()],
        linestyle="--",
        color="gray",
        label="the provider's limit",
    )
    axes.plot(workers, [r["per_second"] for r in found.values()], marker="o", label="measured")
    axes.set(
        title=f"The provider takes {ANSWER_SECONDS:.0f} s for an answer",
        xlabel="routers and connectors",
        ylabel="messages a second",
        xticks=workers,
        ylim=(0, None),
    )
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(file)
