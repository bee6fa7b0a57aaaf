"""Draw one message's journey through every hop, out of the functions' log lines."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from uuid import UUID

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from infra.local import aws, running
from infra.local.home import Home, StackError
from infra.local.traces import Hop, hops_of, lines_about, lines_of_file, to_collector
from infra.local.waterfall import waterfall

HOURS = 24
"""Back from now, of a stack on AWS: CloudWatch looks through all lines of that time."""
WIDE = 160
"""Columns where the output is no terminal."""


def find(message_id: str, stage: str | None = None, hours: float = HOURS) -> list[Hop]:
    """The hops of a message, of the running local stack or of a stage on AWS.

    Raises:
        StackError: no line tells of it, or nothing runs.
    """
    if stage is not None:
        aws.is_meant(stage)
        since = int((time.time() - hours * 3600) * 1000)
        lines = list(lines_about(boto3.client("logs"), stage, message_id, since))
    else:
        home = Home.from_environment()
        addresses = running.require(home)
        logs = aws.client(addresses.aws_endpoint_url, "logs")
        lines = list(lines_about(logs, addresses.stage, message_id))
        lines += lines_of_file(home.log("grpc"), message_id)
    hops = hops_of(lines, message_id)
    if not hops:
        raise StackError(
            f"No log line tells of message {message_id}. Is it an id that POST /v1/messages "
            "answered, and of this stack? Its lines come a second after it was accepted."
        )
    return hops


def show(hops: Sequence[Hop]) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDE)
    console.print(waterfall(hops))


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/trace", description=__doc__)
    parser.add_argument("message_id", metavar="MESSAGE_ID")
    parser.add_argument("--json", action="store_true", help="the spans, as one JSON array")
    parser.add_argument("--otlp", metavar="URL", help="send them to this OTLP/HTTP collector")
    parser.add_argument("--aws", metavar="STAGE", help="of this stage on AWS, by your credentials")
    parser.add_argument(
        "--hours", type=float, default=HOURS, help=f"with --aws: so far back ({HOURS})"
    )
    options = parser.parse_args()
    try:
        hops = find(str(UUID(options.message_id)), options.aws, options.hours)
        if options.otlp:
            reason = to_collector(options.otlp, hops)
            if reason is not None:
                raise StackError(f"The collector at {options.otlp} did not take them: {reason}")
    except ValueError:
        print(f"{options.message_id!r} is no message id: that is a UUID.", file=sys.stderr)
        return 2
    except (StackError, ClientError, BotoCoreError) as error:
        print(error, file=sys.stderr)
        return 1
    try:
        if options.json:
            print(json.dumps([hop.shown() for hop in hops], indent=2), flush=True)
        else:
            show(hops)
    except BrokenPipeError:  # nobody reads any more: `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
