"""What the next run of an upload that was cut short needs: a small file, without secrets."""

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from infra.client.errors import ClientError
from infra.local.home import Home


@dataclass(frozen=True)
class Source:
    """A file as it is now. Another size or time: another file."""

    path: Path
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> "Source":
        """Raises ClientError if it is no file that can be read, or an empty one."""
        try:
            path = path.resolve(strict=True)
            found = path.stat()
            if not path.is_file():
                raise ClientError(f"{path} is not a file.")
        except OSError as error:
            raise ClientError(f"{path} cannot be read: {error.strerror}.") from error
        if not found.st_size:
            raise ClientError(f"{path} is empty; the API takes files of at least one byte.")
        return cls(path, found.st_size, found.st_mtime_ns)


@dataclass
class Entry:
    """An upload that was begun. Which parts arrived is not in it: the API is asked."""

    file_id: str
    path: str
    size: int
    mtime_ns: int
    part_size: int
    checksums: dict[str, int] = field(default_factory=dict)
    """The CRC64NVME of parts that were sent, by part number."""

    def is_of(self, source: Source) -> bool:
        return (self.size, self.mtime_ns) == (source.size, source.mtime_ns)


class Journal:
    """The entry of one upload: one file to one place by one API."""

    def __init__(self, home: Home, api_url: str, path: Path, *place: str | None) -> None:
        key = "\x1f".join((api_url, str(path), *(part or "" for part in place)))
        self._name = hashlib.sha256(key.encode()).hexdigest()[:32]
        self._folder = Home(home.path / "uploads")
        self._writing = threading.Lock()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Raises ClientError if another process is at this upload."""
        self._folder.make()
        lock = self._folder.path / f"{self._name}.lock"
        with lock.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ClientError(
                    "Another run is uploading this file to the same place."
                ) from error
            try:
                if not lock.exists() or not os.path.samestat(lock.stat(), os.fstat(file.fileno())):
                    raise ClientError("Another run was uploading this file until now. Try again.")
                yield
            finally:
                lock.unlink(missing_ok=True)

    def read(self) -> Entry | None:
        found = self._folder.read(f"{self._name}.json")
        try:
            return Entry(**found) if found else None
        except TypeError:  # of another version
            return None

    def write(self, entry: Entry) -> None:
        with self._writing:
            self._folder.write(f"{self._name}.json", asdict(entry))

    def record(self, entry: Entry, number: int, crc: int) -> None:
        """Remember the checksum of a part. For any thread."""
        with self._writing:
            entry.checksums[str(number)] = crc
            self._folder.write(f"{self._name}.json", asdict(entry))

    def forget(self) -> None:
        (self._folder.path / f"{self._name}.json").unlink(missing_ok=True)
