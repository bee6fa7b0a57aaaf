"""Any worker may be killed at any moment: nothing that was answered is lost, nothing is twice in
a history, order is kept, no seq is left out."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid

import pytest

from infra.local import aws
from infra.local.client import Api, Sandbox, wait_until
from infra.local.mappings import paused
from infra.local.running import Addresses
from tests.e2e import dying
from tests.e2e.conftest import People
from tests.e2e.uploads import PNG, ready, uploaded


def dies(stack: Addresses, function: str, *step: str) -> None:
    """Run a step with the environment of a deployed function; it must die, not end."""
    endpoint = stack.aws_endpoint_url
    name = f"chat4all-{stack.stage}-{function}"
    settings = aws.client(endpoint, "lambda").get_function_configuration(FunctionName=name)
    environment = {
        **os.environ,
        **aws.environment(endpoint),
        **settings["Environment"]["Variables"],
        "PYTHONPATH": os.pathsep.join(["functions", "."]),
        "CALLER": stack.client_id,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.dying", *step],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == dying.DIED, done.stderr


@pytest.mark.req("RNF-003")
def test_a_front_that_dies_after_the_put_is_completed_by_the_clients_retry(
    stack: Addresses, api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bruno, at) = people.on(), people.on("whatsapp")
    conversation = api.conversation(ana, bruno)
    message_id = str(uuid.uuid4())

    dies(stack, "http-api", "accept", conversation, ana, message_id)
    assert api.message(message_id)["seq"] is None
    assert api.history(conversation) == []
    following = api.send(conversation, ana, "another one meanwhile")
    again = api.send(conversation, ana, "from a dying front", message_id=message_id)

    assert again == message_id
    api.wait_for_status(message_id, "READ")
    history = api.history(conversation)
    assert [m["message_id"] for m in history] == [following, message_id]
    assert [m["seq"] for m in history] == [1, 2]
    assert sandbox.texts(at["whatsapp"], "whatsapp") == [m["payload"]["text"] for m in history]


@pytest.mark.req("RNF-003")
@pytest.mark.parametrize("sends", [0, 1], ids=["after sequencing", "after some channel sends"])
def test_a_router_that_dies_is_followed_by_one_that_finishes_its_work(
    stack: Addresses, api: Api, sandbox: Sandbox, people: People, sends: int
) -> None:
    (ana, _), (bruno, bruno_at) = people.on(), people.on("whatsapp")
    caio, caio_at = people.on("instagram")
    group = api.conversation(ana, bruno, caio)

    with paused(stack, "route-message"):
        sent = [api.send(group, ana, f"{n}") for n in range(3)]
        dies(stack, "route-message", "route", str(sends))
        placed = [api.message(m)["seq"] for m in sent]
    sent.append(api.send(group, ana, "3"))

    assert placed == [1, 2, 3]
    for message_id in sent:
        api.wait_for_status(message_id, "READ")
    history = api.history(group)
    assert [(m["message_id"], m["seq"]) for m in history] == [
        (m, n + 1) for n, m in enumerate(sent)
    ]
    texts = [f"{ana.title()}: {n}" for n in range(4)]
    assert sandbox.texts(bruno_at["whatsapp"], "whatsapp") == texts
    assert sandbox.texts(caio_at["instagram"], "instagram") == texts


@pytest.mark.req("RNF-003")
def test_a_connector_that_dies_after_the_provider_accepted_is_settled_by_the_callback(
    stack: Addresses, api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bruno, at) = people.on(), people.on("whatsapp")
    conversation = api.conversation(ana, bruno)

    with paused(stack, "connector-whatsapp"):
        sent = [api.send(conversation, ana, f"{n}") for n in range(3)]
        wait_until(lambda: api.message(sent[-1])["seq"], "their places")
        dies(stack, "connector-whatsapp", "deliver", "whatsapp")
        api.wait_for_status(sent[0], "READ")

    for message_id in sent:
        api.wait_for_status(message_id, "READ")
    assert [m["message_id"] for m in api.history(conversation)] == sent
    assert sandbox.texts(at["whatsapp"], "whatsapp") == ["0", "1", "2"]


@pytest.mark.req("RNF-003")
def test_a_check_that_dies_when_the_parts_are_put_together_is_done_again(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _) = people.on()
    owner = api.as_user(ana)

    with paused(stack, "finish-upload"):
        file = uploaded(owner, PNG + os.urandom(1000))
        dies(stack, "finish-upload", "finish")
        assert owner.ok("GET", f"/v1/files/{file['file_id']}")["status"] == "CHECKING"

    found = wait_until(lambda: ready(owner, file["file_id"]), "the file to be READY")
    assert found["checksum_verified"]


@pytest.mark.req("RNF-003")
def test_a_download_that_dies_is_begun_again_and_the_message_waits_for_it(
    stack: Addresses, api: Api, sandbox: Sandbox, people: People
) -> None:
    (carla, carlas), (davi, davis) = people.on("whatsapp"), people.on("instagram")
    conversation = api.conversation(carla, davi)
    media = {"type": "image", "mime_type": "image/png", "size": 100_000, "seed": 3}

    with paused(stack, "fetch-media"):
        said = {"channel": "whatsapp", "media": media}
        sent = sandbox.ok("POST", f"/people/{carlas['whatsapp']}/messages", said)["media"]
        wait_until(lambda: api.history(conversation), "the message to have its place")
        dies(stack, "fetch-media", "fetch")
        assert sandbox.inbox(davis["instagram"], "instagram") == []

    [item] = wait_until(
        lambda: sandbox.inbox(davis["instagram"], "instagram"), "Davi to have it", seconds=60
    )
    assert item["media"]["sha256"] == sent["sha256"]
