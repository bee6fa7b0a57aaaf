"""Whether a dead and a slow subscriber hold a healthy one back, and how fast we post."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from infra.local import aws
from infra.local.client import Api, wait_until
from infra.local.receiver import Answer, Receiver
from infra.local.running import Addresses
from tests.bench.pacing import percentile, send

RATE = 10
SECONDS = 12.0
TURNS = 5
TARGET = 1.2
REPLAYED = 2000
BATCH = 25


def measure(
    addresses: Addresses, api: Api, turns: int = TURNS, seconds: float = SECONDS
) -> dict[str, Any]:
    """Alone and in bad company by turns, in one run; then a replay, as fast as it goes."""
    conversations = _people(api)
    times: dict[str, list[list[float]]] = {"alone": [], "with others": []}
    with Receiver() as receiver, Receiver() as down:
        down.stop()
        receiver.always(Answer(wait=10), path="/slow")
        with endpoint(api, receiver.url("/fine")):
            for turn in range(turns + 1):
                for name, found in times.items():
                    with ExitStack() as others:
                        if name == "with others":
                            others.enter_context(endpoint(api, receiver.url("/slow")))
                            others.enter_context(endpoint(api, down.url("/dead")))
                        took = seconds if turn else 3
                        heard = _heard(addresses, api, receiver, conversations, took)
                    if turn:  # the first one is to warm up
                        found.append(heard)
                    wait_until(lambda: _waiting(addresses) == 0, "the slow one's posts", 60)
            figures: dict[str, Any] = {name: _figures(found) for name, found in times.items()}
        figures["p99_ratio"] = figures["with others"]["p99_ms"] / figures["alone"]["p99_ms"]
        figures["throughput"] = _throughput(api, receiver, conversations)
    return figures


@contextmanager
def endpoint(api: Api, url: str, **more: Any) -> Iterator[dict[str, Any]]:
    body = {"url": url, "types": ["message.accepted"], **more}
    made = api.ok("POST", "/v1/webhooks", body)
    try:
        yield made
    finally:
        api.ok("DELETE", f"/v1/webhooks/{made['webhook_id']}")


def _people(api: Api) -> list[str]:
    api.user("talker", "Talker")
    return [
        api.conversation("talker", api.user(f"listener{number}", f"Listener {number}"))
        for number in range(10)
    ]


def _heard(
    addresses: Addresses, api: Api, receiver: Receiver, conversations: list[str], seconds: float
) -> list[float]:
    """Milliseconds from each event's time until the healthy one had it."""
    receiver.forget()
    sent = send(addresses, api, conversations, "talker", RATE, seconds)
    wait_until(
        lambda: len(receiver.deliveries("/fine")) >= len(sent.accepted), "all deliveries", 60
    )
    return [
        (delivery.at - _seconds(delivery.event()["timestamp"])) * 1000
        for delivery in receiver.deliveries("/fine")
    ]


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


def _figures(turns: list[list[float]]) -> dict[str, float]:
    """Medians of the turns: what else the machine does for a moment is in one of them."""
    return {
        "events": sum(map(len, turns)),
        "p50_ms": statistics.median(percentile(turn, 0.5) for turn in turns),
        "p99_ms": statistics.median(percentile(turn, 0.99) for turn in turns),
    }


def _waiting(addresses: Addresses) -> int:
    """Attempts that are queued or under way."""
    time.sleep(0.2)
    sqs = aws.client(addresses.aws_endpoint_url, "sqs")
    url = sqs.get_queue_url(QueueName=f"chat4all-{addresses.stage}-attempts.fifo")["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def _throughput(api: Api, receiver: Receiver, conversations: list[str]) -> dict[str, float]:
    """Posts a second while a replay runs and nothing else does."""
    began, batches = time.time(), REPLAYED // BATCH
    for batch in range(batches):
        messages = [
            {
                "conversation_id": conversations[(batch + number) % len(conversations)],
                "from": "talker",
                "payload": {"type": "text", "text": "x" * 100},
            }
            for number in range(BATCH)
        ]
        api.ok("POST", "/v1/messages/batch", {"messages": messages})
    _logged(api, began, batches * BATCH)
    receiver.forget()
    with endpoint(api, receiver.url("/replayed")) as made:
        since = datetime.fromtimestamp(began - 1, UTC).isoformat()
        api.ok("POST", f"/v1/webhooks/{made['webhook_id']}/replay", {"since": since})
        wait_until(
            lambda: len(receiver.deliveries("/replayed")) >= batches * BATCH, "the replay", 120
        )
    times = [delivery.at for delivery in receiver.deliveries("/replayed")]
    return {"posts": len(times), "per_second": len(times) / (max(times) - min(times))}


def _logged(api: Api, began: float, messages: int) -> None:
    """Until the log shows so many."""
    query = {
        "types": "message.accepted",
        "since": datetime.fromtimestamp(began - 1, UTC).isoformat(),
        "limit": 100,
    }
    seen, after = 0, None

    def all_there() -> bool:
        nonlocal seen, after
        page = api.ok("GET", "/v1/events", params=query | ({"after": after} if after else {}))
        seen, after = seen + len(page["items"]), page["next_cursor"]
        if not page["has_more"]:
            time.sleep(0.5)
        return seen >= messages

    wait_until(all_there, f"{messages} messages in the log", 120)


def show(out: Console, found: dict[str, Any]) -> None:
    table = Table(
        title=f"Event → healthy webhook, {RATE} events/s, medians of turns",
        title_justify="left",
        min_width=70,
    )
    for column in ("", "events", "p50 ms", "p99 ms"):
        table.add_column(column, justify="right")
    for name in ("alone", "with others"):
        row = found[name]
        table.add_row(name, str(row["events"]), f"{row['p50_ms']:.1f}", f"{row['p99_ms']:.1f}")
    out.print(table)
    out.print(
        f"p99 with a dead and a slow one / alone: {found['p99_ratio']:.2f} (target ≤ {TARGET})"
    )
    out.print(f"Posts of a replay: {found['throughput']['per_second']:.0f}/s\n")
