"""The scripts that a developer or an operator uses on a running stack."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from infra.local import aws
from infra.local.client import Api, Sandbox, wait_until
from infra.local.mappings import paused
from infra.local.running import Addresses
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
    history = printed.strip().splitlines()[-1]
    assert history.count('"status":"READ"') >= 2


def test_a_fixture_is_sent_to_the_function_that_it_is_for(stack: Addresses) -> None:
    printed = script(stack, "replay", "events/webhook_handshake.json")

    assert "receive-callback" in printed
    assert "403" in printed  # its verify token is not this stack's


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


def test_a_second_up_says_where_the_running_stack_is(stack: Addresses) -> None:
    printed = script(stack, "up", "--detach")

    assert stack.api_url in printed


def test_deploying_again_keeps_the_api_and_what_is_stored(
    stack: Addresses, api: Api, people: People
) -> None:
    user, _ = people.on()

    printed = script(stack, "deploy")

    assert "Deployed" in printed
    assert api.ok("GET", f"/v1/users/{user}")["user_id"] == user
