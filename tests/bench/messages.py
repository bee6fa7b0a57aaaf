"""Messages: accepted, and through the whole chain; callbacks and listing besides."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rich.table import Table

from infra.local.client import Api
from infra.local.running import Addresses
from tests.bench import callbacks, chain
from tests.bench.front import accept, batch_accept
from tests.bench.listening import everybody_listens
from tests.bench.output import out, show

RUNS = 3
"""Of the whole chain, by the batch: a run is short, and the machine has its moods."""


def measure(addresses: Addresses, api: Api, scale: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"callback_ms": callbacks.measure(100)}
    show("A callback with 100 updates: own work before the queue, ms", figures["callback_ms"])
    conversations = chain.people(api, 50)
    figures["accept"] = accept(addresses, api, conversations, 200 * scale)
    figures["batch_accept"] = batch_accept(addresses, api, conversations, 40 * scale)
    figures["chain"] = whole_chain(addresses, api, conversations, 400 * scale)
    show_chain(figures["chain"])
    figures["latency_ms"] = latency(addresses, api, conversations[0], 10 * scale)
    figures["listing_ms"] = listing(api, 1000)
    # last: what is told goes on for a while after the messages are READ
    figures["listened_to"] = listened_to(addresses, api, conversations, 400 * scale)
    show_chain({"and somebody hears of everything": figures["listened_to"]})
    return figures


def whole_chain(
    addresses: Addresses, api: Api, conversations: list[str], messages: int
) -> dict[str, Any]:
    """One a request, in one run; by the batch, in some."""
    return {
        f"batch {batch}": chain_figures(
            [chain.measure(addresses, api, conversations, messages, batch) for _ in range(runs)]
        )
        for batch, runs in ((1, 1), (chain.BATCH, RUNS))
    }


def listened_to(
    addresses: Addresses, api: Api, conversations: list[str], messages: int
) -> dict[str, float]:
    """By the batch, while somebody is told of everything."""
    with everybody_listens(addresses, api):
        result = chain.measure(addresses, api, conversations, messages, chain.BATCH)
    return chain_figures([result])


def chain_figures(results: list[chain.ChainResult]) -> dict[str, float]:
    """Of runs of the same size: medians, and the rates of the slowest and the quickest."""

    def at(times: list[int], share: float) -> int:
        return times[min(len(times) - 1, int(len(times) * share))]

    def middle(of: Callable[[chain.ChainResult], float]) -> float:
        return statistics.median(map(of, results))

    rates = [result.rate for result in results]
    return {
        "messages": results[0].messages,
        "accept_per_second": middle(lambda result: result.accept_rate),
        "to_read_per_second": statistics.median(rates),
        "lowest_to_read_per_second": min(rates),
        "highest_to_read_per_second": max(rates),
        "to_provider_p50_ms": middle(lambda result: at(result.to_provider, 0.5)),
        "to_provider_p99_ms": middle(lambda result: at(result.to_provider, 0.99)),
    }


def latency(addresses: Addresses, api: Api, conversation: str, messages: int) -> dict[str, float]:
    """One message after the other, nothing else going on, as a client sees it."""
    times = chain.latencies(addresses, api, conversation, messages)
    found = {"p50": statistics.median(times), "p99": times[int(len(times) * 0.99)]}
    show("From the request until the API says READ, ms (one at a time)", found)
    return found


def listing(api: Api, conversations: int) -> dict[str, float]:
    """The first page of 20 for somebody with many conversations, all active within the hour."""
    api.user("busy", "Busy")
    with ThreadPoolExecutor(8) as pool:
        people = [f"friend{n}" for n in range(conversations)]
        list(pool.map(lambda p: api.user(p, p), people))
        list(pool.map(lambda p: api.conversation("busy", p), people))
    busy, times = api.as_user("busy"), []
    for _ in range(20):
        begun = time.perf_counter()
        busy.ok("GET", "/v1/conversations")
        times.append((time.perf_counter() - begun) * 1000)
    found = {"p50": statistics.median(times), "max": max(times)}
    show(f"GET /v1/conversations with {conversations} conversations, ms", found)
    return found


def show_chain(figures: dict[str, dict[str, float]]) -> None:
    table = Table(title="The whole chain: accepted → READ", title_justify="left", min_width=70)
    table.add_column("")
    for name in figures:
        table.add_column(name, justify="right")
    for name in next(iter(figures.values())):
        table.add_row(name, *(f"{figures[kind][name]:.0f}" for kind in figures))
    out.print(table)
