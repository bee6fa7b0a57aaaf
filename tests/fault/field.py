"""The stack that is being broken, and the ways to break it from outside."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from infra.local import aws, running, sandbox
from infra.local.client import Api, Sandbox
from infra.local.home import Home
from infra.local.processes import Process
from infra.local.running import Addresses
from tests.fault.hooks import Hooks
from tests.fault.subscriber import Subscriber
from tests.fault.world import CHANNELS

QUEUES = (
    "inbound.fifo", "callbacks.fifo", "channel-whatsapp.fifo", "channel-instagram.fifo",
    "uploads.fifo", "media.fifo", "attempts.fifo", "webhooks", "realtime",
)  # fmt: skip


@dataclass
class Field:
    home: Home
    stack: Addresses
    api: Api
    hooks: Hooks
    subscriber: Subscriber
    kills: int = field(default=0)

    # --- processes ---

    def workers(self, function: str) -> list[int]:
        """The processes that run this function now: `route-message`."""
        mark = f"{self.home.path}/tmp/ministack-lambda-chat4all-{self.stack.stage}-{function}-"
        shown = subprocess.run(["ps", "-axo", "pid=,command="], capture_output=True, text=True)
        return [int(line.split()[0]) for line in shown.stdout.splitlines() if mark in line]

    def kill_workers(self, function: str) -> None:
        """All of one function, at once and without a word."""
        for pid in self.workers(function):
            self._kill(pid)

    def interrupted(self, function: str) -> int:
        """How often the emulator complained that its worker died at work."""
        name = f"chat4all-{self.stack.stage}-{function}"
        marks = (f"Lambda {name} failed", f"execution error for {name}:")
        lines = self.home.log("emulator").read_text(errors="replace").splitlines()
        return sum(any(mark in line for mark in marks) for line in lines)

    def kill_process(self, name: str) -> None:
        """`sandbox` or `grpc`, without a word."""
        self._kill(next(p.pid for p in running.processes(self.home) if p.name == name))

    def _kill(self, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
            self.kills += 1
        except ProcessLookupError:
            pass  # it was just ending

    def start_grpc(self) -> None:
        running.restart_grpc(self.home)

    def start_sandbox(self) -> None:
        """At the same address, with the settings, inboxes and unreported statuses of the last."""
        old = next(p for p in running.processes(self.home) if p.name == "sandbox")
        old.stop()
        self._register(sandbox.start_sandbox(self.home)[1])

    def _register(self, process: Process) -> None:
        known = self.home.read(running.FILE)
        others = [p for p in known["processes"] if p["name"] != process.name]
        self.home.write(running.FILE, known | {"processes": [*others, asdict(process)]})

    def restart_all(self) -> None:
        """Stop AWS with all around it by SIGTERM, and start it from what it saved."""
        running.stop(self.home)
        assert running.start(self.home) == self.stack, "the stack has moved"
        self.hooks.install(self.stack)

    # --- the providers ---

    @property
    def sandbox(self) -> Sandbox:
        return Sandbox(self.stack)

    def providers(self, kind: str, count: int, **more: Any) -> None:
        """The next `count` sends of each channel meet this fault."""
        for channel in CHANNELS:
            self.sandbox.fault(channel, kind, count, **more)

    def delay_callbacks(self, **seconds: float) -> None:
        self.sandbox.ok("PUT", "/settings", {c: {"delays": seconds} for c in CHANNELS})

    # --- the queues ---

    def queue(self, name: str) -> str:
        sqs = aws.client(self.stack.aws_endpoint_url, "sqs")
        return str(sqs.get_queue_url(QueueName=f"chat4all-{self.stack.stage}-{name}")["QueueUrl"])

    def waiting(self, name: str) -> int:
        """Messages in a queue, those included that somebody works on or that are delayed."""
        sqs = aws.client(self.stack.aws_endpoint_url, "sqs")
        found = sqs.get_queue_attributes(QueueUrl=self.queue(name), AttributeNames=["All"])
        kinds = ("", "NotVisible", "Delayed")
        names = (f"ApproximateNumberOfMessages{kind}" for kind in kinds)
        return sum(int(found["Attributes"].get(one, 0)) for one in names)

    def dead_letters(self) -> dict[str, int]:
        """By queue, those that have any."""
        counts = {name: self.waiting(f"dead-{name}") for name in QUEUES}
        return {name: count for name, count in counts.items() if count}

    @contextmanager
    def impatient(self, *queues: str, hidden: int, receives: int | None = None) -> Iterator[None]:
        """What was received and not finished comes back after `hidden` seconds and dies after so
        many receives: for a while, as nobody wants to wait for an hour."""
        sqs = aws.client(self.stack.aws_endpoint_url, "sqs")
        before: dict[str, dict[str, str]] = {}
        for name in queues:
            url = self.queue(name)
            found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            before[url] = {n: found[n] for n in ("VisibilityTimeout", "RedrivePolicy")}
            policy = json.loads(found["RedrivePolicy"])
            if receives is not None:
                policy["maxReceiveCount"] = receives
            changed = {"VisibilityTimeout": str(hidden), "RedrivePolicy": json.dumps(policy)}
            sqs.set_queue_attributes(QueueUrl=url, Attributes=changed)
        try:
            yield
        finally:
            for url, attributes in before.items():
                sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)


@contextmanager
def a_field(folder: Path) -> Iterator[Field]:
    """A stack of its own in a new folder, whose workers listen to our hooks."""
    home = Home(folder.resolve())
    home.make()
    logging.getLogger("websockets").setLevel(logging.CRITICAL)  # of lines that we cut ourselves
    os.environ["SANDBOX_JOURNAL"] = str(home.path / "sandbox.jsonl")
    with home.locked():
        home.forget()
        stack = running.start(home)
        try:
            kept = home.path / "sandbox-settings.json"
            kept.write_text(json.dumps(Sandbox(stack).ok("GET", "/settings")))
            os.environ["SANDBOX_SETTINGS"] = str(kept)
            hooks = Hooks(home.path)
            hooks.install(stack)
            api = Api(stack)
            subscriber = Subscriber(api)
            try:
                yield Field(home, stack, api, hooks, subscriber)
            finally:
                subscriber.stop()
        finally:
            for name in ("SANDBOX_JOURNAL", "SANDBOX_SETTINGS"):
                os.environ.pop(name, None)
            running.stop(home)
            home.forget()
