"""How many cells, what is in each, what to ask AWS for, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from infra.capacity import prices
from infra.capacity.figures import Amounts, Figures
from infra.capacity.quotas import (
    FASTER_PER_SECOND,
    FEWEST_PARTITIONS,
    LAMBDA_CONCURRENCY,
    LAMBDA_REQUESTS,
    NUMBER_RATE,
    PARTITION_READS,
    PARTITION_WRITES,
    QUEUE_PARTITION_REQUESTS,
    QUOTAS,
    REQUESTS_PER_CONCURRENCY,
    STREAM_BATCH,
    Quota,
    concurrency,
)

SECONDS_A_MONTH = 730 * 3600
FULL = 0.8
"""How much of a quota is planned with. The rest is for what nobody foresaw."""


@dataclass(frozen=True)
class Limit:
    quota: Quota
    per_message: float
    cell_rate: float
    """Messages a second at which one cell reaches what is planned with."""
    cells: int
    """So many it takes if this quota stays as it is."""
    ask: int | None
    """What each cell needs instead; None where it is enough as it is, or cannot be raised."""


@dataclass(frozen=True)
class Function:
    name: str
    invocations: float
    milliseconds: float
    concurrency: float
    seconds_to_start: float
    """From none at all to all of them, as fast as Lambda starts them."""


@dataclass(frozen=True)
class Plan:
    """All rates are per second; those of `functions`, `queues` and the table are of one cell."""

    rate: float
    peak: float
    figures: Figures
    limits: list[Limit]
    cells: int
    cells_unraised: int
    functions: list[Function]
    queues: Amounts
    queue_partitions: dict[str, int]
    write_units: float
    read_units: float
    partitions: int
    fullness: float
    """Of a partition, 0 to 1."""
    parallelization: int
    numbers: int
    dollars_per_million: Amounts
    dollars_a_month: Amounts

    def binding(self) -> Limit:
        """The quota that decides how many cells there are."""
        return min((one for one in self.limits if not one.quota.raisable), key=_cell_rate)

    def first_hit(self) -> Limit:
        """The quota that a growing cell reaches first when AWS is asked for nothing."""
        return min((one for one in self.limits if not one.quota.parameter), key=_cell_rate)


def _cell_rate(limit: Limit) -> float:
    return limit.cell_rate


def planned(
    figures: Figures, messages_per_minute: float, burst: float = 1.0, full: float = FULL
) -> Plan:
    """Quotas are compared with the rate times `burst`, dollars come from the rate alone.

    Cells are as many as the quotas that AWS does not raise ask for; the others are to be raised.
    """
    rate = messages_per_minute / 60
    peak = rate * burst
    needed = {q.name: cells_for(peak, q.use(figures), q.value * full) for q in QUOTAS}
    cells = max(needed[quota.name] for quota in QUOTAS if not quota.raisable)
    each = peak / cells
    writes = each * (figures.write_units + figures.log_write_units)
    reads = each * figures.read_units
    busiest = max(writes / PARTITION_WRITES, reads / PARTITION_READS)
    partitions = partitions_for(busiest, figures, each, full)
    queues = _by_queue(figures.queue_requests)
    whatsapp = each * figures.items.get("connector-whatsapp", 0)
    limits = _together([_limit(q, figures, full, needed[q.name], each) for q in QUOTAS])
    per_million = dollars(figures)
    return Plan(
        rate=rate,
        peak=peak,
        figures=figures,
        limits=sorted(limits, key=_cell_rate),
        cells=cells,
        cells_unraised=max(needed[quota.name] for quota in QUOTAS if not quota.parameter),
        functions=_functions(figures, each),
        queues={name: each * requests for name, requests in queues.items()},
        queue_partitions={
            name: math.ceil(each * requests / QUEUE_PARTITION_REQUESTS)
            for name, requests in queues.items()
        },
        write_units=writes,
        read_units=reads,
        partitions=partitions,
        fullness=busiest / partitions,
        parallelization=_parallelization(each * figures.items.get("relay_changes", 0), partitions),
        numbers=cells * math.ceil(round(whatsapp / NUMBER_RATE / full, 9)),
        dollars_per_million=per_million,
        dollars_a_month={k: v * rate * SECONDS_A_MONTH / 1e6 for k, v in per_million.items()},
    )


def cells_for(peak: float, per_message: float, allowed: float) -> int:
    """How many cells it takes to have `peak` messages a second, of which each takes so much."""
    return max(1, math.ceil(round(peak * per_message / allowed, 9)))


def partitions_for(busiest: float, figures: Figures, each: float, full: float) -> int:
    """Partitions of a cell's table: so many that none is fuller than `full`, and so many that the
    relay's batches are as small as the figures have them.

    A shard of the stream belongs to each partition, and without a window its relay takes at once
    what came while it was busy: it is never idle, and there are as many shards as relays at work.
    Fewer, fuller partitions would make batches larger, which is cheaper.
    """
    relays = each * figures.milliseconds.get("relay_changes", 0.0) / 1000
    return max(FEWEST_PARTITIONS, math.ceil(round(busiest / full, 9)), math.ceil(round(relays, 9)))


def _together(limits: list[Limit]) -> list[Limit]:
    """Lambda's requests are raised by raising its concurrency, so that one is asked for both."""
    requests = next(one.ask for one in limits if one.quota.name == LAMBDA_REQUESTS)
    if requests is None:
        return limits
    least = math.ceil(requests / REQUESTS_PER_CONCURRENCY)
    return [
        replace(one, ask=max(one.ask or 0, least)) if one.quota.name == LAMBDA_CONCURRENCY else one
        for one in limits
    ]


def _limit(quota: Quota, figures: Figures, full: float, cells: int, each: float) -> Limit:
    per_message = quota.use(figures)
    enough = each * per_message / full
    return Limit(
        quota=quota,
        per_message=per_message,
        cell_rate=quota.value * full / per_message if per_message else math.inf,
        cells=cells,
        ask=math.ceil(enough) if quota.raisable and round(enough, 6) > quota.value else None,
    )


def _functions(figures: Figures, each: float) -> list[Function]:
    return [
        Function(
            name=name,
            invocations=each * figures.invocations[name],
            milliseconds=figures.milliseconds[name] / figures.invocations[name],
            concurrency=each * busy,
            seconds_to_start=each * busy / FASTER_PER_SECOND,
        )
        for name, busy in concurrency(figures).items()
        if busy
    ]


def _by_queue(requests: Mapping[str, float]) -> Amounts:
    """Requests of the action that a queue gets most of."""
    found: Amounts = {}
    for name, count in requests.items():
        queue, _, _ = name.partition(" ")
        found[queue] = max(found.get(queue, 0.0), count)
    return found


def _parallelization(records: float, shards: int) -> int:
    """How many batches of a shard the relay must take side by side: a shard for each partition."""
    taken = STREAM_BATCH / (prices.milliseconds("relay_changes", STREAM_BATCH) / 1000)
    return max(1, math.ceil(records / shards / taken))


def dollars(figures: Figures) -> Amounts:
    """Dollars per million messages, by service; what is kept, for each month that it is."""
    lines = sum(figures.items.values()) * prices.LOG_KB_PER_LINE
    runs = (sum(figures.invocations.values()) + figures.api_requests) * prices.LOG_KB_PER_INVOCATION
    metrics = sum(
        runs
        for name, runs in figures.invocations.items()
        if name.startswith(prices.COUNTS_MESSAGES)
    )
    gb_seconds = sum(figures.milliseconds.values()) / 1000 * prices.MEMORY_GB
    return {
        "DynamoDB writes": (figures.write_units + figures.log_write_units) * prices.WRITE_UNIT,
        "DynamoDB reads": figures.read_units * prices.READ_UNIT,
        "DynamoDB, kept for a month": figures.stored_kb * prices.STORED_KB_MONTH,
        "SQS": sum(figures.queue_requests.values()) * prices.SQS_REQUEST,
        "SNS": figures.publishes * prices.SNS_REQUEST,
        "Lambda requests": sum(figures.invocations.values()) * prices.LAMBDA_REQUEST,
        "Lambda time": gb_seconds * prices.GB_SECOND,
        "HTTP API": figures.api_requests * prices.API_REQUEST,
        "CloudWatch Logs": (lines + runs + metrics * prices.LOG_KB_PER_METRICS) * prices.LOG_KB,
    }
