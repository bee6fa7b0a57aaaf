"""Fetch what people send on channels from its provider, once it was announced (`announcing`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from math import inf

from chat4all.announcing import known_type, name_of
from chat4all.content_types import LOOK, UNKNOWN, contradiction
from chat4all.delivery import MediaPayload
from chat4all.errors import TryLater, Undeliverable
from chat4all.file import MAX_SIZE, MIN_PART, OVER, File, FileStatus, clean_name
from chat4all.file_jobs import FetchMedia
from chat4all.metrics import Metric, count
from chat4all.ports import Clock, Connector, Download, FileStore, ObjectStore
from chat4all.settling import settle

FIRST_WAIT, LONGEST_WAIT = 2.0, 900.0
"""Seconds between attempts: a quarter of the file's age, within these."""
LONGEST_AGE = 24 * 3600.0
"""Seconds. What waits for the file, to be sent on, is given up after a day as well."""
LEAST_SECONDS = 30.0
"""A download is broken off when its function has only so long to live: what it has then is put
together, which takes S3 a while."""


class Fetching:
    """Streams a person's file from its provider into the store, one part in memory at a time."""

    def __init__(
        self,
        files: FileStore,
        objects: ObjectStore,
        connector_of: Callable[[str], Connector],
        clock: Clock,
    ) -> None:
        self._files = files
        self._objects = objects
        self._connector_of = connector_of
        self._clock = clock

    def fetch(
        self, job: FetchMedia, seconds_left: Callable[[], float] = lambda: inf
    ) -> File | None:
        """The file as it is then: READY, or REJECTED with the reason.

        A provider that is down, or a token of ours that has expired, is waited for: for a day.

        Raises:
            TryLater: it did not work now; `retry_after` says in how many seconds to try again.
        """
        file = self._files.get(job.file_id)
        if file is not None and file.status in OVER:
            self._objects.delete(file.key)  # an earlier worker may have died with it stored
        if file is None or file.status is not FileStatus.UPLOADING:
            return file
        try:
            with self._connector_of(job.channel).download(job.media) as download:
                facts = self._store(file, job.media, download, seconds_left)
        except TryLater as error:
            age = (self._clock.now() - file.created_at) / 1000
            if age < LONGEST_AGE:
                wait = max(error.retry_after or 0, min(max(FIRST_WAIT, age / 4), LONGEST_WAIT))
                raise TryLater(error.code, error.reason, retry_after=wait) from error
            return self._reject(file, f"It was tried for a day: {error.code}: {error.reason}")
        except Undeliverable as error:
            return self._reject(file, f"{error.code}: {error.reason}")
        stored = settle(self._files, file, FileStatus.READY, **facts)
        if stored.status is not FileStatus.READY:
            self._objects.delete(file.key)  # it was aborted or deleted meanwhile
        else:
            count(Metric.FILE_BYTES, stored.size or 0, source="channel")
        return stored

    def _store(
        self,
        file: File,
        media: MediaPayload,
        download: Download,
        seconds_left: Callable[[], float],
    ) -> dict[str, object]:
        """What is known of it once it is stored."""
        parts = _parts(_in_time(download.chunks, seconds_left), MIN_PART)
        first = next(parts, b"")
        content_type = known_type(download.content_type or file.content_type)
        if contradiction(content_type, first[:LOOK]) is not None:
            content_type = UNKNOWN
        begun = self._objects.begin(file.key, content_type)
        try:
            size, digest, number, part = 0, hashlib.sha256(), 0, first
            while part:
                size, number = size + len(part), number + 1
                if size > MAX_SIZE:
                    raise Undeliverable("file_too_large", f"It has over {MAX_SIZE} bytes.")
                digest.update(part)
                self._objects.put_part(file.key, begun.upload_id, number, part)
                part = next(parts, b"")
            sha256 = digest.hexdigest()
            _check(size, sha256, media, download)
            stored = self._objects.parts(file.key, begun.upload_id)
            self._objects.finish(file.key, begun.upload_id, stored, None)
        except BaseException:  # whatever it was: half a file is of no use to anybody
            self._objects.abort(file.key, begun.upload_id)
            raise
        there = self._objects.look(file.key)
        checksum = there.checksum if there else None
        return {
            "size": size,
            "sha256": sha256,
            "checksum": checksum,
            "content_type": content_type,
            "filename": file.filename if media.filename else clean_name(name_of(content_type)),
        }

    def _reject(self, file: File, detail: str) -> File:
        rejected = settle(
            self._files, file, FileStatus.REJECTED, reason="download_failed", detail=detail
        )
        if rejected.status is FileStatus.REJECTED:
            self._objects.delete(file.key)  # an earlier worker may have died with it stored
        return rejected


def _check(size: int, sha256: str, media: MediaPayload, download: Download) -> None:
    """Raises TryLater for bytes that are not the announced ones: they were cut or changed."""
    if size == 0:
        raise Undeliverable("empty_file", "There are no bytes in it.")
    if download.size not in (None, size):
        raise TryLater("cut_short", f"{size} of {download.size} bytes came.")
    announced = download.sha256 or media.sha256
    if announced is not None and announced != sha256:
        raise TryLater("checksum_mismatch", "The bytes have another SHA-256 than announced.")


def _in_time(chunks: Iterator[bytes], seconds_left: Callable[[], float]) -> Iterator[bytes]:
    """The same, or TryLater where they come too slowly."""
    size = 0
    for chunk in chunks:
        if seconds_left() < LEAST_SECONDS:
            raise TryLater("too_slow", f"Only {size} bytes had come.")
        size += len(chunk)
        yield chunk


def _parts(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of `size`, the last one shorter."""
    piece = bytearray()
    for chunk in chunks:
        piece += chunk
        while len(piece) >= size:
            yield bytes(piece[:size])
            del piece[:size]
    if piece:
        yield bytes(piece)
