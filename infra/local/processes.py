"""Processes that outlive the command that started them, and are surely ours when we end them."""

import os
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.local.home import StackError

_started: dict[int, "subprocess.Popen[bytes]"] = {}  # our own children, to be reaped


@dataclass(frozen=True)
class Process:
    """A process by its id and by the arguments that prove that the id is still its own."""

    name: str
    pid: int
    arguments: list[str]

    def alive(self) -> bool:
        """Whether it runs. A zombie, or another program with the same id, does not count."""
        child = _started.get(self.pid)
        if child is not None and child.poll() is not None:
            return False
        return " ".join(self.arguments) in _command_line(self.pid)

    def stop(self, patience: float = 20.0) -> None:
        """End it: SIGTERM, then SIGKILL for it and its children after `patience` seconds."""
        if self.alive():
            os.kill(self.pid, signal.SIGTERM)
            deadline = time.monotonic() + patience
            while self.alive() and time.monotonic() < deadline:
                time.sleep(0.02)
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)  # it led a group of its own: what is left
        if (child := _started.pop(self.pid, None)) is not None:
            child.wait()


def _command_line(pid: int) -> str:
    proc = Path(f"/proc/{pid}/cmdline")
    if proc.parent.parent.joinpath("self").exists():
        try:
            return proc.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True)
    return shown.stdout.decode(errors="replace")


def start(
    name: str,
    command: Sequence[str],
    cwd: Path,
    environment: Mapping[str, str],
    log: Path,
    *,
    append: bool = False,
) -> Process:
    """Start a process in a session of its own, printing to `log`."""
    with log.open("ab" if append else "wb") as output:
        child = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _started[child.pid] = child
    return Process(name, child.pid, list(command[1:]))


def wait_until_healthy(
    process: Process,
    url: str,
    log: Path,
    patience: float = 60.0,
    trusting: ssl.SSLContext | None = None,
) -> None:
    """Return once `url` answers 200.

    Raises:
        StackError: the process ended or stayed silent; the message has its last lines.
    """

    def healthy() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2, context=trusting) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    wait_until(process, healthy, log, patience)


def wait_until(
    process: Process, there: Callable[[], bool], log: Path, patience: float = 60.0
) -> None:
    """Return once it is `there`.

    Raises:
        StackError: the process ended or stayed silent; the message has its last lines.
    """
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if there():
            return
        if process.pid in _started and _started[process.pid].poll() is not None:
            break
        time.sleep(0.05)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise StackError(f"The {process.name} did not start. The end of {log}:\n{tail}")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) < 65536


def choose_port(variable: str = "", preferred: int | None = None) -> int:
    """The port that this variable of the environment names, else the preferred if it is free, else
    any free one.

    Raises:
        StackError: the named port is taken, or none.
    """
    if wanted := os.environ.get(variable):
        if not is_port(wanted):
            raise StackError(f"{variable}={wanted} is no port: say 1 to 65535, or unset it.")
        if not is_free(int(wanted)):
            raise StackError(
                f"Port {wanted} is taken. Let {variable} name another one, or unset it: "
                "then a free one is found."
            )
        return int(wanted)
    if preferred and is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
