"""Both front doors in the same run, on the same stack: REST, gRPC, and the one over the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
from rich.console import Console
from rich.table import Table

from grpc_front.generated.chat4all.v1 import messages_pb2 as pb
from infra.local.client import Api
from infra.local.running import Addresses
from tests.bench import chain, grpc_load
from tests.bench.front import accept_figures, body, front_alone
from tests.bench.generator import Result, run, spread
from tests.bench.pacing import send
from tests.bench.realtime import Crowd, figures, token_of

AT_ONCE = 16
BATCHES_AT_ONCE = 4
STREAMS = 8
USERS = 10
RATE = 20
SECONDS = 15.0
ROUNDS = 3
"""By turns, so that what else the machine does meets both doors; the medians are shown."""
OPTIONS = [("grpc.keepalive_time_ms", 60_000)]


def measure(
    addresses: Addresses, api: Api, requests: int = 400, seconds: float = SECONDS
) -> dict[str, Any]:
    """What is accepted waits in a paused queue; only for the pushes does the whole chain run."""
    with grpc.insecure_channel(addresses.grpc_address, options=OPTIONS) as channel:
        conversations = chain.people(api, 50)
        with front_alone(addresses):
            found = {
                "unary": unary(addresses, api, channel, conversations, requests),
                "batch": batches(addresses, api, channel, conversations, requests // 8),
                "streams": streams(api, channel, conversations, requests * 2),
            }
        return found | {"pushed": pushed(addresses, api, channel, seconds)}


def unary(
    addresses: Addresses, api: Api, channel: grpc.Channel, conversations: list[str], requests: int
) -> dict[str, Any]:
    """One after the other, and 16 at once: REST over 16 connections, gRPC over one."""
    url, make = f"{addresses.api_url}/v1/messages", body(conversations)
    calls = grpc_load.calling(
        channel,
        api.token,
        "Messages/Send",
        pb.MessagesSendResponse,
        lambda number: pb.MessagesSendRequest(message=grpc_load.new(make(number))),
    )
    return {
        f"{workers} at once": by_turns(
            lambda n, workers=workers: run(url, api.token, make, n, workers),
            lambda n, workers=workers: spread(calls, n, workers),
            requests if workers > 1 else requests // 2,
        )
        for workers in (1, AT_ONCE)
    }


def batches(
    addresses: Addresses, api: Api, channel: grpc.Channel, conversations: list[str], requests: int
) -> dict[str, Any]:
    """25 messages a request, 4 requests at once. Rates are of messages."""
    make = body(conversations)

    def many(number: int) -> list[dict[str, Any]]:
        return [make(number * chain.BATCH + i) for i in range(chain.BATCH)]

    calls = grpc_load.calling(
        channel,
        api.token,
        "Messages/SendBatch",
        pb.MessagesSendBatchResponse,
        lambda number: pb.MessagesSendBatchRequest(messages=map(grpc_load.new, many(number))),
    )
    url = f"{addresses.api_url}/v1/messages/batch"
    found = by_turns(
        lambda n: run(url, api.token, lambda i: {"messages": many(i)}, n, BATCHES_AT_ONCE),
        lambda n: spread(calls, n, BATCHES_AT_ONCE),
        requests,
    )
    for door in ("rest", "grpc"):
        found[door]["per_second"] *= chain.BATCH
    return found


def by_turns(
    rest: Callable[[int], Result], grpc_: Callable[[int], Result], requests: int
) -> dict[str, Any]:
    results: dict[str, list[Result]] = {"rest": [], "grpc": []}
    doors = {"rest": rest, "grpc": grpc_}
    for door in doors.values():  # warm up
        door(max(4, requests // 10))
    for _ in range(ROUNDS):
        for name, door in doors.items():
            results[name].append(door(requests))
    found: dict[str, Any] = {name: accept_figures(result) for name, result in results.items()}
    ratio = found["grpc"]["per_second"] / found["rest"]["per_second"]
    return found | {"ratio": ratio}


def streams(
    api: Api, channel: grpc.Channel, conversations: list[str], messages: int
) -> dict[str, Any]:
    """Messages.Stream sending, over one stream and over eight, as fast as it is answered."""
    make = body(conversations)
    found = {}
    for count in (1, STREAMS):
        each = messages // count
        bodies = [[make(s * each + n) for n in range(each)] for s in range(count)]
        grpc_load.streaming(channel, api.token, [bodies[0][: each // 4]])  # warm up
        results = [grpc_load.streaming(channel, api.token, bodies) for _ in range(ROUNDS)]
        found[f"{count} stream{'s' * (count > 1)}"] = accept_figures(results)
    return found


def pushed(
    addresses: Addresses, api: Api, channel: grpc.Channel, seconds: float
) -> dict[str, dict[str, float]]:
    """The same messages to the same users, one kind of listener after the other."""
    api.user("talker", "Talker")
    users = [api.user(f"hearing{number}", f"Hearing {number}") for number in range(USERS)]
    conversations = [api.conversation("talker", user) for user in users]
    tokens = [token_of(api, user) for user in users]
    found = {}

    def turn(heard: dict[str, float]) -> dict[str, float]:
        send(addresses, api, conversations, "talker", RATE, 3)  # warm up
        return figures(heard, send(addresses, api, conversations, "talker", RATE, seconds))

    listeners = grpc_load.Listeners(channel)
    listeners.subscribe(api.token)
    found["Events.Subscribe"] = turn(listeners.pushed)
    listeners.close()
    listeners = grpc_load.Listeners(channel)
    for token in tokens:
        listeners.stream(token)
    found["Messages.Stream"] = turn(listeners.pushed)
    listeners.close()
    crowd = Crowd(addresses.sockets_url)  # last: pushes to sockets cost the others time
    try:
        crowd.open(tokens)
        found["WebSocket"] = turn(crowd.pushed)
    finally:
        crowd.close()
    return found


def show(out: Console, found: dict[str, Any]) -> None:
    table = Table(title="Accept (router paused)", title_justify="left", min_width=70)
    for column in ("", "REST/s", "p50 ms", "p99 ms", "gRPC/s", "p50 ms", "p99 ms", "gRPC/REST"):
        table.add_column(column, justify="right")
    pairs = {**found["unary"], f"{BATCHES_AT_ONCE} × 25 a request": found["batch"]}
    for name, row in pairs.items():
        table.add_row(name, *_cells(row["rest"]), *_cells(row["grpc"]), f"{row['ratio']:.2f}")
    for name, row in found["streams"].items():
        table.add_row(name, "", "", "", *_cells(row), "")
    out.print(table)
    table = Table(title=f"Accept → pushed, {RATE}/s", title_justify="left", min_width=70)
    table.add_column("")
    for listener in found["pushed"]:
        table.add_column(listener, justify="right")
    for name in next(iter(found["pushed"].values())):
        table.add_row(name, *(f"{row[name]:g}" for row in found["pushed"].values()))
    out.print(table)


def _cells(row: dict[str, float]) -> list[str]:
    return [f"{row['per_second']:.0f}", f"{row['p50_ms']:.1f}", f"{row['p99_ms']:.1f}"]
