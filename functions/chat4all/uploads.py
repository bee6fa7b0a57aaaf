"""Upload files in parts, resume and complete. The bytes go from the client to the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from chat4all.caller import Caller
from chat4all.errors import Conflict, Invalid, Raced, TooLarge, UploadGone
from chat4all.file import (
    DEFAULT_PART,
    MAX_SIZE,
    MIN_PART,
    File,
    FileStatus,
    NewFile,
    clean_name,
)
from chat4all.file_jobs import UPLOADS, FinishUpload
from chat4all.ids import new_id
from chat4all.ports import (
    Clock,
    ConversationStore,
    FileStore,
    ObjectStore,
    Queue,
    UserStore,
)
from chat4all.settling import settle
from chat4all.sharing import Sharing
from chat4all.upload_progress import PartUrl, Progress

URL_SECONDS = 3600
"""How long a part may be uploaded by its URL; another one is to be had at any time."""
MAX_PARTS = MAX_SIZE // MIN_PART + 1
"""More cannot be in a file."""
MAX_URLS = 100
"""Part URLs in one answer."""
_ENDED = (FileStatus.ABORTED, FileStatus.DELETED)
"""Without having been completed, or after it: in neither case again."""


class Uploads:
    def __init__(
        self,
        files: FileStore,
        objects: ObjectStore,
        conversations: ConversationStore,
        users: UserStore,
        queue: Queue,
        clock: Clock,
    ) -> None:
        self._files = files
        self._objects = objects
        self._conversations = conversations
        self._users = users
        self._queue = queue
        self._clock = clock
        self._sharing = Sharing(files, conversations, clock)

    def initiate(self, caller: Caller, new: NewFile) -> File:
        """Begin an upload.

        Raises:
            TooLarge: over 2 GiB.
            NotFound: no such conversation for this caller.
            Invalid: no such user, or one who is no member of it.
        """
        if new.size > MAX_SIZE:
            raise _too_large()
        return self.begin(caller, **dict(new))

    def begin(
        self,
        caller: Caller,
        *,
        user_id: str | None,
        conversation_id: str | None = None,
        filename: str,
        content_type: str,
        size: int | None = None,
        part_size: int = DEFAULT_PART,
        sha256: str | None = None,
    ) -> File:
        """As `initiate`, also for a client that does not say how long the file is."""
        owner = self._owner(caller, user_id)
        if conversation_id is not None:
            there = self._conversations.get([conversation_id]).get(conversation_id)
            conversation = caller.may_see(there)
            if owner is not None and owner not in conversation.members:
                raise Invalid("owner_not_member", "Its owner is no member of the conversation.")
        file = File(
            file_id=new_id(),
            owner=owner,
            filename=clean_name(filename),
            size=size,
            content_type=content_type,
            part_size=part_size,
            sha256=sha256,
            created_at=self._clock.now(),
        )
        begun = self._objects.begin(file.key, file.content_type)
        file = file.model_copy(update={"upload_id": begun.upload_id, "verifies": begun.verifies})
        self._files.add(file)
        if conversation_id is not None:
            self._sharing.share(file.file_id, conversation_id)
        return file

    def _owner(self, caller: Caller, user_id: str | None) -> str | None:
        if not caller.is_service:
            return caller.acting_as(user_id, "user_id")
        if user_id is not None and user_id not in self._users.get([user_id]):
            raise Invalid("unknown_user", f"No such user: {user_id}.")
        return user_id

    def part_urls(self, file: File, numbers: Sequence[int]) -> list[PartUrl]:
        """Where to PUT these parts; numbers behind the last part are left out.

        Raises:
            Invalid: none of them is a part of the file.
        """
        last = file.part_count or MAX_PARTS
        if file.upload_id is None or not any(1 <= number <= last for number in numbers):
            raise Invalid("no_such_part", f"The file has parts 1 to {last}.")
        return [
            PartUrl(
                number,
                size := file.part_bytes(number),
                self._objects.part_url(file.key, file.upload_id, number, size, URL_SECONDS),
            )
            for number in numbers
            if 1 <= number <= last
        ]

    def uploading(self, caller: Caller, file_id: str) -> File:
        """A file whose parts this caller may upload now. Raises Conflict when it is too late."""
        file = self._current(self._sharing.writable(caller, file_id))
        if file.status is not FileStatus.UPLOADING:
            raise _not_uploading(file)
        return file

    def show(self, caller: Caller, file_id: str) -> Progress:
        return self._progress(self._sharing.readable(caller, file_id))

    def _progress(self, file: File) -> Progress:
        file = self._current(file)
        if file.status is not FileStatus.UPLOADING or file.upload_id is None:
            return Progress(file, [])
        try:
            return Progress(file, self._objects.parts(file.key, file.upload_id))
        except UploadGone:
            return Progress(self._end(file, "parts_gone", "The store has dropped its parts."), [])

    def complete(
        self,
        caller: Caller,
        file_id: str,
        checksum: str | None = None,
        sent: Collection[int] = (),
    ) -> File:
        """All parts are there: have them checked. Saying it again changes nothing.

        `sent` are the parts that a client says it sent, where nobody knows how many there are.

        Raises:
            Conflict: parts are missing, it was aborted, or it was completed with another checksum.
            TooLarge, Invalid: a file of unknown length is over the limit, or empty.
        """
        progress = self._progress(self._sharing.writable(caller, file_id))
        file = progress.file
        if file.status in _ENDED:
            raise _not_uploading(file)
        if file.status is not FileStatus.UPLOADING:
            return self._completed(caller, file, checksum)
        size = sum(part.size for part in progress.present)
        if size > MAX_SIZE:
            self._end(file, "file_too_large", _too_large().detail)
            raise _too_large()
        there = {part.number for part in progress.present}
        if sent and not there <= set(sent):
            others = sorted(there - set(sent))
            detail = "Parts are there that you did not send: abort, and begin anew."
            raise Conflict("other_parts", detail, other_parts=others)
        missing = sorted({*progress.missing, *(set(sent) - there)}) or ([] if there else [1])
        if missing:
            detail = f"{len(missing)} of {file.part_count or 'its'} parts are missing."
            raise Conflict("parts_missing", detail, missing_parts=missing)
        if size == 0:
            raise Invalid("empty_file", "A file has at least one byte.")
        part_size = file.part_size if file.size else progress.present[0].size
        facts = {"checksum": checksum, "size": size, "part_size": part_size}
        try:
            file = self._files.move(file, FileStatus.CHECKING, **facts)
        except Raced:
            now = self._sharing.writable(caller, file_id)
            if now.status in _ENDED:
                raise _not_uploading(now) from None
            return self._completed(caller, now, checksum)
        self._send(caller, file)
        return file

    def _completed(self, caller: Caller, file: File, checksum: str | None) -> File:
        """A repeat. It may be that the first time ended before the queue had it."""
        if checksum is not None and file.checksum != checksum:
            raise Conflict("checksum_differs", "It was completed with another checksum, or none.")
        if file.status is FileStatus.CHECKING:
            self._send(caller, file)
        return file

    def _send(self, caller: Caller, file: File) -> None:
        job = FinishUpload(file_id=file.file_id, trace=caller.trace)
        self._queue.send(UPLOADS, [job.outgoing()])

    def abort(self, caller: Caller, file_id: str) -> None:
        """Drop an upload. Raises Conflict once it is complete: then it stays."""
        file = self._current(self._sharing.writable(caller, file_id))
        if file.status is FileStatus.UPLOADING:
            file = self._end(file, "aborted", "It was aborted.")
        elif file.status is FileStatus.ABORTED:
            self._drop(file)  # the first time may have died before it
        if file.status is not FileStatus.ABORTED:
            raise _not_uploading(file)

    def _current(self, file: File) -> File:
        """A client's upload ends after a day. What a provider has is fetched as long as it may
        be: `fetching` ends that."""
        ours = file.status is FileStatus.UPLOADING and file.upload_id is not None
        if not ours or self._clock.now() < file.upload_expires_at:
            return file
        return self._end(file, "upload_expired", "It was not complete within a day.")

    def _end(self, file: File, reason: str, detail: str) -> File:
        ended = settle(self._files, file, FileStatus.ABORTED, reason=reason, detail=detail)
        if ended.status is FileStatus.ABORTED:
            self._drop(ended)
        return ended

    def _drop(self, file: File) -> None:
        if file.upload_id is not None:
            self._objects.abort(file.key, file.upload_id)


def _not_uploading(file: File) -> Conflict:
    detail = file.detail or f"The file is {file.status}."
    return Conflict("file_not_uploading", detail, file_status=file.status)


def _too_large() -> TooLarge:
    detail = f"A file has at most {MAX_SIZE} bytes (2 GiB)."
    return TooLarge("file_too_large", detail, limit=MAX_SIZE)
