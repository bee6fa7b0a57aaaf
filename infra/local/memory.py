"""How much memory processes had at their most. From /proc, so on Linux only; else nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PROC = Path("/proc")
EVERY = 0.05  # seconds: the peak is the kernel's own, so only processes that end at once slip by


class Peaks:
    """The highest resident set of each process that was seen, in bytes, by its name: functions
    by theirs, all other descendants by that of the process they come from."""

    def __init__(self) -> None:
        self.bytes: dict[str, int] = {}
        self._watched: dict[str, int] = {}

    def watch(self, name: str, pid: int) -> None:
        """A process and all its descendants."""
        self._watched[name] = pid

    def look(self) -> None:
        for name, pid in list(self._watched.items()):
            for found in (pid, *_descendants(pid)):
                function = _function(found)
                called = f"{name} › {function}" if function else name
                self.bytes[called] = max(self.bytes.get(called, 0), _peak(found))


@contextmanager
def watching() -> Iterator[Peaks]:
    """Looks all the time, in a thread."""
    peaks, over = Peaks(), threading.Event()

    def run() -> None:
        while not over.wait(EVERY):
            peaks.look()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield peaks
    finally:
        over.set()
        thread.join()


def _descendants(pid: int) -> list[int]:
    children: list[int] = []
    for task in (PROC / str(pid) / "task").glob("*/children"):
        with suppress(OSError):
            children += [int(child) for child in task.read_text().split()]
    return [found for child in children for found in (child, *_descendants(child))]


def _peak(pid: int) -> int:
    with suppress(OSError):
        for line in (PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def _function(pid: int) -> str | None:
    """From the environment that Lambda gives a function; None for any other process."""
    with suppress(OSError):
        for entry in (PROC / str(pid) / "environ").read_bytes().split(b"\0"):
            if entry.startswith(b"AWS_LAMBDA_FUNCTION_NAME="):
                return entry.partition(b"=")[2].decode()
    return None
