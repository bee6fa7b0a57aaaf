"""AWS list prices, US East (N. Virginia), arm64, on demand: dollars per million of each.

Source: the price pages of each service as summed up in the project's notes on providers
(2026-11): DynamoDB $0.625 a million write and $0.125 a million read request units, SQS FIFO $0.50,
Lambda $0.20 and $0.0000133334 a GB-second, SNS $0.50, HTTP API $1.00. As generally known, and not
looked up: CloudWatch Logs $0.50 a GB taken in, DynamoDB $0.25 a GB kept for a month and $0.20 for
its point-in-time recovery. Free tiers and the discounts of large amounts are left out, and so is
traffic to the internet.
"""

from __future__ import annotations

from collections.abc import Mapping

WRITE_UNIT = 0.625
READ_UNIT = 0.125
SQS_REQUEST = 0.50
SNS_REQUEST = 0.50
"""For a call of PublishBatch with up to ten events of 64 KB in all, and so by calls, not events:
batches "reduce the costs by a factor of up to 10" (SNS developer guide, "Message batching")."""
LAMBDA_REQUEST = 0.20
GB_SECOND = 13.3334
API_REQUEST = 1.00
LOG_KB = 0.50
"""A million KB is a GB."""
STORED_KB_MONTH = 0.25 + 0.20

MEMORY_GB = 0.5
"""As template.yaml has it for all functions on a message's way."""

FIXED_MS: Mapping[str, float] = {
    "http_api": 12,
    "route_message": 14,
    "deliver_message": 10,
    "receive_callback": 5,
    "apply_callback": 9,
    "relay_changes": 18,
    "authorize_request": 5,
}
"""Assumed, not measured: what an invocation takes on AWS whatever it brings (its table and queue
calls at about 4 ms each, and 1 ms of ours)."""

PER_ITEM_MS = 1.0
"""Assumed: what each message more in a batch adds."""

PROVIDER_MS = 250.0
"""Assumed: a provider's answer to a send. A batch sends side by side, so it pays this once."""

LOG_KB_PER_LINE = 0.6
"""Assumed: one line of JSON for each message at each step of its way."""

LOG_KB_PER_INVOCATION = 0.3
"""Assumed: what Lambda, or the gateway's access log, writes about an invocation by itself."""

LOG_KB_PER_METRICS = 0.5
"""Assumed: the line of metrics (EMF) at the end of an invocation that counts messages."""

COUNTS_MESSAGES = ("http_api", "route_message", "connector-", "apply_callback")
"""Functions that write such a line; `connector-` stands for one of each channel."""


def milliseconds(function: str, items: int) -> float:
    """How long one invocation with so many messages takes."""
    waiting = PROVIDER_MS if function == "deliver_message" else 0.0
    return FIXED_MS[function] + waiting + PER_ITEM_MS * (items - 1)
