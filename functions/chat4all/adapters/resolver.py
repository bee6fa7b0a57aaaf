"""Names as the system resolves them, with a time limit, which the system's own call lacks."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

SECONDS = 5.0
AT_ONCE = 100
"""As many as there may be endpoints. Threads are made as they are needed."""


class SystemResolver:
    """A look-up whose time is over goes on and keeps its thread. So there is one for each host, and
    a host whose servers are silent takes one thread, however many ask for it."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="resolver")
        self._running: dict[str, Future[list[Any]]] = {}
        self._lock = threading.Lock()

    def resolve(self, host: str, port: int) -> list[str]:
        try:
            found = self._asked(host).result(self._seconds)
        except (OSError, UnicodeError, TimeoutError):  # TimeoutError: ours, while it goes on
            return []
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    def _asked(self, host: str) -> Future[list[Any]]:
        with self._lock:
            running = self._running.get(host)
            if running is not None:
                return running
            begun = self._pool.submit(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
            self._running[host] = begun
        begun.add_done_callback(lambda ended: self._forget(host, ended))
        return begun

    def _forget(self, host: str, ended: Future[list[Any]]) -> None:
        with self._lock:
            if self._running.get(host) is ended:
                del self._running[host]
