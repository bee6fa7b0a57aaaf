"""What people send on channels: announced as a file at once, and fetched from the provider after.

So the message keeps its place in the conversation, and a slow provider holds nobody up. Who sends
the file on to a channel waits until it is READY.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Callable, Iterator
from math import inf

from chat4all.content_types import LOOK, UNKNOWN, contradiction
from chat4all.delivery import MEDIA, FetchMedia, InboundUpdate, MediaPayload
from chat4all.errors import Raced, TryLater, Undeliverable
from chat4all.file import MAX_SIZE, MIN_PART, File, FileStatus, clean_name, media_type
from chat4all.ids import derived_id
from chat4all.message import MAX_CAPTION, FileContent
from chat4all.ports import Clock, Connector, Download, FileStore, ObjectStore, Queue

MAX_ATTEMPTS = 8
FIRST_WAIT = 2
"""Seconds; doubled with each attempt, so that the last one is after about four minutes."""
_extensions = mimetypes.MimeTypes()  # Python's own table: machines have others besides
for _content_type, _extension in (
    ("audio/ogg", ".ogg"),
    ("audio/mp4", ".m4a"),
    ("audio/amr", ".amr"),
    ("video/3gpp", ".3gp"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"),
):
    _extensions.add_type(_content_type, _extension)
LEAST_SECONDS = 20.0
"""A download is broken off when its function has only so long to live."""


class Announcing:
    def __init__(self, files: FileStore, queue: Queue, clock: Clock) -> None:
        self._files = files
        self._queue = queue
        self._clock = clock

    def announce(self, update: InboundUpdate, media: MediaPayload, owner: str) -> FileContent:
        """Make a file of what a person sent and have it fetched; what the message says of it.

        Everything derives from the provider's id, so a repeat changes nothing.
        """
        file = self._files.add(
            File(
                file_id=derived_id("file", update.channel, update.provider_id),
                owner=owner,
                filename=clean_name(media.filename or _name_of(media)),
                content_type=_type_of(media.content_type),
                sha256=media.sha256,
                origin=update.channel,
                created_at=self._clock.now(),
            )
        )
        if file.status is FileStatus.UPLOADING:
            job = FetchMedia(file_id=file.file_id, channel=update.channel, media=media)
            self._queue.send(MEDIA, [job.outgoing()])
        return FileContent(
            type="file",
            file_id=file.file_id,
            caption=(media.caption or "")[:MAX_CAPTION] or None,
            filename=file.filename,
            content_type=file.content_type,
        )

    def share(self, content: FileContent, conversation_id: str) -> None:
        """The members of the conversation that the message went to may fetch it."""
        self._files.share(content.file_id, conversation_id, self._clock.now())


def _name_of(media: MediaPayload) -> str:
    """`image.jpg`, for what comes without a name."""
    kind = media.content_type.partition("/")[0]
    return f"{kind}{_extensions.guess_extension(_type_of(media.content_type)) or ''}"


def _type_of(content_type: str) -> str:
    try:
        return media_type(content_type)
    except ValueError:
        return UNKNOWN


class Fetching:
    """Streams a person's file from its provider into the store, one part in memory at a time."""

    def __init__(
        self, files: FileStore, objects: ObjectStore, connector_of: Callable[[str], Connector]
    ) -> None:
        self._files = files
        self._objects = objects
        self._connector_of = connector_of

    def fetch(
        self, job: FetchMedia, attempt: int = 1, seconds_left: Callable[[], float] = lambda: inf
    ) -> File | None:
        """The file as it is then: READY, or REJECTED with the reason.

        Raises:
            TryLater: it did not work now, and this was not the last attempt; `retry_after` says
                in how many seconds.
        """
        file = self._files.get(job.file_id)
        if file is None or file.status is not FileStatus.UPLOADING:
            return file
        try:
            with self._connector_of(job.channel).download(job.media) as download:
                facts = self._store(file, job.media, download, seconds_left)
        except TryLater as error:
            if attempt < MAX_ATTEMPTS:
                wait = error.retry_after or FIRST_WAIT * 2.0 ** (attempt - 1)
                raise TryLater(error.code, error.reason, retry_after=wait) from error
            detail = f"{MAX_ATTEMPTS} attempts: {error.code}: {error.reason}"
            return self._move(file, FileStatus.REJECTED, reason="download_failed", detail=detail)
        except Undeliverable as error:
            detail = f"{error.code}: {error.reason}"
            return self._move(file, FileStatus.REJECTED, reason="download_failed", detail=detail)
        stored = self._move(file, FileStatus.READY, **facts)
        if stored is None or stored.status is not FileStatus.READY:
            self._objects.delete(file.key)  # it was aborted meanwhile
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
        content_type = _type_of(download.content_type or file.content_type)
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
        except BaseException:
            self._objects.abort(file.key, begun.upload_id)
            raise
        there = self._objects.look(file.key)
        checksum = there.checksum if there else None
        return {
            "size": size,
            "sha256": sha256,
            "checksum": checksum,
            "content_type": content_type,
        }

    def _move(self, file: File, status: FileStatus, **facts: object) -> File | None:
        try:
            return self._files.move(file, status, **facts)
        except Raced:
            return self._files.get(file.file_id)


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
