"""Print the running stack's events as they come, by a webhook of its own that lasts as long."""

from __future__ import annotations

import argparse
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx
from rich.console import Console
from rich.text import Text
from standardwebhooks import WebhookVerificationError

from infra.local import running
from infra.local.client import Api
from infra.local.home import Home, StackError
from infra.local.receiver import Delivery, Receiver

LOOK = 0.2
"""Seconds between two looks at whether to stop."""
LOOK_AT_STACK = 2.0
SHOWN = (
    "conversation_id", "seq", "message_id", "from", "user_id", "channel", "status", "up_to_seq",
    "file_id", "code", "typing", "webhook_id", "reason",
)  # fmt: skip
"""Fields of `data` that a line shows, in this order."""

told = Console(stderr=True, highlight=False, soft_wrap=True)


class Listening:
    """Deliveries on their way from the receiver's thread to whoever prints them."""

    def __init__(self, home: Home, stop: threading.Event) -> None:
        self._home, self._stop = home, stop
        self.came: queue.Queue[Delivery] = queue.Queue()

    def deliveries(self) -> Iterator[Delivery]:
        """Until it is asked to stop.

        Raises:
            StackError: the stack is gone.
        """
        looked = time.monotonic()
        while not self._stop.is_set():
            try:
                yield self.came.get(timeout=LOOK)
            except queue.Empty:
                if time.monotonic() - looked > LOOK_AT_STACK:
                    looked = time.monotonic()
                    running.require(self._home)


@contextmanager
def endpoint(api: Api, wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A webhook for the length of a block; removed whatever happens in it.

    Raises:
        StackError: the API does not take it; the message has its reasons.
    """
    answer = api.call("POST", "/v1/webhooks", wanted)
    if answer.is_error:
        raise StackError(f"The API took no webhook: {_reason(answer)}")
    made = answer.json()
    try:
        yield made
    finally:
        path = f"/v1/webhooks/{made['webhook_id']}"
        try:
            gone = api.call("DELETE", path)
            if gone.is_error and gone.status_code != 404:
                told.print(f"It could not be removed: {_reason(gone)}. Remove it: DELETE {path}")
        except httpx.HTTPError as error:
            told.print(f"It could not be removed ({error!r}). Remove it: DELETE {path}")


def _reason(answer: httpx.Response) -> str:
    try:
        found = answer.json()
    except ValueError:
        return f"{answer.status_code} {answer.text}"
    return f"{answer.status_code} {found.get('code', '')}: {found.get('detail') or found}"


def line(event: dict[str, Any]) -> Text:
    """Time, type, and the ids that matter."""
    data = event["data"]
    at = datetime.fromisoformat(event["timestamp"].replace("Z", "+00:00")).astimezone()
    text = Text(f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}  ")
    text.append(f"{event['type']:<21}", style="bold red" if "fail" in event["type"] else "bold")
    for name in SHOWN:
        if data.get(name) is not None:
            text.append(f"  {name}=", style="dim").append(str(data[name]))
    return text


def listen(addresses: running.Addresses, options: argparse.Namespace, stop: threading.Event) -> int:
    """Prints until `stop`; the endpoint is gone when this returns or raises."""
    listening = Listening(Home.from_environment(), stop)
    out = Console(highlight=False, soft_wrap=True)
    types = [name.strip() for name in options.types.split(",") if name.strip()]
    wanted: dict[str, Any] = {"types": types, "description": "scripts/listen"}
    if options.conversation:
        wanted["conversation_id"] = options.conversation
    with (
        Receiver(listening.came.put) as receiver,
        endpoint(Api(addresses), {**wanted, "url": receiver.url()}) as made,
    ):
        told.print(f"Listening to {options.types} by webhook {made['webhook_id']}; Ctrl-C ends it.")
        for delivery in listening.deliveries():
            try:
                event = delivery.event(made["secret"])
            except WebhookVerificationError as error:
                told.print(f"[red]A delivery without a good signature:[/red] {error}")
                continue
            if options.json:
                print(json.dumps(event, ensure_ascii=False), flush=True)
            else:
                out.print(line(event))
    told.print("The webhook is removed.")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/listen", description=__doc__)
    parser.add_argument(
        "--types",
        default="*",
        help="comma between them; * (if not said) is all but typing,presence",
    )
    parser.add_argument("--conversation", metavar="ID", help="only what happens in this one")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()
    stop = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: stop.set())  # not in the middle of something
    try:
        return listen(running.require(Home.from_environment()), options, stop)
    except (StackError, httpx.HTTPError) as error:
        told.print(str(error))
    except BrokenPipeError:  # nobody reads any more: `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


if __name__ == "__main__":
    sys.exit(main())
