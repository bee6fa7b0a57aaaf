"""The gRPC front of a local stack as a process: it is there, it tells what it offers, it has its
role's rights, it can be killed and started again, and it ends in order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from infra.local import running
from infra.local.client import wait_until
from infra.local.home import Home
from infra.local.processes import Process
from infra.local.running import Addresses

pytestmark = pytest.mark.req("RF-008")
SERVING = health_pb2.HealthCheckResponse.SERVING


@pytest.fixture
def line(stack: Addresses) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(stack.grpc_address) as channel:
        yield channel


def health(line: grpc.Channel, service: str = "") -> int:
    request = health_pb2.HealthCheckRequest(service=service)
    answer = health_pb2_grpc.HealthStub(line).Check(request, timeout=5, wait_for_ready=True)
    return int(answer.status)


def front(home: Home) -> Process:
    [found] = [process for process in running.processes(home) if process.name == "grpc"]
    return found


def logged(home: Home) -> list[dict[str, object]]:
    """What it told, without the lines of its metrics."""
    lines = map(json.loads, home.log("grpc").read_text().splitlines())
    return [line for line in lines if "_aws" not in line]


def test_it_answers_for_its_health_and_for_each_service(line: grpc.Channel) -> None:
    services = ProtoReflectionDescriptorDatabase(line).get_services()

    assert "chat4all.v1.Messages" in services
    ours = [name for name in services if name.startswith("chat4all.")]
    assert [health(line, name) for name in ("", *ours)] == [SERVING] * (1 + len(ours))


def test_it_tells_a_stranger_what_its_methods_take(line: grpc.Channel) -> None:
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(line))

    service = pool.FindServiceByName("chat4all.v1.Messages")

    send = service.methods_by_name["Send"]
    assert "message" in send.input_type.fields_by_name
    stream = service.methods_by_name["Stream"]
    assert (stream.client_streaming, stream.server_streaming) == (True, True)


def test_it_works_under_its_role_and_the_emulator_refuses_the_rest(stack: Addresses) -> None:
    """Scan is no part of it: no use case scans."""
    program = (
        "import boto3; table = boto3.client('dynamodb')\n"
        "print(boto3.client('sts').get_caller_identity()['Arn'])\n"
        f"name, key = {stack.table_name!r}, dict(pk=dict(S='a'), sk=dict(S='b'))\n"
        "table.get_item(TableName=name, Key=key); print('got')\n"
        "table.scan(TableName=name)\n"
    )
    environment = {
        "AWS_CONFIG_FILE": str(Path(stack.home) / "grpc.aws"),
        "AWS_PROFILE": "grpc-front",
        "AWS_ENDPOINT_URL": stack.aws_endpoint_url,
        "AWS_DEFAULT_REGION": stack.region,
    }

    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=30
    )

    assert "GrpcTaskRole" in done.stdout and "got" in done.stdout
    assert "AccessDenied" in done.stderr and "Scan" in done.stderr


def test_killed_it_starts_again_at_the_same_address(stack: Addresses, line: grpc.Channel) -> None:
    home = Home(Path(stack.home))
    before = front(home)
    assert health(line) == SERVING

    os.kill(before.pid, signal.SIGKILL)
    wait_until(lambda: not before.alive(), "its end")
    running.restart_grpc(home)

    after = running.find(home)
    assert after is not None and after.grpc_address == stack.grpc_address
    assert front(home).pid != before.pid
    assert health(line) == SERVING, "the same channel finds it"


def test_it_ends_in_order_when_it_is_told_to(stack: Addresses) -> None:
    """As `./scripts/deploy` does it, and `./scripts/down`."""
    home = Home(Path(stack.home))

    running.restart_grpc(home)

    said = [line["message"] for line in logged(home)]
    assert said[-4:] == ["draining", "stopped", "port taken", "serving"]
