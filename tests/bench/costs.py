"""What a message and a limit cost. Counted, not timed: tests/unit/test_cost.py and
test_cost_limits.py hold them to the design's figures."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

import boto3
from moto import mock_aws
from rich.table import Table

from chat4all.adapters.memory import FakeClock
from tests.bench.output import out, show
from tests.support.aws_table import create_table
from tests.support.meter import Meter
from tests.unit.test_cost import report
from tests.unit.test_cost_limits import a_process, passed

MINUTE = 60
"""Requests: the limit of the user in tests/unit/test_cost_limits.py."""
NOWHERE = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def measure() -> dict[str, Any]:
    """Per message, by the size of the batch in which it goes; and of a user's limit."""
    bills = {name: _of_a_batch(bill) for name, bill in report().items()}
    table = Table(
        title="Cost of a message, WhatsApp, accepted → READ", title_justify="left", min_width=70
    )
    for column in ("", *bills):
        table.add_column(column, justify="right")
    for name, value in next(iter(bills.values())).items():
        if not isinstance(value, Mapping):
            table.add_row(name, *(f"{bill[name]:.2f}" for bill in bills.values()))
    out.print(table)
    limits = _of_a_limit()
    show("Cost of a limit: a minute that is used up, one more request", limits)
    return {**bills, "limits": limits}


def _of_a_batch(bill: Mapping[str, Any]) -> dict[str, Any]:
    names = ("write_units", "read_units", "sqs_requests", "lambda_requests", "lambda_ms")
    return {name: bill[name] for name in names} | {
        "api_requests": bill["api_requests"],
        "aws_calls": sum(bill["aws_calls"].values()),
        "dollars_per_million": bill["dollars_per_million_total"],
        "events_dollars_per_million": bill["dollars_per_million_events_beside"],
        "by_operation_calls": bill["aws_calls"],
        "by_service_dollars_per_million": bill["dollars_per_million"],
    }


def _of_a_limit() -> dict[str, float]:
    """Writes for 60 requests in a minute from one process; for one that is refused then."""
    with patch.dict(os.environ, NOWHERE), mock_aws():
        create_table(boto3.client("dynamodb"), "table")
        meter = Meter(boto3.client("dynamodb"))
        limits = a_process(meter, FakeClock())
        passed(limits, MINUTE)
        used_up = meter.write_units
        passed(limits, 1)
        return {"write_units": used_up, "refused_write_units": meter.write_units - used_up}
