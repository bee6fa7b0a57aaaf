"""Send one event file to the running stack's function that would get it, and print the answer."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local import aws, running
from infra.local.home import Home, StackError

QUEUES = {
    "inbound": "route-message",
    "callbacks": "apply-callback",
    "uploads": "finish-upload",
    "media": "fetch-media",
    "webhooks": "queue-attempts",
    "attempts": "dispatch-webhook",
    "realtime": "push-realtime",
    "erasures": "erase-user",
}
CHANNEL = "channel-"


def function_for(event: dict[str, Any]) -> str:
    """The function, without its stage, that an event of this shape goes to.

    Raises:
        StackError: the shape is none that the template connects.
    """
    if event.get("type") == "REQUEST":
        return "authorize-request"
    if "rawPath" in event:
        webhook = event["rawPath"].startswith("/v1/channels/")
        return "receive-callback" if webhook else "http-api"
    if "connectionId" in event.get("requestContext", {}):
        return "connect-client"
    record = (event.get("Records") or [{}])[0]
    if record.get("eventSource") == "aws:dynamodb":
        return "relay-changes"
    if record.get("eventSource") == "aws:sqs":
        # arn:…:chat4all-STAGE-QUEUE.fifo; a stage has no dash
        name = str(record["eventSourceARN"]).rsplit(":", 1)[-1].removesuffix(".fifo")
        queue = name.split("-", 2)[-1]
        if queue.startswith(CHANNEL):
            return "connector-" + queue.removeprefix(CHANNEL)
        if queue in QUEUES:
            return QUEUES[queue]
    raise StackError("No function takes an event of this shape; name one with --function.")


def read(file: Path) -> dict[str, Any]:
    """Raises StackError: it cannot be read, or is no event."""
    try:
        event = json.loads(file.read_text())
    except OSError as error:
        raise StackError(f"{file} cannot be read: {error.strerror}. Try events/*.json.") from error
    except ValueError as error:
        raise StackError(f"{file} is not JSON: {error}") from error
    if not isinstance(event, dict):
        raise StackError(f"{file} has no event: that is a JSON object.")
    return event


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/replay", description=__doc__)
    parser.add_argument("event", type=Path, help="a file such as events/<name>.json")
    parser.add_argument("--function", help="its name without the stage, such as http-api")
    options = parser.parse_args()
    try:
        event = read(options.event)
        addresses = running.require(Home.from_environment())
        name = (options.function or function_for(event)).replace("_", "-")
        answer = aws.client(addresses.aws_endpoint_url, "lambda").invoke(
            FunctionName=f"chat4all-{addresses.stage}-{name}", Payload=json.dumps(event).encode()
        )
    except (StackError, ClientError, BotoCoreError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{name} answered:", file=sys.stderr)
    print(json.dumps(json.loads(answer["Payload"].read() or b"null"), indent=2))
    return 1 if "FunctionError" in answer else 0


if __name__ == "__main__":
    sys.exit(main())
