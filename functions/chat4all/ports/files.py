"""Files: what is known of them, and where their bytes are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from chat4all.file import File, FileStatus


class FileStore(Protocol):
    def add(self, file: File) -> File:
        """Store it; the one that is there when the id is taken."""
        ...

    def get(self, file_id: str) -> File | None:
        """Strongly consistent."""
        ...

    def move(self, file: File, status: FileStatus, **facts: Any) -> File:
        """Give a file another status, and facts with it; the file as it is then. A fact that is
        None says nothing: what is known stays.

        Raises:
            Raced: it no longer has the status that `file` has.
        """
        ...

    def owned(self, user_id: str, after: str | None, limit: int) -> list[tuple[str, str]]:
        """(place, file id) of a user's files, whatever their status, the oldest first, after a
        place. Eventually consistent."""
        ...

    def share(self, file_id: str, conversation_id: str, at: int) -> None:
        """Its members may fetch the file from now on. Saying it again changes nothing."""
        ...

    def shared_in(self, file_id: str) -> list[str]:
        """The conversations that it was shared in."""
        ...

    def add_link(self, token_sha256: str, file_id: str, expires_at: int) -> None:
        """A link that shows the file to whoever has it; `expires_at` in ms."""
        ...

    def linked(self, token_sha256: str, now: int) -> str | None:
        """The id of the file that a link shows; None for one that has expired."""
        ...


class StoredPart(NamedTuple):
    number: int
    size: int
    etag: str


class Begun(NamedTuple):
    """An upload; `verifies` says that a checksum of the whole object is checked at its end."""

    upload_id: str
    verifies: bool


class StoredObject(NamedTuple):
    size: int
    checksum: str | None
    """CRC64NVME of the whole object, base64; None where the store computes none."""


class ObjectStore(Protocol):
    """Where the bytes are: S3. URLs carry their own permission and end by themselves."""

    def begin(self, key: str, content_type: str) -> Begun: ...

    def part_url(
        self, key: str, upload_id: str, number: int, size: int | None, seconds: int
    ) -> str:
        """Where to PUT one part: this number and, if given, exactly so many bytes."""
        ...

    def put_part(self, key: str, upload_id: str, number: int, content: bytes) -> None:
        """Raises UploadGone."""
        ...

    def parts(self, key: str, upload_id: str) -> list[StoredPart]:
        """Those that are there, in order. Raises UploadGone."""
        ...

    def finish(
        self, key: str, upload_id: str, parts: Sequence[StoredPart], checksum: str | None
    ) -> None:
        """Make the parts an object.

        Raises:
            UploadGone: there is no such upload (any more).
            BadContent: `checksum` is not that of the parts, or they make no object; the upload
                stays open.
        """
        ...

    def abort(self, key: str, upload_id: str) -> None:
        """Drop an upload and its parts; one that is gone already is fine."""
        ...

    def look(self, key: str) -> StoredObject | None: ...

    def beginning(self, key: str, length: int) -> bytes:
        """The first bytes, at most so many."""
        ...

    def delete(self, key: str) -> None: ...

    def url(self, key: str, *, filename: str, content_type: str, inline: bool, seconds: int) -> str:
        """Where to GET the object, with a name to save it under; ranges work."""
        ...
