"""Messages: accepted, and through the whole chain; imports, callbacks, listing and cost besides."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table

from infra.local import aws
from infra.local.client import Api
from infra.local.mappings import paused
from infra.local.running import Addresses
from tests.bench import bare, callbacks, chain, imports
from tests.bench.generator import Result, run
from tests.unit.test_cost import report

CONNECTIONS = (1, 8, 32)
out = Console(highlight=False, width=110)


def measure(addresses: Addresses, api: Api, scale: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"import_ms": imports.measure()}
    figures["callback_ms"] = callbacks.measure(100)
    show("Import time, ms (median)", figures["import_ms"])
    show("A callback with 100 updates: own work before the queue, ms", figures["callback_ms"])
    conversations = chain.people(api, 50)
    figures["accept"] = accept(addresses, api, conversations, 200 * scale)
    figures["batch_accept"] = batch_accept(addresses, api, conversations, 40 * scale)
    figures["chain"] = {}
    for batch in (1, chain.BATCH):
        result = chain.measure(addresses, api, conversations, 400 * scale, batch)
        figures["chain"][f"batch {batch}"] = chain_figures(result)
    show_chain(figures["chain"])
    figures["latency_ms"] = latency(addresses, api, conversations[0], 10 * scale)
    figures["listing_ms"] = listing(api, 1000)
    return figures | {"cost": cost()}


def accept(
    addresses: Addresses, api: Api, conversations: list[str], requests: int
) -> dict[str, Any]:
    """Ours and the bare Lambda by turns, three times each, with the router paused for both:
    what is compared is the front."""
    api_id = addresses.api_url.rsplit("/", 1)[-1]
    urls = {"ours": f"{addresses.api_url}/v1/messages", "bare": bare.deploy(addresses, api_id)}
    found: dict[str, Any] = {}
    with front_alone(addresses):
        for connections in CONNECTIONS:
            results: dict[str, list[Result]] = {"ours": [], "bare": []}
            for name in ("ours", "bare"):  # warm up
                run(urls[name], api.token, body(conversations), 4 * connections, connections)
            for _ in range(3):
                for name in ("ours", "bare"):
                    results[name].append(
                        run(urls[name], api.token, body(conversations), requests, connections)
                    )
            found[str(connections)] = {n: accept_figures(r) for n, r in results.items()}
            row = found[str(connections)]
            row["ratio"] = row["ours"]["per_second"] / row["bare"]["per_second"]
    table = Table(title="Accept one message (router paused)", title_justify="left", min_width=70)
    for column in ("connections", "ours/s", "p50 ms", "p99 ms", "bare/s", "p50 ms", "ours/bare"):
        table.add_column(column, justify="right")
    for connections, row in found.items():
        ours, other = row["ours"], row["bare"]
        table.add_row(
            connections,
            f"{ours['per_second']:.0f}",
            f"{ours['p50_ms']:.1f}",
            f"{ours['p99_ms']:.1f}",
            f"{other['per_second']:.0f}",
            f"{other['p50_ms']:.1f}",
            f"{row['ratio']:.2f}",
        )
    out.print(table)
    return found


def body(conversations: list[str]) -> Any:
    return lambda number: chain.message(conversations[number % len(conversations)], number)


def accept_figures(results: list[Result]) -> dict[str, float]:
    return {
        "per_second": statistics.median(r.rate for r in results),
        "p50_ms": statistics.median(r.percentile(0.5) for r in results),
        "p99_ms": statistics.median(r.percentile(0.99) for r in results),
    }


def batch_accept(
    addresses: Addresses, api: Api, conversations: list[str], requests: int
) -> dict[str, float]:
    size = chain.BATCH

    def many(number: int) -> dict[str, Any]:
        first = number * size
        return {
            "messages": [
                chain.message(conversations[(first + i) % len(conversations)], first + i)
                for i in range(size)
            ]
        }

    with front_alone(addresses):
        url = f"{addresses.api_url}/v1/messages/batch"
        run(url, api.token, many, 8, 4)
        results = [run(url, api.token, many, requests, 4) for _ in range(3)]
    found = accept_figures(results)
    found["messages_per_second"] = found["per_second"] * size
    show("Accept 25 messages a request, 4 connections (router paused)", found)
    return found


@contextmanager
def front_alone(addresses: Addresses) -> Iterator[None]:
    """What the front accepts waits in `inbound` for the while, and is thrown away then."""
    with paused(addresses, "route-message"):
        yield
        sqs = aws.client(addresses.aws_endpoint_url, "sqs")
        name = f"chat4all-{addresses.stage}-inbound.fifo"
        sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])


def chain_figures(result: chain.ChainResult) -> dict[str, float]:
    def at(times: list[int], share: float) -> int:
        return times[min(len(times) - 1, int(len(times) * share))]

    return {
        "messages": result.messages,
        "accept_per_second": result.accept_rate,
        "to_read_per_second": result.rate,
        "to_provider_p50_ms": at(result.to_provider, 0.5),
        "to_provider_p99_ms": at(result.to_provider, 0.99),
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


def cost() -> dict[str, Any]:
    """Counted, not timed: tests/unit/test_cost.py holds these to the design's limits."""
    found: dict[str, Any] = report()
    table = Table(
        title="Cost of a message, WhatsApp, accepted → READ", title_justify="left", min_width=70
    )
    for column in ("", *found):
        table.add_column(column, justify="right")
    for name, value in next(iter(found.values())).items():
        if isinstance(value, float):
            table.add_row(name, *(f"{found[batch][name]:.2f}" for batch in found))
    table.add_row("aws_calls", *(f"{sum(f['aws_calls'].values()):.1f}" for f in found.values()))
    out.print(table)
    return found


def show(title: str, figures: dict[str, float]) -> None:
    table = Table(title=title, title_justify="left", min_width=70, show_header=False)
    for name, value in figures.items():
        table.add_row(name, f"{value:.1f}")
    out.print(table)


def show_chain(figures: dict[str, dict[str, float]]) -> None:
    table = Table(title="The whole chain: accepted → READ", title_justify="left", min_width=70)
    table.add_column("")
    for name in figures:
        table.add_column(name, justify="right")
    for name in next(iter(figures.values())):
        table.add_row(name, *(f"{figures[kind][name]:.0f}" for kind in figures))
    out.print(table)
