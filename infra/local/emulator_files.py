"""Bodies of S3 objects in files instead of memory, for emulator_s3.py."""

import mmap
import os
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

PIECE = 512 * 1024  # bytes of a download read at once
MOST_PARTS = 10_000


class Part:
    """Where a part's bytes are in its upload's spool."""

    def __init__(self, offset: int, size: int) -> None:
        self.offset, self.size = offset, size

    def __len__(self) -> int:
        return self.size


class Spool:
    """The file that one upload's parts are written to. It is deleted with the last reference,
    unless it was moved away."""

    def __init__(self) -> None:
        number, name = tempfile.mkstemp(prefix="s3-upload-")
        self.path = Path(name)
        self.file = os.fdopen(number, "r+b", buffering=0)
        self.slot = self.end = 0
        self._delete = weakref.finalize(self, self.path.unlink, missing_ok=True)

    def keep(self, number: int, body: bytes) -> Part:
        """Write a part: at its place in the object, if all are as long as the first that came."""
        if not self.slot:
            self.slot, self.end = len(body), len(body) * MOST_PARTS
        if len(body) <= self.slot:
            offset = (number - 1) * self.slot
        else:  # the first that came was the last and shorter one: this goes behind all places
            offset, self.end = self.end, self.end + len(body)
        self.write(body, offset)
        return Part(offset, len(body))

    def write(self, body: Any, offset: int) -> None:
        rest = memoryview(body)
        while rest:
            written = os.pwrite(self.file.fileno(), rest, offset)
            rest, offset = rest[written:], offset + written

    def join(self, parts: "Sequence[Part | bytes]") -> "Mapped | bytes":
        """One object of these parts. Takes no time if each is at its place, else copies them."""
        places = [0]
        for part in parts:
            places.append(places[-1] + len(part))
        placed = list(zip(parts, places, strict=False))
        moved = any(isinstance(part, Part) and part.offset != place for part, place in placed)
        target = Spool() if moved else self
        for part, place in placed:
            if moved and isinstance(part, Part):
                target.write(os.pread(self.file.fileno(), part.size, part.offset), place)
            elif not isinstance(part, Part):  # a small one, kept in memory until now
                target.write(part, place)
        if not places[-1]:
            return b""  # cannot be mapped
        target.file.truncate(places[-1])
        body = map_file(target.file)
        body.spool = target
        return body

    def move(self, path: str) -> bool:
        """Give the file another name, for good; False if it cannot be, as on another disk."""
        try:
            self.path.replace(path)
        except OSError:
            return False
        self._delete.detach()
        return True


class Mapped(mmap.mmap):
    """An object in a file, for whatever takes bytes. Its pages are the system's, not ours."""

    spool: Spool | None = None

    def __deepcopy__(self, memo: Any) -> "Mapped":
        return self  # nobody writes to it

    def decode(self, *how: str) -> str:
        return self[:].decode(*how)


class Window:
    """Some of an object's bytes, read when they are sent."""

    def __init__(self, body: Mapped, start: int, end: int) -> None:
        self.body, self.start, self.end = body, start, min(end, len(body))

    def __len__(self) -> int:
        return self.end - self.start

    def pieces(self) -> Iterator[bytes]:
        """The bytes, PIECE by PIECE. What was read is not counted as this process's memory."""
        for place in range(self.start, self.end, PIECE):
            until = min(place + PIECE, self.end)
            yield self.body[place:until]
            page = place - place % mmap.PAGESIZE
            self.body.madvise(mmap.MADV_DONTNEED, page, until - page)


def map_file(file: Any) -> Mapped:
    """All of an open file, which must not be empty. It may be closed, moved and deleted then."""
    return Mapped(file.fileno(), 0, access=mmap.ACCESS_READ)
