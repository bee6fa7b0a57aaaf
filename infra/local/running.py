"""Start and stop the whole local stack."""

import json
import os
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from infra.local import aws, emulator, grpc_front, observing, sandbox, stack, tls
from infra.local.home import Home, StackError
from infra.local.processes import Process
from infra.local.register import register_client

EMULATORS = ("ministack", "localstack")
FILE = "local.json"


@dataclass(frozen=True)
class Addresses:
    """Where the stack is and how to get in. The same content as local.json."""

    api_url: str
    sandbox_url: str
    aws_endpoint_url: str
    client_id: str
    client_secret: str
    stage: str
    region: str
    table_name: str
    sockets_url: str
    home: str
    emulator: str
    tls_endpoint_url: str = ""
    """Where the emulator speaks TLS. Empty without --tls, as is the next one."""
    ca_file: str = ""
    grpc_address: str = ""
    """Host and port of the gRPC API: TLS with --tls, else plain."""
    metrics_url: str = ""
    """For Prometheus. Empty without --observe."""
    prometheus_url: str = ""
    """Empty without --observe, and where there is no Prometheus."""


def start(
    home: Home, which: str = "ministack", persist: bool = True, with_tls: bool = False
) -> Addresses:
    """Start emulator, stack and sandbox and write local.json; stop all again if one fails.

    Raises:
        StackError: something did not start; the message says what and why.
    """
    if with_tls and which != "ministack":
        raise StackError("--tls is for MiniStack: LocalStack speaks TLS by itself.")
    found = tls.certificates(home) if with_tls else None
    tls_port = tls.choose(home) if with_tls else None
    stage = os.environ.get("CHAT4ALL_STAGE", "local")
    before = home.read(FILE) if persist else {}
    with ExitStack() as undo:
        processes: list[Process] = []
        if which == "ministack":
            endpoint, process = emulator.start_ministack(home, persist, tls_port)
            processes.append(process)
            undo.callback(process.stop)
        else:
            endpoint = emulator.find_localstack()
        outside = endpoint if tls_port is None else tls.endpoint(tls_port)
        outputs = stack.deploy(
            endpoint, stage, with_dependencies=which == "localstack", outside=outside
        )
        api_url = stack.api_address(which, outside, outputs["ApiId"])
        role = outputs["GrpcTaskRoleArn"]
        grpc_address, front = grpc_front.begin(home, endpoint, stage, role, found)
        processes.append(front)
        undo.callback(front.stop)
        sandbox_url, process = sandbox.start_sandbox(
            home, everywhere=which == "localstack", bundle=found.bundle if found else None
        )
        processes.append(process)
        undo.callback(process.stop)
        seen = sandbox_url if which == "ministack" else sandbox.from_a_container(sandbox_url)
        sandbox.introduce(home, endpoint, stage, api_url, sandbox_url, seen)
        client = _client(endpoint, stage, api_url, before, found)
        grpc_front.wait(home, front, grpc_address, found)
        addresses = Addresses(
            api_url=api_url,
            sandbox_url=sandbox_url,
            aws_endpoint_url=endpoint,
            client_id=client[0],
            client_secret=client[1],
            stage=stage,
            region=aws.REGION,
            table_name=outputs["TableName"],
            sockets_url=_sockets_url(outside, outputs["SocketsApiId"]),
            home=str(home.path),
            emulator=which,
            tls_endpoint_url=outside if found else "",
            ca_file=str(found.ca) if found else "",
            grpc_address=grpc_address,
        )
        home.write(FILE, asdict(addresses) | {"processes": [asdict(p) for p in processes]})
        undo.pop_all()
    return addresses


def _sockets_url(endpoint: str, api_id: str) -> str:
    return stack.sockets_address(endpoint, api_id).replace("http", "ws", 1)


def _client(
    endpoint: str,
    stage: str,
    api_url: str,
    before: dict[str, Any],
    found: tls.Certificates | None,
) -> tuple[str, str]:
    """The API client of last time if the stack still knows it, else a new one."""
    if before.get("client_id") and before.get("stage") == stage:
        known = {name: before[name] for name in ("client_id", "client_secret")}
        request = urllib.request.Request(
            f"{api_url}/auth/token",
            data=json.dumps(known).encode(),
            headers={"Content-Type": "application/json"},
        )
        context = found.client_context() if found else None
        with suppress(OSError), urllib.request.urlopen(request, timeout=30, context=context):
            return known["client_id"], known["client_secret"]
    return register_client(endpoint, stage)


def find(home: Home) -> Addresses | None:
    """The running stack of this home, or nothing."""
    known = home.read(FILE)
    processes = _processes(known)
    if not processes or not all(process.alive() for process in processes):
        return None
    return Addresses(**{k: v for k, v in known.items() if k in Addresses.__dataclass_fields__})


def require(home: Home) -> Addresses:
    """The running stack of this home.

    Raises:
        StackError: none runs.
    """
    if (addresses := find(home)) is None:
        raise StackError(f"No stack runs in {home.path}. Start one: ./scripts/up --detach")
    return addresses


def stop(home: Home) -> bool:
    """Stop what this home started and clean up; whether anything ran. What it kept stays."""
    observing.stop(home)
    known = home.read(FILE)
    ran = False
    for process in reversed(_processes(known)):
        ran = process.alive() or ran
        process.stop()
    if known:
        home.write(FILE, known | {"processes": []})
    emulator.clean(home)
    return ran


def restart_grpc(home: Home) -> None:
    """A new process of the gRPC front at the same address, with the code and settings of now,
    whether the old one still runs or not.

    Raises:
        StackError: no stack runs, or it did not start.
    """
    known = home.read(FILE)
    if not known.get("grpc_address") or not _processes(known):
        raise StackError(f"No stack with a gRPC front runs in {home.path}.")
    others = [process for process in _processes(known) if process.name != grpc_front.NAME]
    for old in _processes(known):
        if old.name == grpc_front.NAME:
            old.stop()
    where = (known["aws_endpoint_url"], known["stage"])
    found = tls.certificates(home) if known["ca_file"] else None
    role = stack.outputs(*where)["GrpcTaskRoleArn"]
    address, front = grpc_front.begin(home, *where, role, found, again=True)
    now = known | {"grpc_address": address}
    home.write(FILE, now | {"processes": [asdict(p) for p in (*others, front)]})
    grpc_front.wait(home, front, address, found)


def processes(home: Home) -> list[Process]:
    """What this home started and has not stopped."""
    return _processes(home.read(FILE))


def _processes(known: dict[str, Any]) -> list[Process]:
    return [Process(**process) for process in known.get("processes", [])]


@contextmanager
def started(
    home: str | Path, persist: bool = False, emulator: str = "ministack", with_tls: bool = False
) -> Iterator[Addresses]:
    """A stack for the length of a block, for tests and demonstrations; always stopped.

    Raises:
        StackError: it did not start, or one runs in this home already.
    """
    place = Home(Path(home).resolve())
    with place.locked():
        if find(place):
            raise StackError(f"A stack runs in {place.path} already")
        stop(place)
        if not persist:
            place.forget()
        try:
            yield start(place, emulator, persist, with_tls)
        finally:
            stop(place)
            if not persist:
                place.forget()
