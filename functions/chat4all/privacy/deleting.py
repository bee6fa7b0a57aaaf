"""Delete files: what is known of one first, so that nobody gets a URL any more; then its bytes."""

from __future__ import annotations

from chat4all.access.audit import Audit
from chat4all.caller import Caller
from chat4all.errors import Raced
from chat4all.file import File, FileStatus
from chat4all.ports import FileStore, ObjectStore
from chat4all.ports.webhooks import Delayed
from chat4all.privacy.jobs import DeleteFile
from chat4all.settling import settle
from chat4all.sharing import Sharing
from chat4all.uploads import Uploads


class Deleting:
    def __init__(
        self,
        files: FileStore,
        sharing: Sharing,
        uploads: Uploads,
        jobs: Delayed,
        audit: Audit,
    ) -> None:
        self._files = files
        self._sharing = sharing
        self._uploads = uploads
        self._jobs = jobs
        self._audit = audit

    def delete(self, caller: Caller, file_id: str) -> None:
        """Delete a file that is READY, or abort an upload. Saying it again changes nothing.

        Messages keep that there was a file; nobody can fetch it any more.

        Raises:
            NotFound, Forbidden: as for all that only its owner may do.
            Conflict: it is being checked, or was rejected.
            Unavailable: it may be deleted or not; say it again.
        """
        file = self._sharing.writable(caller, file_id)
        if file.status not in (FileStatus.READY, FileStatus.DELETED):
            self._uploads.abort(caller, file_id)
            return
        if caller.is_service and file.status is FileStatus.READY:
            self._audit.record(caller, "file.deleted", file_id, owner=file.owner)
        forget(self._files, file, "deleted")
        self._jobs.send([DeleteFile(file_id=file_id).later()])


def forget(files: FileStore, file: File, reason: str) -> File:
    """Give it the status DELETED, whatever it has, and let go of what tells of its content."""
    while file.status is not FileStatus.DELETED:
        told = {"filename": "", "checksum": "", "sha256": "", "detail": "", "reason": reason}
        before = file.status
        file = settle(files, file, FileStatus.DELETED, **told)
        if file.status is before:
            raise Raced(file.file_id)
    return file


def drop(objects: ObjectStore, file: File) -> None:
    """Its bytes, or the parts of its upload."""
    if file.upload_id is not None:
        objects.abort(file.key, file.upload_id)
    objects.delete(file.key)
