"""Runs at the start of every Python whose PYTHONPATH has this folder: workers of the local stack.

It lets them fail as the JSON file in CHAT4ALL_FAULTS says at that moment:
    {"throttle": {"route-message": 0.3, "*": 0.1},     share of the table's calls that are refused
     "clock": {"route-message": 300}}                   seconds that its clock is ahead
"""

import io
import json
import os
import random
import time
from typing import Any

import botocore.handlers
from botocore.awsrequest import AWSResponse

LOOK_EVERY = 0.2  # seconds
REFUSED = {
    "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    "message": "The level of configured provisioned throughput for the table was exceeded.",
}
_time, _time_ns = time.time, time.time_ns
_known: dict[str, dict[str, float]] = {}
_looked_at = 0.0


class Body(io.BytesIO):
    """As urllib3 gives it."""

    def stream(self, **_: object) -> Any:
        yield self.read()


def fault(kind: str) -> float:
    """How much of it this function has now; 0 when none."""
    global _known, _looked_at
    if (now := time.monotonic()) - _looked_at > LOOK_EVERY:
        _looked_at = now
        try:
            with open(os.environ["CHAT4ALL_FAULTS"], "rb") as file:
                _known = json.load(file)
        except (OSError, ValueError):
            _known = {}
    of_kind = _known.get(kind, {})
    name = os.environ.get("POWERTOOLS_SERVICE_NAME", "")
    return float(of_kind.get(name, of_kind.get("*", 0.0)))


def throttle(request: Any, **_: object) -> AWSResponse | None:
    if random.random() >= fault("throttle"):
        return None
    headers = {"Content-Type": "application/x-amz-json-1.0"}
    return AWSResponse(request.url, 400, headers, Body(json.dumps(REFUSED).encode()))


if "CHAT4ALL_FAULTS" in os.environ:
    botocore.handlers.BUILTIN_HANDLERS.append(("before-send.dynamodb", throttle))
    time.time = lambda: _time() + fault("clock")
    time.time_ns = lambda: _time_ns() + int(fault("clock") * 1e9)
