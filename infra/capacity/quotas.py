"""What AWS allows one cell, and what a message takes of it.

A cell is one deployment of template.yaml in an account of its own, so that what AWS counts for an
account is counted for a cell. Figures are those of US East (N. Virginia); elsewhere some are lower.
Each names the page of its service's guide (docs.aws.amazon.com) that has it. SQS's, DynamoDB's and
KMS's were compared with those pages (2026-11), and so was Lambda's concurrency; Lambda's requests,
API Gateway's and SNS's are as generally known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chat4all.adapters.dynamodb.event_log import SHARDS
from infra.capacity.figures import MESSAGES_PER_TOKEN, Figures

PARTITION_WRITES, PARTITION_READS = 1_000, 3_000
"""Units a second that DynamoDB takes for one partition, and so for one key."""
FEWEST_PARTITIONS = 4
"""Of a new table on demand: 4,000 write and 12,000 read units a second."""
QUEUE_PARTITION_REQUESTS = 300
"""Requests a second of each action that one partition of a FIFO queue takes."""
STREAM_BATCH = 100
"""As the template's event source mapping has it."""
FASTER_PER_SECOND = 100
"""Lambda starts up to 1,000 executions more of a function in 10 seconds."""
NUMBER_RATE = 80
"""Messages a second that WhatsApp takes from one number; up to 1,000 if Meta raises it."""
REQUESTS_PER_CONCURRENCY = 10
"""Lambda takes so many requests a second for each execution of an account's concurrency quota."""
API_RATE, CALLBACK_RATE = 10_000, 5_000
"""Defaults of template.yaml's parameters ApiRate and CallbackRate."""


@dataclass(frozen=True)
class Quota:
    name: str
    value: float
    unit: str
    raisable: bool
    source: str
    use: Callable[[Figures], float]
    """Units of it that one message a second takes."""
    parameter: str = ""
    """The template's parameter that sets it, where it is a throttle of our own."""


def _busiest_queue(figures: Figures) -> float:
    return max(figures.queue_requests.values(), default=0.0)


def concurrency(figures: Figures) -> dict[str, float]:
    """Executions side by side at one message a second (Little's law: arrivals times duration)."""
    return {name: ms / 1000 for name, ms in figures.milliseconds.items()}


def _in_flight(figures: Figures) -> float:
    """Of the queue that has most. A batch is in flight until its last message is done."""
    held = [
        figures.items[name] * figures.milliseconds[name] / figures.invocations[name] / 1000
        for name in figures.milliseconds
        if name.startswith(("connector-", "route_", "apply_"))
    ]
    return max(held, default=0.0)


def _breaker_reads(figures: Figures) -> float:
    """Every connector's process reads its channel's breaker once a second, not strongly."""
    busy = concurrency(figures)
    return max((busy[name] / 2 for name in busy if name.startswith("connector-")), default=0.0)


LAMBDA_REQUESTS, LAMBDA_CONCURRENCY = "Lambda requests", "Lambda concurrency"
QUOTAS = (
    Quota(
        "API Gateway requests",
        10_000,
        "requests/s of an account",
        True,
        "API Gateway, account-level throttling",
        lambda f: f.api_requests,
    ),
    Quota(
        "Throttle of the API's routes",
        API_RATE,
        "requests/s of the gateway",
        True,
        "ours: template.yaml",
        lambda f: f.api_requests,
        "ApiRate",
    ),
    Quota(
        "Throttle of callbacks",
        CALLBACK_RATE,
        "requests/s of their route",
        True,
        "ours: template.yaml",
        lambda f: f.invocations.get("receive_callback", 0.0),
        "CallbackRate",
    ),
    Quota(
        LAMBDA_REQUESTS,
        10_000,
        "requests/s of an account",
        True,
        "Lambda, concurrency: ten for each execution of its quota",
        lambda f: sum(f.invocations.values()),
    ),
    Quota(
        LAMBDA_CONCURRENCY,
        1_000,
        "executions of an account",
        True,
        "Lambda, compute and storage",
        lambda f: sum(concurrency(f).values()),
    ),
    Quota(
        "Table writes",
        40_000,
        "write units/s of a table",
        True,
        "DynamoDB, on-demand throughput per table",
        lambda f: f.write_units + f.log_write_units,
    ),
    Quota(
        "Table reads",
        40_000,
        "read units/s of a table",
        True,
        "DynamoDB, on-demand throughput per table",
        lambda f: f.read_units,
    ),
    Quota(
        "Event log, its shards of a day",
        SHARDS * PARTITION_WRITES,
        f"write units/s of {SHARDS} keys",
        False,
        "DynamoDB, throughput of a partition",
        lambda f: f.log_write_units,
    ),
    Quota(
        "Relay's reads of one key",
        PARTITION_READS,
        "read units/s of a key",
        False,
        "DynamoDB, throughput of a partition",
        lambda f: f.invocations.get("relay_changes", 0.0),
    ),
    Quota(
        "Breaker of a channel, one key",
        PARTITION_READS,
        "read units/s of a key",
        False,
        "DynamoDB, throughput of a partition",
        _breaker_reads,
    ),
    Quota(
        "FIFO queue, busiest action",
        70_000,
        "requests/s of a queue and action",
        False,
        "SQS, high throughput for FIFO queues",
        _busiest_queue,
    ),
    Quota(
        "FIFO queue, in flight",
        120_000,
        "messages of a queue",
        True,
        "SQS, FIFO queue quotas",
        _in_flight,
    ),
    Quota(
        "SNS publishes",
        30_000,
        "messages/s of an account",
        True,
        "SNS, API throttling of standard topics",
        lambda f: f.events,
    ),
    Quota(
        "KMS signatures of tokens",
        1_000,
        "RSA requests/s of an account",
        True,
        "KMS, request quotas",
        lambda f: 1 / MESSAGES_PER_TOKEN,
    ),
)
