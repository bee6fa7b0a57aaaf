"""The one sandbox of this process."""

import os
import threading

from .errors import BadInput
from .sandbox import Sandbox
from .settings import Settings
from .wire import Channel

_building = threading.Lock()
_built: list[Sandbox] = []


def sandbox() -> Sandbox:
    """The one sandbox of this process, built at first use from SANDBOX_SETTINGS if set.

    Raises:
        BadInput: the file SANDBOX_SETTINGS names cannot be used.
    """
    with _building:
        if not _built:
            path = os.environ.get("SANDBOX_SETTINGS")
            _built.append(Sandbox(Settings.from_file(path) if path else Settings()))
        return _built[0]


def channel_named(name: object) -> Channel:
    channels = sandbox().channels
    if not isinstance(name, str) or name not in channels:
        raise BadInput(f"channel must be one of {', '.join(channels)}")
    return channels[name]
