"""The runbook and what the docs say of metrics and alarms: numbers and commands that are so."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from chat4all.metrics import BOUNDED, CODES, OTHER
from tests.unit.test_alarms import ALARMS, REPO, RUNBOOK, looked_at, text_of
from tests.unit.test_template import TEMPLATE

pytestmark = pytest.mark.req("RNF-008")


def test_the_runbook_says_how_often_a_queue_offers_something() -> None:
    queues = {
        text_of(r["Properties"]["QueueName"]): r["Properties"]["RedrivePolicy"]["maxReceiveCount"]
        for r in TEMPLATE["Resources"].values()
        if r["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" in r["Properties"]
    }
    mapping = TEMPLATE["Resources"]["RelayChangesMapping"]["Properties"]
    times = {re.sub(r"^.*\}-|\.fifo$", "", name): n for name, n in queues.items()}
    times |= {"relay": mapping["MaximumRetryAttempts"]}
    times["channel"] = times.pop("channel-whatsapp")
    assert times.pop("channel-instagram") == times["channel"]

    pages = dict(re.findall(r"^### dead-(\w+)\n(.*?)(?=^#|\Z)", RUNBOOK, re.MULTILINE | re.DOTALL))
    said = {name: re.search(r"([\d,]+)\s(?:times|receives)", page) for name, page in pages.items()}

    assert {name: found and found[1] for name, found in said.items()} == {
        name: f"{n:,}" for name, n in times.items()
    }


def test_the_docs_say_what_metrics_and_alarms_cost() -> None:
    channels, both = 2, 2  # both directions; of `latency_ms`, both ways that have a channel
    always = (2 * (1 + channels) + 4 * channels) + (1 + both * channels) + len(BOUNDED["step"])
    always += channels + len(BOUNDED["outcome"]) + len(BOUNDED["source"])
    most = always + channels * len((*CODES, OTHER))
    looks = {name: len(list(looked_at(alarm))) for name, alarm in ALARMS.items()}
    cents = 10 * sum(n * (channels if "${Channel}" in name else 1) for name, n in looks.items())

    docs = " ".join((REPO / "docs" / "observability.md").read_text().split())

    assert f"{always} with two channels" in docs
    assert f"at the most ${most * 0.3:.1f}0" in docs
    assert f"${cents / 100:.2f} with two channels" in docs


@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:4566"])
def test_queues_are_asked_where_the_stack_runs(endpoint: str, tmp_path: Path) -> None:
    """Version 1 of the AWS CLI takes no endpoint for SQS from the environment."""
    block = RUNBOOK.split("### dead-inbound")[0].split("## dead-letters")[1].split("```")[1]
    program = tmp_path / "aws"
    program.write_text('#!/bin/sh\necho "$@" >> "$ASKED"\n')
    program.chmod(0o755)
    asked = tmp_path / "asked"
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "ASKED": str(asked)}
    if endpoint:
        environment["AWS_ENDPOINT_URL"] = endpoint

    subprocess.run(["bash", "-euc", block.removeprefix("sh")], env=environment, check=True)

    calls = asked.read_text().splitlines()
    assert len(calls) == 2 and all(call.startswith("sqs ") for call in calls)
    told = f"--endpoint-url={endpoint}"
    assert all((told in call) == bool(endpoint) for call in calls)


def test_commands_of_the_runbook_name_scripts_and_options_that_exist() -> None:
    found = re.findall(r"\./scripts/([a-z-]+)((?: --?[a-z]+| [A-Za-z_]+)*)", RUNBOOK)

    assert {script for script, _ in found} >= {"up", "env", "deploy", "redrive", "trace"}
    for script, rest in found:
        module = re.search(r"-m (infra\.[\w.]+)", (REPO / "scripts" / script).read_text())
        assert module, script
        source = (REPO / f"{module[1].replace('.', '/')}.py").read_text()
        for option in re.findall(r"--[a-z]+", rest):
            assert f'"{option}"' in source, f"{script} {option}"
