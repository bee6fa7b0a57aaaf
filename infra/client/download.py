"""Download a file, resumed where a connection broke, in constant memory."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import urllib3
from urllib3.exceptions import HTTPError

from infra.client import checksums
from infra.client.api import PASSING, FilesApi, open_pool
from infra.client.errors import ClientError, Stopped

BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Downloaded:
    size: int
    checksum: str
    """CRC64NVME, as the API writes it."""
    sha256: str
    seconds: float
    resumed: int
    """How often it went on after a break; an earlier call's file counts once."""


class _Content:
    """What came until now: its checksums, and the file it goes to, if any."""

    def __init__(self, part: BinaryIO | None) -> None:
        self.part, self.size, self.crc, self.sha256 = part, 0, 0, hashlib.sha256()
        if part is not None:
            while block := part.read(BLOCK):
                self._count(block)

    def add(self, block: bytes) -> None:
        if self.part is not None:
            self.part.write(block)
        self._count(block)

    def _count(self, block: bytes) -> None:
        self.size += len(block)
        self.crc = checksums.crc64nvme(block, self.crc)
        self.sha256.update(block)


def download(
    api: FilesApi,
    file_id: str,
    to: Path | None = None,
    on_bytes: Callable[[int], None] = lambda count: None,
) -> Downloaded:
    """Read the content of a READY file, to `to` if that is given.

    Until it is complete it is in `to` with `.FILE_ID.part` behind: the same call goes on there,
    also in another process. Whether the checksum is the right one is the caller's to say.

    Raises:
        Problem: the API refuses it; code `file_not_ready` if it is not READY.
        ClientError: the object store does, or cannot be reached, at every attempt.
    """
    began = time.monotonic()
    if to is None:
        content = _Content(None)
        resumed = _fetch(api, file_id, content, on_bytes)
    else:
        part = to.with_name(f"{to.name}.{file_id}.part")
        try:
            with part.open("a+b") as file:
                file.seek(0)
                content = _Content(file)
                resumed = _fetch(api, file_id, content, on_bytes)
            part.replace(to)
        finally:
            if part.exists() and not part.stat().st_size:
                part.unlink()
    seconds = time.monotonic() - began
    sums = checksums.written(content.crc), content.sha256.hexdigest()
    return Downloaded(content.size, *sums, seconds, resumed)


def _fetch(api: FilesApi, file_id: str, content: _Content, heard: Callable[[int], None]) -> int:
    """Add all that is missing; how often it went on where something had ended."""
    resumed, waits = int(content.size > 0), iter(api.waits)
    with open_pool(1, api.access.ca_file) as pool:
        while True:
            before = content.size
            why = _attempt(api, pool, api.content_url(file_id), content, heard)
            if why is None:
                return resumed
            if content.size > before:  # it moves: be as patient as at the start
                waits = iter(api.waits)
            if (seconds := next(waits, None)) is None:
                raise ClientError(f"The file cannot be fetched: {why}. Try again to resume.")
            resumed += content.size > 0
            api.pause(seconds)


def _attempt(
    api: FilesApi,
    pool: urllib3.PoolManager,
    url: str,
    content: _Content,
    heard: Callable[[int], None],
) -> str | None:
    """Nothing if all of it is there, else why it is worth another attempt."""
    start = content.size
    headers = {"Range": f"bytes={start}-"} if start else {}
    try:
        answer = pool.request("GET", url, headers=headers, redirect=False, preload_content=False)
        given = answer.headers.get("Content-Range", "")
        whole = answer.status == 200 and not start
        if whole or (answer.status == 206 and given.startswith(f"bytes {start}-")):
            for block in answer.stream(BLOCK, decode_content=False):
                if api.stop.is_set():
                    answer.close()
                    raise Stopped("Stopped.")
                content.add(block)
                heard(len(block))
            return None
        said = answer.read(4096)
        answer.close()
    except HTTPError as error:
        return str(error)
    if answer.status == 416 and given == f"bytes */{start}":
        return None  # an earlier run had come to the end
    if answer.status == 403 or answer.status in PASSING:
        return f"{answer.status} {said.decode(errors='replace')[:200]}"
    raise ClientError(f"The object store answers {answer.status}, range {given or 'none'}.")
