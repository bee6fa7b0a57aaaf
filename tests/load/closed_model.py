"""A closed model: so many users, each of whom waits for an answer before going on. Locust plays
them, in a process and a Python of its own (`.venv-load`), and leaves a line for each message."""

from __future__ import annotations

import csv
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.home import REPO, StackError
from tests.load.records import Asked, read
from tests.load.world import World

USERS = {
    "texts": "Texts",
    "groups": "Texts",
    "files": "Files",
    "webhooks": "Texts",
    "websocket": "Sockets",
}
"""The class of each scenario. Groups and webhooks differ in who is written to and who listens."""
LOOK = 0.2  # seconds
ENDING = 30.0  # seconds that Locust may take to end
RECORDS, WORLD = "asked.jsonl", "world.json"


@dataclass(frozen=True)
class Crowd:
    """`rate`: messages a second of all users at most; None: as fast as they are answered."""

    scenario: str
    users: int
    seconds: float
    rate: float | None
    file_bytes: int


def command() -> str:
    """Where Locust is: CHAT4ALL_LOCUST, which scripts/load sets, or .venv-load.

    Raises:
        StackError: it is not installed.
    """
    found = Path(os.environ.get("CHAT4ALL_LOCUST") or REPO / ".venv-load" / "bin" / "locust")
    if not found.exists():
        raise StackError(f"{found} is missing. ./scripts/load --scenario texts installs it.")
    return str(found)


def run(
    crowd: Crowd, world: World, ca_file: str, folder: Path, stop: Callable[[], bool]
) -> list[Asked]:
    """What was asked until time is over or `stop` says so. Locust's own report stays in `folder`.

    Raises:
        StackError: Locust could not begin; the message has its last lines.
    """
    world.save(folder / WORLD)
    wait = crowd.users / crowd.rate if crowd.rate else 0.0
    environment = {
        **os.environ,
        "PYTHONPATH": str(REPO),
        "CHAT4ALL_LOAD": str(folder),
        "CHAT4ALL_LOAD_WAIT": str(wait),
        "CHAT4ALL_LOAD_CA": ca_file,
        "CHAT4ALL_LOAD_FILE_BYTES": str(crowd.file_bytes),
    }
    arguments = [
        command(), "--headless", "--locustfile", str(REPO / "tests" / "load" / "locustfile.py"),
        "--host", world.api_url, "--users", str(crowd.users), "--spawn-rate", str(crowd.users),
        "--run-time", f"{crowd.seconds:.0f}s", "--stop-timeout", "20", "--loglevel", "WARNING",
        "--only-summary", "--csv", str(folder / "locust"), "--html", str(folder / "locust.html"),
        "--reset-stats", USERS[crowd.scenario],
    ]  # fmt: skip
    with (folder / "locust.log").open("wb") as log:
        process = subprocess.Popen(
            arguments, cwd=REPO, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            while process.poll() is None and not stop():
                time.sleep(LOOK)
        finally:
            process.terminate()
            try:
                process.wait(ENDING)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            (folder / WORLD).unlink(missing_ok=True)  # it has a secret
    asked = read(folder / RECORDS)
    if not asked and not stop():
        tail = (folder / "locust.log").read_text(errors="replace").splitlines()[-15:]
        raise StackError("Locust sent nothing. The end of its log:\n" + "\n".join(tail))
    return asked


def calls(folder: Path) -> list[dict[str, Any]]:
    """Locust's own figures of each kind of request: number, failures, milliseconds."""
    path = folder / "locust_stats.csv"
    if not path.exists():
        return []
    with path.open() as file:
        return [
            {
                "request": f"{row['Type']} {row['Name']}".strip(),
                "count": int(row["Request Count"]),
                "failures": int(row["Failure Count"]),
                "p50": row["50%"],
                "p90": row["90%"],
                "p99": row["99%"],
            }
            for row in csv.DictReader(file)
        ]
