"""Where a demonstration's stack lives: beside the user's own one, which it leaves alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.processes import is_free, is_port

PORTS = ("CHAT4ALL_AWS_PORT", "CHAT4ALL_TLS_PORT", "CHAT4ALL_SANDBOX_PORT")


@contextmanager
def own_home() -> Iterator[Path]:
    """A folder that is gone afterwards, whatever CHAT4ALL_HOME says: a stack in it forgets what it
    stored. Ports that the environment names and that are taken are left to who has them."""
    for name in PORTS:
        port = os.environ.get(name, "")
        if is_port(port) and not is_free(int(port)):
            del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="chat4all-demo-") as folder:
        yield Path(folder).resolve()
