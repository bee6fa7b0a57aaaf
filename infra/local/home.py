"""The folder of one local stack: addresses, state, logs and secrets; mode 0700.

local.json     addresses and processes of the running stack; mode 0600
metrics.jsonl  what functions count, while `up --observe` reads it; mode 0600
prometheus/    what Prometheus keeps, if it is installed
grpc.aws       whose rights the gRPC front has
secrets.json   channel secrets, made once; mode 0600
state/         what the emulator keeps between runs
tls/           certificates of a stack with --tls (tls.py)
tmp/           the emulator's TMPDIR, deleted when it stops
*.log          what the emulator, the gRPC front and the sandbox print
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parents[2]


class StackError(Exception):
    """The local stack cannot do what was asked; the message says what to do."""


@dataclass(frozen=True)
class Home:
    """Where one local stack lives. Two homes never share a file, a port or a process."""

    path: Path

    @classmethod
    def from_environment(cls) -> "Home":
        """The folder CHAT4ALL_HOME names, or .chat4all in the repo."""
        return cls(Path(os.environ.get("CHAT4ALL_HOME") or REPO / ".chat4all").resolve())

    def make(self) -> None:
        """There is such a folder then, and only its owner enters: what the emulator keeps in it has
        keys, tokens' and files'. A folder with other things in it stays as open as it was."""
        try:
            self.path.mkdir(parents=True, mode=0o700)
        except FileExistsError:
            if any((self.path / name).exists() for name in ("lock", "local.json", "ports.json")):
                self.path.chmod(0o700)  # of ours, and perhaps from before we closed it

    def read(self, name: str) -> dict[str, Any]:
        """A JSON file's content; empty when there is none or it was cut short."""
        try:
            content = json.loads((self.path / name).read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return dict(content)

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Replace a JSON file in one step, readable by its owner only."""
        self.make()
        target, draft = self.path / name, self.path / f".{name}.draft"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(content, file, indent=2)
        draft.replace(target)

    def log(self, name: str) -> Path:
        return self.path / f"{name}.log"

    def forget(self) -> None:
        """Delete everything the emulator kept. Call it with nothing running."""
        for folder in ("state", "tmp"):
            shutil.rmtree(self.path / folder, ignore_errors=True)
        (self.path / "local.json").unlink(missing_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one process at a time starts, stops or deploys in this home."""
        self.make()
        with (self.path / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
