"""The gRPC front of a local stack: a process with the settings and rights that it has on AWS."""

import sys
from collections.abc import Callable
from typing import Any

from infra.local import aws
from infra.local.home import REPO, Home
from infra.local.permissions import let_this_machine_assume
from infra.local.processes import Process, choose_port, start, wait_until
from infra.local.tls import Certificates

NAME = "grpc"
PROFILE = "grpc-front"
SAME_SETTINGS = ("authorize-request", "http-api")
"""The functions that have, together, all the variables that it needs."""


def begin(
    home: Home,
    endpoint: str,
    stage: str,
    role: str,
    found: Certificates | None,
    *,
    again: bool = False,
) -> tuple[str, Process]:
    """Start it under the `role` that it has on AWS; answer its address and process, at once.

    The port is CHAT4ALL_GRPC_PORT, else the one of last time, else any free one. With `again` its
    log is continued. With certificates it speaks TLS and nothing else.

    Raises:
        StackError: the port is taken.
    """
    ports = home.read("ports.json")
    port = choose_port("CHAT4ALL_GRPC_PORT", ports.get(NAME))
    home.write("ports.json", {**ports, NAME: port})
    address = f"127.0.0.1:{port}"
    let_this_machine_assume(endpoint, role)
    environment = {
        **_under(home, endpoint, role),
        **_settings(endpoint, stage),
        "POWERTOOLS_SERVICE_NAME": "grpc-front",
        "GRPC_CERTIFICATE": str(found.server) if found else "",
        "GRPC_KEY": str(found.key) if found else "",
        "GRPC_VERBOSITY": "NONE",
    }
    command = [sys.executable, "-m", "grpc_front", address]
    folder = REPO / "functions"
    return address, start(NAME, command, folder, environment, home.log(NAME), append=again)


def wait(home: Home, process: Process, address: str, found: Certificates | None) -> None:
    """Return once it answers that it serves.

    Raises:
        StackError: it ended, or stays silent.
    """
    wait_until(process, _serving(address, found), home.log(NAME))


def _under(home: Home, endpoint: str, role: str) -> dict[str, str]:
    """The environment of a program that has this role's rights and no others. botocore gets it
    credentials of an hour and new ones in time."""
    config = home.path / "grpc.aws"
    config.write_text(
        f"[profile {PROFILE}]\nrole_arn = {role}\nsource_profile = root\n"
        f"role_session_name = {PROFILE}\n"
        f"[profile root]\naws_access_key_id = {aws.KEY}\naws_secret_access_key = {aws.KEY}\n"
    )
    environment = aws.environment(endpoint)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):  # they would count for more
        del environment[name]
    return environment | {"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": PROFILE}


def _settings(endpoint: str, stage: str) -> dict[str, str]:
    functions = aws.client(endpoint, "lambda")
    found: dict[str, str] = {}
    for name in SAME_SETTINGS:
        one = functions.get_function_configuration(FunctionName=f"chat4all-{stage}-{name}")
        found |= one["Environment"]["Variables"]
    return found


def _serving(address: str, found: Certificates | None) -> Callable[[], bool]:
    # here: no other script needs gRPC, and it takes a while to import
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    def channel() -> Any:
        if found is None:
            return grpc.insecure_channel(address)
        trusted = grpc.ssl_channel_credentials(found.ca.read_bytes())
        return grpc.secure_channel(address, trusted)

    def asked() -> bool:
        try:
            with channel() as line:  # a new one each time: one that failed waits before it tries
                stub = health_pb2_grpc.HealthStub(line)
                answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=2)
        except grpc.RpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    return asked
