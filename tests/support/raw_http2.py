"""A client that says what no library would: HTTP/2 by hand, over plain text."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_connection, socket
from typing import NamedTuple

DATA, HEADERS, RESET, SETTINGS, PING = 0, 1, 3, 4, 6
END_STREAM, END_HEADERS, ACK = 1, 4, 1
NO_TABLE = b"\0\1" + bytes(4)
"""The setting: headers come in full each time, and so can be read."""
WINDOW = b"\0\4"
"""The setting: how many bytes of each answer may come before some are asked for."""


class Frame(NamedTuple):
    kind: int
    flags: int
    stream: int
    payload: bytes

    @property
    def ends(self) -> bool:
        return self.kind == RESET or (self.kind == HEADERS and bool(self.flags & END_STREAM))


class Line:
    def __init__(self, port: int, window: int = 65_535) -> None:
        self._socket: socket = create_connection(("127.0.0.1", port))
        self._next, self._read = 1, b""
        self._socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        self._send(SETTINGS, 0, 0, NO_TABLE + WINDOW + window.to_bytes(4, "big"))

    def open(
        self, path: bytes, *messages: bytes, bearer: str = "", end: bool = True, **headers: bytes
    ) -> int:
        """A call with these messages. Without `end` the server must wait for more."""
        fields = {b":method": b"POST", b":scheme": b"http", b":path": path, b":authority": b"x"}
        fields |= {b"content-type": b"application/grpc", b"te": b"trailers"}
        fields |= {b":authority": headers["authority"]} if headers else {}
        if bearer:
            fields[b"authorization"] = b"Bearer " + bearer.encode()
        stream, self._next = self._next, self._next + 2
        block = b"".join(b"\0" + _text(name) + _text(value) for name, value in fields.items())
        last = END_STREAM if end else 0
        self._send(HEADERS, END_HEADERS | (0 if messages else last), stream, block)
        for number, message in enumerate(messages, 1):
            framed = b"\0" + len(message).to_bytes(4, "big") + message
            self._send(DATA, last if number == len(messages) else 0, stream, framed)
        return stream

    def ended(self, count: int, seconds: float = 5) -> list[Frame]:
        """What ended so many calls, or those that end until then."""
        until, found = time.monotonic() + seconds, dict[int, Frame]()
        self._socket.settimeout(0.05)
        while len(found) < count and time.monotonic() < until:
            try:
                self._read += self._socket.recv(65_536)
            except TimeoutError:
                continue
            for frame in self._frames():
                if frame.ends:
                    found.setdefault(frame.stream, frame)
        return [*found.values()]

    def close(self) -> None:
        self._socket.close()

    def _frames(self) -> Iterator[Frame]:
        while len(self._read) >= 9:
            size = 9 + int.from_bytes(self._read[:3], "big")
            if len(self._read) < size:
                return
            whole, self._read = self._read[:size], self._read[size:]
            frame = Frame(whole[3], whole[4], int.from_bytes(whole[5:9], "big"), whole[9:])
            if frame.kind in (SETTINGS, PING) and not frame.flags & ACK:
                self._send(frame.kind, ACK, 0, frame.payload if frame.kind == PING else b"")
            yield frame

    def _send(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        head = len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big")
        self._socket.sendall(head + payload)


@contextmanager
def line(port: int, window: int = 65_535) -> Iterator[Line]:
    opened = Line(port, window)
    try:
        yield opened
    finally:
        opened.close()


def _text(value: bytes) -> bytes:
    """As HPACK writes a literal."""
    size, head = len(value), b""
    if size >= 127:
        size, head = size - 127, b"\x7f"
        while size >= 128:
            head, size = head + bytes([size % 128 + 128]), size // 128
    return head + bytes([size]) + value
