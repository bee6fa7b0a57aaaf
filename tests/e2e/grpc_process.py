"""The gRPC front of the shared stack as a process: killed, started again, one of two, measured."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc

from infra.local import grpc_front, running
from infra.local.home import Home
from infra.local.processes import Process
from infra.local.running import Addresses
from infra.local.stack import outputs


def pid_of(stack: Addresses) -> int:
    processes = running.processes(Home(Path(stack.home)))
    return next(process.pid for process in processes if process.name == grpc_front.NAME)


def kill(stack: Addresses) -> None:
    """As when its machine is lost: nobody is told."""
    os.kill(pid_of(stack), signal.SIGKILL)


def start_again(stack: Addresses) -> None:
    """Another process at the same address."""
    running.restart_grpc(Home(Path(stack.home)))


def resident_mb(stack: Addresses) -> float:
    """Its memory now."""
    asked = ["ps", "-o", "rss=", "-p", str(pid_of(stack))]
    return int(subprocess.run(asked, capture_output=True, text=True, check=True).stdout) / 1024


def bugs(stack: Addresses) -> list[str]:
    """What it logged that it should not have to."""
    lines = Home(Path(stack.home)).log(grpc_front.NAME).read_text().splitlines()
    return [line for line in lines if '"ERROR"' in line or "Traceback" in line]


@contextmanager
def another(stack: Addresses, home: Path) -> Iterator[tuple[grpc.Channel, Process]]:
    """One more instance of the server, on the same stack."""
    place = Home(home)
    role = outputs(stack.aws_endpoint_url, stack.stage)["GrpcTaskRoleArn"]
    address, process = grpc_front.begin(
        place, stack.aws_endpoint_url, stack.stage, role, found=None
    )
    try:
        grpc_front.wait(place, process, address, None)
        with grpc.insecure_channel(address) as channel:
            yield channel, process
    finally:
        process.stop()
