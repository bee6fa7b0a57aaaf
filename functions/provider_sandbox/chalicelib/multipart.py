"""Reading a multipart/form-data body as it comes: its file goes to a shelf, block by block."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import HeaderParser
from typing import Protocol

from .content import BLOCK, Room
from .errors import GraphError, MediaFailed
from .media_rules import LARGEST

_LONGEST_FIELD = 64 * 1024


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Body:
    """A request's body of known length, read no further than its end."""

    def __init__(self, stream: Readable, length: int) -> None:
        self._stream = stream
        self.left = length

    def read(self) -> bytes:
        """The next bytes, at most BLOCK; none at the end."""
        block = self._stream.read(min(BLOCK, self.left))
        self.left = self.left - len(block) if block else 0
        return block

    def drain(self) -> None:
        """Read what is left, so that the connection can carry another request."""
        while self.left:
            self.read()


@dataclass(slots=True)
class Form:
    """The fields of a form, and what its part named `file` says of itself: None without one."""

    fields: dict[str, str] = field(default_factory=dict)
    file_type: str | None = None


def read_form(body: Body, content_type: str, room: Room) -> Form:
    """The form in a body, its file written to `room`.

    Raises:
        GraphError: it is no such form.
        MediaFailed: the file has more bytes than any media may have.
    """
    boundary = _header("content-type", content_type).get_boundary()
    if boundary is None:
        raise GraphError(100, "The request body must be multipart/form-data with a boundary")
    parts, mark = _Parts(body), f"\r\n--{boundary}".encode()
    _text(parts.until(mark))
    form = Form()
    while _text(parts.until(b"\r\n")) != "--":
        head = HeaderParser().parsestr(_text(parts.until(b"\r\n\r\n")))
        name = str(head.get_param("name", "", "content-disposition"))
        if name == "file":
            form.file_type = head.get_content_type()
            _fill(room, parts.until(mark))
        else:
            form.fields[name] = _text(parts.until(mark))
    return form


class _Parts:
    """The body cut at marks. It begins with a line break of ours, so that the first boundary,
    which may open the body, looks like the others; and ends with one, for the last."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._buffer = bytearray(b"\r\n")
        self._ended = False

    def until(self, mark: bytes) -> Iterator[bytes]:
        """The bytes before the next mark, in blocks; the mark itself is skipped."""
        while (at := self._buffer.find(mark)) < 0:
            safe = len(self._buffer) - len(mark) + 1  # a mark may have begun after this
            if safe > 0:
                yield bytes(self._buffer[:safe])
                del self._buffer[:safe]
            self._more()
        yield bytes(self._buffer[:at])
        del self._buffer[: at + len(mark)]

    def _more(self) -> None:
        if self._ended:
            raise GraphError(100, "The multipart body ends before its last boundary")
        block = self._body.read()
        self._ended = not block
        self._buffer += block or b"\r\n"


def _header(name: str, value: str) -> Message:
    message = Message()
    message[name] = value
    return message


def _text(blocks: Iterator[bytes]) -> str:
    gathered = bytearray()
    for block in blocks:
        gathered += block
        if len(gathered) > _LONGEST_FIELD:
            raise GraphError(100, f"a form field may have at most {_LONGEST_FIELD} bytes")
    return gathered.decode("utf-8", "replace")


def _fill(room: Room, blocks: Iterator[bytes]) -> None:
    for block in blocks:
        if room.size + len(block) > LARGEST:
            raise MediaFailed(f"larger than {LARGEST} bytes", unsuitable=True)
        room.write(block)
