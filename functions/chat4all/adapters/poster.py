"""POST to addresses that were checked: the socket is opened to one of them, and the name serves
for the certificate and the Host header alone. Nothing is looked up, no proxy, no redirect."""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import NamedTuple

from chat4all.ports.webhooks import Posted
from chat4all.webhooks.addresses import Destination
from chat4all.webhooks.schedule import retry_after_seconds

CONNECT_SECONDS = 5.0
REST_SECONDS = 1.0
"""For what follows the status: it decides nothing, and is read to keep the connection."""
REST_BYTES = 4096
MAX_KEPT = 40
KEPT_SECONDS = 30.0


class _Line(NamedTuple):
    """A connection. `raw` shuts it down in any state, also in the middle of a handshake."""

    http: http.client.HTTPConnection
    raw: socket.socket
    kept_at: float = 0.0

    def close(self) -> None:
        self.http.close()
        self.raw.close()


_Key = tuple[str, str, int, str]


class PinnedPoster:
    def __init__(self, ca_file: str | None = None) -> None:
        """`ca_file` has the authorities that are trusted in the place of the system's."""
        self._tls = ssl.create_default_context(cafile=ca_file)
        self._kept: dict[_Key, list[_Line]] = {}
        self._lock = threading.Lock()

    def post(
        self, to: Destination, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> Posted:
        ends = time.monotonic() + seconds
        given = {**headers, "host": to.host_header, "content-length": str(len(body))}
        for address in to.addresses:
            line = self._take((to.scheme, to.host, to.port, address))
            if line is None:
                continue
            with suppress(OSError, http.client.HTTPException):  # it was closed while it lay idle
                return self._ask(line, to, address, given, body, ends)
            break
        try:
            address, raw = _connect(to, ends)
        except OSError as error:
            return Posted(error=_word(error, ends, "unreachable"))
        try:
            line = self._open(raw, to, ends)
            return self._ask(line, to, address, given, body, ends)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Posted(error=_word(error, ends, "connection_lost"))

    def _open(self, raw: socket.socket, to: Destination, ends: float) -> _Line:
        """Raises OSError or ValueError; then nothing is left open."""
        watched = raw.dup()
        try:
            sock = raw
            if to.scheme == "https":
                with _cut_at(watched, ends):
                    sock = self._tls.wrap_socket(raw, server_hostname=to.host)
        except (OSError, ValueError):
            raw.close()
            watched.close()
            raise
        connection = http.client.HTTPConnection(to.host, to.port)
        connection.auto_open = 0  # it never connects by itself, which would look the name up
        connection.sock = sock
        return _Line(connection, watched)

    def _ask(
        self,
        line: _Line,
        to: Destination,
        address: str,
        headers: Mapping[str, str],
        body: bytes,
        ends: float,
    ) -> Posted:
        """One request on a connection, which is kept or closed then."""
        keep = False
        try:
            line.http.sock.settimeout(max(0.1, ends - time.monotonic()))
            with _cut_at(line.raw, ends):
                line.http.request("POST", to.target, body=body, headers=dict(headers))
                answer = line.http.getresponse()
            if time.monotonic() >= ends:  # cut off among its headers, which reads as their end
                raise TimeoutError
            rest = min(ends, time.monotonic() + REST_SECONDS)
            with _cut_at(line.raw, rest), suppress(OSError, http.client.HTTPException):
                answer.read(REST_BYTES)
                keep = answer.isclosed() and not answer.will_close
        finally:
            if not (keep and self._keep((to.scheme, to.host, to.port, address), line)):
                line.close()
        wait = retry_after_seconds(answer.headers.get("retry-after"), time.time())
        return Posted(answer.status, _of_status(answer.status), wait)

    def _take(self, key: _Key) -> _Line | None:
        """A connection that is still open, as far as can be seen."""
        with self._lock:
            lines = self._kept.pop(key, [])
            found = lines.pop() if lines else None
            if lines:
                self._kept[key] = lines
        if found is None:
            return None
        if time.monotonic() - found.kept_at > KEPT_SECONDS or _is_readable(found.raw):
            found.close()
            return None
        return found

    def _keep(self, key: _Key, line: _Line) -> bool:
        with self._lock:
            if sum(map(len, self._kept.values())) >= MAX_KEPT:
                oldest = next(iter(self._kept))
                for old in self._kept.pop(oldest):
                    old.close()
            self._kept.setdefault(key, []).append(line._replace(kept_at=time.monotonic()))
        return True


def _connect(to: Destination, ends: float) -> tuple[str, socket.socket]:
    """The first address that answers. Raises OSError: the last one's."""
    failed: OSError = TimeoutError()
    for address in to.addresses:
        left = ends - time.monotonic()
        if left <= 0:
            break
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        try:
            sock.settimeout(min(left, CONNECT_SECONDS))
            sock.connect((address, to.port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(max(0.1, ends - time.monotonic()))
            return address, sock
        except OSError as error:
            sock.close()
            failed = error
    raise failed


@contextmanager
def _cut_at(raw: socket.socket, ends: float) -> Iterator[None]:
    """Shut a connection down at a time: a limit for each read is none for a drip."""

    def cut() -> None:
        with suppress(OSError):
            raw.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, ends - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _is_readable(raw: socket.socket) -> bool:
    """Nobody asked anything: so it is the end of it, or something that belongs to no request."""
    poll = select.poll()
    poll.register(raw, select.POLLIN)
    return bool(poll.poll(0))


def _of_status(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    return "redirect" if 300 <= status < 400 else "status"


def _word(error: Exception, ends: float, otherwise: str) -> str:
    if isinstance(error, TimeoutError) or time.monotonic() >= ends:
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, ConnectionRefusedError):
        return "connection_refused"
    return otherwise if isinstance(error, OSError) else "bad_answer"
