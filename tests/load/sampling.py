"""What is sampled once a second: how long the queues are, and who has the processors."""

from __future__ import annotations

import itertools
import threading
import time
from contextlib import suppress
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from infra.local import aws
from infra.local.running import Addresses
from tests.bench.shares import cpu

EVERY = 1.0  # seconds
DEPTHS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


SILENT = (BotoCoreError, ClientError)
"""The emulator does not answer: a sample is missing then, and the run goes on."""


class Sampler:
    """Keeps samples for the length of a block: the time, the depth of each queue (with what is
    being worked on and what waits), and processor milliseconds so far by process."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._sqs = aws.client(addresses.aws_endpoint_url, "sqs")
        self._queues = queues(self._sqs, addresses.stage)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.samples: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(10)

    def dead(self) -> int | None:
        """Dead letters by now, of all queues; None when nobody answers."""
        dead = [url for name, url in self._queues.items() if name.startswith("dead-")]
        with suppress(*SILENT):
            return sum(depth(self._sqs, url) for url in dead)
        return None

    def queued(self) -> int:
        """Messages in all queues when they were looked at last."""
        return sum(self.samples[-1]["queues"].values()) if self.samples else 0

    def _run(self) -> None:
        """A look that took too long puts off the next: what is slow is not asked more often."""
        while not self._over.is_set():
            begun = time.monotonic()
            with suppress(*SILENT):
                self._look()
            took = time.monotonic() - begun
            self._over.wait(max(EVERY - took, took))

    def _look(self) -> None:
        at = time.time()
        spent = cpu(self._addresses)
        depths = {
            name: depth(self._sqs, url)
            for name, url in self._queues.items()
            if not name.startswith("dead-")  # looked at once, at the end
        }
        self.samples.append({"time": at, "queues": depths, "cpu_ms": dict(spent)})


def queues(sqs: Any, stage: str) -> dict[str, str]:
    """URLs by short names, such as `inbound`."""
    prefix = f"chat4all-{stage}-"
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=prefix)
    urls = [url for page in pages for url in page.get("QueueUrls", ())]
    return {url.rsplit("/", 1)[-1].removeprefix(prefix).removesuffix(".fifo"): url for url in urls}


def depth(sqs: Any, url: str) -> int:
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(DEPTHS))["Attributes"]
    return sum(int(found.get(name, 0)) for name in DEPTHS)


def busy(samples: list[dict[str, Any]]) -> list[dict[str, float]]:
    """Share of one processor (1.0: all of it) that each process had between two samples. A worker
    that ended took its time with it, which is no less than nothing."""
    found = []
    for before, now in itertools.pairwise(samples):
        seconds = now["time"] - before["time"]
        found.append(
            {
                name: max(0.0, ms - before["cpu_ms"].get(name, 0)) / 1000 / seconds
                for name, ms in now["cpu_ms"].items()
            }
        )
    return found
