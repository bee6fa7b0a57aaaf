"""Bytes that are never whole in memory: on disk, or made up again whenever they are read."""

import hashlib
import os
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Protocol

BLOCK = 64 * 1024

# The first bytes by which programs tell a type.
_MAGIC = {
    "application/pdf": b"%PDF-1.7\n",
    "audio/mpeg": b"ID3\x03\x00\x00\x00\x00\x00\x00",
    "audio/mp4": b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00M4A isom",
    "audio/ogg": b"OggS\x00\x02",
    "image/gif": b"GIF89a",
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/webp": b"RIFF\xff\xff\xff\x7fWEBPVP8 ",
    "video/3gpp": b"\x00\x00\x00\x14ftyp3gp4\x00\x00\x00\x003gp4",
    "video/mp4": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
}


class Content(Protocol):
    """Bytes that can be read often, and by several threads at once."""

    @property
    def size(self) -> int: ...

    def blocks(self) -> Iterator[bytes]:
        """All bytes, at most BLOCK at a time."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """`size` bytes that look random, the same for the same seed, led by the type's magic bytes."""

    size: int
    seed: int
    mime_type: str

    def blocks(self) -> Iterator[bytes]:
        magic = _MAGIC.get(self.mime_type, b"")
        for start in range(0, self.size, BLOCK):
            length = min(BLOCK, self.size - start)
            block = hashlib.shake_128(f"{self.seed}:{start}".encode()).digest(length)
            yield block if start else (magic + block[len(magic) :])[:length]


@dataclass(frozen=True, slots=True)
class Stored:
    """A stretch of a shelf's file, which stays open while anyone may read it."""

    file: IO[bytes]
    start: int
    size: int

    def blocks(self) -> Iterator[bytes]:
        end = self.start + self.size
        for at in range(self.start, end, BLOCK):
            yield os.pread(self.file.fileno(), min(BLOCK, end - at), at)


class Room:
    """Space on a shelf that one thread fills, block by block."""

    def __init__(self, file: IO[bytes], start: int) -> None:
        self._file, self._start, self.size = file, start, 0

    def write(self, block: bytes) -> None:
        os.pwrite(self._file.fileno(), block, self._start + self.size)
        self.size += len(block)

    def content(self) -> Stored:
        return Stored(self._file, self._start, self.size)


class Shelf:
    """Everything stored, in one file without a name: it is gone with the process, however it ends.

    One file rather than one for each: thousands of items would use up the open files allowed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file, self._end = _nameless(), 0

    def room(self, most: int) -> Room:
        """Space for at most so many bytes; what is not filled costs no disk."""
        with self._lock:
            start, self._end = self._end, self._end + most
            return Room(self._file, start)

    def clear(self) -> None:
        with self._lock:
            self._file, self._end = _nameless(), 0


def _nameless() -> IO[bytes]:
    """A file that is closed, and so deleted, when nobody refers to it any more."""
    return tempfile.TemporaryFile()
