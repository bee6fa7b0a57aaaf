"""The scripts that a developer or an operator uses on a running stack."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local import aws, running
from infra.local.client import Api, Sandbox, wait_until
from infra.local.home import Home
from infra.local.mappings import paused
from infra.local.running import Addresses, started
from tests.e2e.conftest import People

REPO = Path(__file__).parents[2]


def run(stack: Addresses, *command: str) -> str:
    done = subprocess.run(
        command,
        cwd=REPO,
        env={**os.environ, "CHAT4ALL_HOME": stack.home},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def script(stack: Addresses, name: str, *arguments: str) -> str:
    return run(stack, sys.executable, "-m", f"infra.local.{name}", *arguments)


def test_the_readmes_session_works_as_pasted(stack: Addresses) -> None:
    section = (REPO / "README.md").read_text().split("## A session with curl")[1]
    found = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found is not None
    lines = found[1].replace("./scripts/up --detach\n", "")  # one runs already
    lines = lines.replace("./scripts/env", f"{sys.executable} -m infra.local.env")

    printed = run(stack, "bash", "-euc", lines)

    assert '"text":"Olá Bruno"' in printed
    assert '"text":"Oi Ana"' in printed
    pages = [line for line in printed.splitlines() if '"next_cursor"' in line]
    [history] = [line for line in pages if '"has_more"' not in line]
    [events] = [line for line in pages if '"has_more"' in line]
    assert events.count('"type":"message.read"') >= 2
    assert history.count('"status":"READ"') >= 2
    assert " is READY: " in printed


def test_the_guide_to_real_time_gets_its_token_as_pasted(stack: Addresses) -> None:
    found = re.search(r"```sh\n(.*?)```", (REPO / "docs" / "realtime.md").read_text(), re.DOTALL)
    assert found is not None
    lines = found[1].replace("./scripts/env", f"{sys.executable} -m infra.local.env")

    printed = run(stack, "bash", "-euc", f'{lines}\necho "token: $token"')

    assert "\ntoken: ey" in printed


def test_a_fixture_is_sent_to_the_function_that_it_is_for(stack: Addresses) -> None:
    printed = script(stack, "replay", "events/webhook_handshake.json")

    assert json.loads(printed)["statusCode"] == 403  # its verify token is not this stack's


def test_dead_letters_return_to_their_queue_and_arrive(
    stack: Addresses, api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bruno, at) = people.on(), people.on("whatsapp")
    conversation = api.conversation(ana, bruno)
    sqs = aws.client(stack.aws_endpoint_url, "sqs")

    def url(name: str) -> str:
        return str(sqs.get_queue_url(QueueName=f"chat4all-{stack.stage}-{name}.fifo")["QueueUrl"])

    with paused(stack, "route-message"):
        sent = [api.send(conversation, ana, f"{n}") for n in range(3)]
        letters: list[Any] = wait_until(
            lambda: sqs.receive_message(
                QueueUrl=url("inbound"),
                MaxNumberOfMessages=10,
                MessageSystemAttributeNames=["MessageGroupId"],
            ).get("Messages"),
            "them to be in the queue",
        )
        assert len(letters) == 3
        for letter in letters:  # as SQS does after too many receives
            sqs.send_message(
                QueueUrl=url("dead-inbound"),
                MessageBody=letter["Body"],
                MessageGroupId=letter["Attributes"]["MessageGroupId"],
                MessageDeduplicationId=letter["MessageId"],
            )
            sqs.delete_message(QueueUrl=url("inbound"), ReceiptHandle=letter["ReceiptHandle"])

    printed = script(stack, "redrive", "inbound")

    assert "3 messages" in printed
    for message_id in sent:
        api.wait_for_status(message_id, "READ")
    assert sandbox.texts(at["whatsapp"], "whatsapp") == ["0", "1", "2"]


def test_up_stays_up_takes_new_code_says_where_it_is_and_is_stopped_by_down(tmp_path: Path) -> None:
    ports = {"CHAT4ALL_AWS_PORT": "", "CHAT4ALL_SANDBOX_PORT": ""}  # free ones
    environment = {**os.environ, **ports, "CHAT4ALL_HOME": str(tmp_path)}

    def call(name: str, *arguments: str) -> str:
        command = [sys.executable, "-m", f"infra.local.{name}", *arguments]
        return subprocess.check_output(command, cwd=REPO, env=environment, text=True, timeout=120)

    try:
        first = call("up", "--detach")
        url = json.loads((tmp_path / "local.json").read_text())["api_url"]
        second = call("up", "--detach")
        changed = call("deploy", "LogLevel=DEBUG", "SigningKeys=A,B")
        deployed = call("deploy", "LogLevel=INFO")
        with pytest.raises(subprocess.CalledProcessError):
            call("deploy", "Signing=B")
        keys = httpx.get(f"{url}/.well-known/jwks.json").json()["keys"]
        assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
    finally:
        call("down")

    assert url in first
    assert url in second
    assert "with LogLevel=DEBUG, SigningKeys=A,B." in changed
    assert "with SigningKeys=A,B." in deployed, "what is not named stays"
    assert len(keys) == 2
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz")


def test_events_go_on_after_a_restart(tmp_path: Path) -> None:
    ports = {"CHAT4ALL_AWS_PORT": "", "CHAT4ALL_SANDBOX_PORT": ""}  # free ones
    environment = {**os.environ, **ports, "CHAT4ALL_HOME": str(tmp_path)}

    def call(name: str, *arguments: str) -> None:
        command = [sys.executable, "-m", f"infra.local.{name}", *arguments]
        subprocess.run(command, cwd=REPO, env=environment, timeout=120, check=True)

    def told_of(user: str) -> None:
        addresses = running.find(Home(tmp_path))
        assert addresses is not None
        api = Api(addresses)
        api.user(user, user.title())

        def logged() -> bool:
            found = api.ok("GET", "/v1/events", params={"types": "user.updated"})["items"]
            return any(event["data"]["user_id"] == user for event in found)

        wait_until(logged, "the event", 30)

    try:
        call("up", "--detach")
        told_of("before")
        call("down")
        call("up", "--detach")
        told_of("after")
    finally:
        call("down")


def test_samlocal_deploys_the_template_into_a_running_stack(tmp_path: Path) -> None:
    with started(tmp_path) as stack:
        options = ("--config-env", "local", "--template-file", "template.yaml")

        printed = run(stack, "./scripts/samlocal", "deploy", *options)

        assert "Successfully created/updated stack - chat4all-local" in printed
