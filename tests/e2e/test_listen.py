"""`./scripts/listen`: a developer looks on, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.local.client import Api, wait_until
from infra.local.running import Addresses
from tests.e2e.conftest import People

REPO = Path(__file__).parents[2]


@contextmanager
def listening(home: str, *options: str, **more: Any) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.local.listen", *options],
        cwd=REPO,
        env={**os.environ, "CHAT4ALL_HOME": home},
        stdout=more.get("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> str:
    """The line that says that it listens."""
    assert process.stderr is not None
    return process.stderr.readline()


def webhooks(api: Api) -> list[Any]:
    return list(api.ok("GET", "/v1/webhooks")["items"])


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_events_are_printed_as_they_come_and_the_webhook_is_removed_at_the_end(
    stack: Addresses, api: Api, people: People, ending: signal.Signals
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    options = ("--types", "message.accepted", "--conversation", conversation)
    with listening(stack.home, *options) as process:
        assert "Listening" in said(process)
        assert len(webhooks(api)) == 1

        sent = api.send(conversation, ana, "hello")

        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(ending)
        assert process.wait(timeout=20) == 0
    assert "message.accepted" in line
    for told in (conversation, sent, ana):
        assert told in line
    assert webhooks(api) == []


def test_events_are_json_for_programs_and_a_reader_that_goes_ends_it(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    with listening(stack.home, "--json", "--conversation", conversation) as process:
        said(process)
        sent = api.send(conversation, ana, "hello")
        assert process.stdout is not None
        event = json.loads(process.stdout.readline())
        assert (event["type"], event["data"]["message_id"]) == ("message.accepted", sent)

        process.stdout.close()  # as `head -1` does
        api.send(conversation, ana, "nobody reads this")

        assert process.wait(timeout=20) != 0
        process.stdout = None
        wait_until(lambda: not webhooks(api), "the webhook to be removed")


def test_it_says_what_it_lacks(stack: Addresses, api: Api, tmp_path: Path) -> None:
    with listening(str(tmp_path)) as process:
        told = process.communicate(timeout=20)[1]
        assert process.returncode == 1
    assert "No stack runs" in told
    with listening(stack.home, "--types", "nonsense") as process:
        told = process.communicate(timeout=20)[1]
        assert process.returncode == 1
    assert "unknown_event_type" in told
    assert webhooks(api) == []
