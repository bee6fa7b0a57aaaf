"""How long each handler takes to import, in a process of its own: the cold start that is ours."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

FUNCTIONS = Path(__file__).parents[2] / "functions"
LIBRARIES = (
    "import boto3, pydantic; from aws_lambda_powertools import Logger; "
    "from aws_lambda_powertools.event_handler import APIGatewayHttpResolver"
)


def measure(runs: int = 7) -> dict[str, float]:
    """Median milliseconds by handler; `libraries` is boto3, Powertools and pydantic alone."""
    handlers = sorted(found.parent.name for found in FUNCTIONS.glob("*/handler.py"))
    code = {"libraries": LIBRARIES} | {h: f"import {h}.handler" for h in handlers}
    return {name: _median(statement, runs) for name, statement in code.items()}


def _median(statement: str, runs: int) -> float:
    program = (
        "import time; begun = time.perf_counter()\n"
        f"{statement}\n"
        "print((time.perf_counter() - begun) * 1000)"
    )
    environment = {**os.environ, "PYTHONPATH": str(FUNCTIONS)}
    times = [
        float(subprocess.check_output([sys.executable, "-c", program], env=environment, text=True))
        for _ in range(runs)
    ]
    return statistics.median(times)
