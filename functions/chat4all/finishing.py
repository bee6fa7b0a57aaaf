"""Check an upload that its client says is complete, and close it: READY, or REJECTED with a reason.

Every step may be repeated: a worker that dies is followed by another one.
"""

from __future__ import annotations

from chat4all.content_types import LOOK, contradiction
from chat4all.errors import BadContent, UploadGone
from chat4all.file import File, FileStatus
from chat4all.metrics import Metric, count
from chat4all.ports import FileStore, ObjectStore
from chat4all.settling import settle


class Finishing:
    def __init__(self, files: FileStore, objects: ObjectStore) -> None:
        self._files = files
        self._objects = objects

    def finish(self, file_id: str) -> File | None:
        """Put the parts together, check size, checksum and first bytes; the file as it is then.

        The store compares the checksum with the bytes that it has: nobody reads them again.
        """
        file = self._files.get(file_id)
        if file is not None and file.status in (FileStatus.REJECTED, FileStatus.DELETED):
            self._drop(file)  # a worker died between saying so and doing so
        if file is None or file.status is not FileStatus.CHECKING:
            return file
        try:
            self._put_together(file)
        except BadContent as error:
            return self._reject(file, error.code, error.detail)
        there = self._objects.look(file.key)
        if there is None:
            return self._reject(file, "parts_gone", "Its parts are not there any more.")
        if there.size != file.size:
            detail = f"There are {there.size} bytes, not {file.size}."
            return self._reject(file, "size_mismatch", detail)
        seen = contradiction(file.content_type, self._objects.beginning(file.key, LOOK))
        if seen is not None:
            detail = f"It begins as {seen}, not as {file.content_type}."
            return self._reject(file, "content_type_mismatch", detail)
        verified = None not in (file.checksum, there.checksum)
        if verified and file.checksum != there.checksum:
            return self._reject(file, "checksum_mismatch", "The bytes have another checksum.")
        settled = settle(
            self._files,
            file,
            FileStatus.READY,
            checksum=there.checksum or file.checksum,
            checksum_verified=verified,
        )
        if settled.status is FileStatus.DELETED:
            self._drop(settled)  # its owner was erased meanwhile
        else:
            count(Metric.FILE_BYTES, settled.size or 0, source="upload")
        return settled

    def _put_together(self, file: File) -> None:
        if file.upload_id is None:
            return
        try:
            parts = self._objects.parts(file.key, file.upload_id)
            checksum = file.checksum if file.verifies else None
            self._objects.finish(file.key, file.upload_id, parts, checksum)
        except UploadGone:
            pass  # it was put together before, or it is over: the object tells

    def _reject(self, file: File, reason: str, detail: str) -> File:
        """Say so first: a repeat would find less and less of what the reason was."""
        rejected = settle(self._files, file, FileStatus.REJECTED, reason=reason, detail=detail)
        if rejected.status is FileStatus.REJECTED:
            self._drop(file)
        return rejected

    def _drop(self, file: File) -> None:
        if file.upload_id is not None:
            self._objects.abort(file.key, file.upload_id)
        self._objects.delete(file.key)
