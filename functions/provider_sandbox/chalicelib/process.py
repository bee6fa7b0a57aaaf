"""The one sandbox of this process."""

import os
import threading
from pathlib import Path

from .errors import BadInput
from .journal import Journal
from .sandbox import Sandbox
from .settings import Settings
from .wire import Channel

_building = threading.Lock()
_built: list[Sandbox] = []


def sandbox() -> Sandbox:
    """The one sandbox of this process, built at first use from SANDBOX_SETTINGS if set. Where
    SANDBOX_JOURNAL names a file, it goes on where the last one with that file ended.

    Raises:
        BadInput: the file SANDBOX_SETTINGS names cannot be used.
    """
    with _building:
        if not _built:
            path = os.environ.get("SANDBOX_SETTINGS")
            kept = os.environ.get("SANDBOX_JOURNAL")
            settings = Settings.from_file(path) if path else Settings()
            _built.append(Sandbox(settings, Journal(Path(kept)) if kept else None))
        return _built[0]


def channel_named(name: object) -> Channel:
    channels = sandbox().channels
    if not isinstance(name, str) or name not in channels:
        raise BadInput(f"channel must be one of {', '.join(channels)}")
    return channels[name]
