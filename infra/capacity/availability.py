"""What AWS's service level agreements promise for the way to a 202, multiplied."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from infra.capacity.report import Page

SLAS = {
    "API Gateway": 99.95,
    "Lambda": 99.95,
    "DynamoDB": 99.99,
    "SQS": 99.9,
    "KMS": 99.999,
    "load balancer": 99.99,
    "Fargate": 99.99,
}
"""Percent of a month, one region. KMS: aws.amazon.com/kms/sla, of 2022-11. The others, which are at
aws.amazon.com/legal/service-level-agreements, are as generally known."""
REQUIRED = 99.95
WAYS: tuple[tuple[str, Sequence[str]], ...] = (
    ("REST, as it is", ("API Gateway", "Lambda", "DynamoDB", "KMS", "SQS")),
    ("gRPC, as it is", ("load balancer", "Fargate", "DynamoDB", "KMS", "SQS")),
    ("REST, if the stream filled the queue", ("API Gateway", "Lambda", "DynamoDB", "KMS")),
    ("gRPC, if the stream filled the queue", ("load balancer", "Fargate", "DynamoDB", "KMS")),
)
MINUTES_A_MONTH = 730 * 60


def promised(services: Sequence[str]) -> float:
    """Percent, when a request needs all of them and each fails by itself."""
    return 100 * prod(SLAS[service] / 100 for service in services)


def page() -> Page:
    rows = [
        [
            f"{way}: {', '.join(services)}",
            f"{promised(services):.3f} %",
            f"{minutes(promised(services)):.0f}",
            "yes" if promised(services) >= REQUIRED else "no",
        ]
        for way, services in WAYS
    ]
    rows.append(["required", f"{REQUIRED} %", f"{minutes(REQUIRED):.0f}", ""])
    return Page("What is promised", ["way to a 202", "promised", "minutes a month", "enough"], rows)


def minutes(percent: float) -> float:
    """Of a month, in which it may be down."""
    return (1 - percent / 100) * MINUTES_A_MONTH
