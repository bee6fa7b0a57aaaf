"""The front alone: what accepting takes, beside a bare Lambda that makes the same AWS calls."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.table import Table

from infra.local import aws
from infra.local.client import Api
from infra.local.mappings import paused
from infra.local.running import Addresses
from tests.bench import bare, chain
from tests.bench.generator import Result, run
from tests.bench.output import out, show

CONNECTIONS = (1, 8, 32)


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
            row: dict[str, Any] = {name: accept_figures(each) for name, each in results.items()}
            name = f"{connections} connection{'s' * (connections > 1)}"
            found[name] = row | ratios(results["ours"], results["bare"])
    table = Table(title="Accept one message (router paused)", title_justify="left", min_width=70)
    for column in ("", "ours/s", "p50 ms", "p99 ms", "bare/s", "p50 ms", "ours/bare"):
        table.add_column(column, justify="right")
    for name, row in found.items():
        ours, other = row["ours"], row["bare"]
        table.add_row(
            name,
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


def ratios(ours: list[Result], others: list[Result]) -> dict[str, float]:
    """Of the medians of the rates; and of the rates of each turn, the lowest and the highest."""
    turns = [one.rate / other.rate for one, other in zip(ours, others, strict=True)]
    median = statistics.median(r.rate for r in ours) / statistics.median(r.rate for r in others)
    return {"ratio": median, "lowest_ratio": min(turns), "highest_ratio": max(turns)}


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
