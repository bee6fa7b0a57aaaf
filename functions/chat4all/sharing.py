"""Who may read a file, who may write it, and who may send it."""

from __future__ import annotations

from chat4all.caller import Caller
from chat4all.errors import Conflict, Forbidden, NotFound
from chat4all.file import File, FileStatus
from chat4all.ports import Clock, ConversationStore, FileStore


class Sharing:
    """A file is its owner's, and of the members of the conversations that it was shared in."""

    def __init__(self, files: FileStore, conversations: ConversationStore, clock: Clock) -> None:
        self._files = files
        self._conversations = conversations
        self._clock = clock

    def readable(self, caller: Caller, file_id: str) -> File:
        """Raises NotFound, also for what is none of the caller's business."""
        file = self._files.get(file_id)
        if file is None or not (caller.is_service or self._reaches(caller.subject, file)):
            raise NotFound("file_not_found", "There is no such file.")
        return file

    def writable(self, caller: Caller, file_id: str) -> File:
        """Raises NotFound, and Forbidden for those who may only read it."""
        file = self.readable(caller, file_id)
        if not (caller.is_service or caller.subject == file.owner):
            raise Forbidden("not_file_owner", "Only its owner may do this with a file.")
        return file

    def sendable(self, sender: str, file_id: str, *, by_service: bool) -> File:
        """A file that this user may put into a message; services may also give them one of theirs.

        Raises:
            NotFound: there is none, or none that the sender may see.
            Conflict: it is not READY.
        """
        file = self._files.get(file_id)
        ours = file is not None and file.owner is None and by_service
        gone = file is not None and file.status is FileStatus.DELETED
        if file is None or gone or not (ours or self._reaches(sender, file)):
            raise NotFound("file_not_found", "The sender has no such file.")
        if file.status is not FileStatus.READY:
            raise not_ready(file)
        return file

    def share(self, file_id: str, conversation_id: str) -> None:
        self._files.share(file_id, conversation_id, self._clock.now())

    def _reaches(self, user_id: str, file: File) -> bool:
        if file.owner == user_id:
            return True
        shared_in = self._files.shared_in(file.file_id)
        there = self._conversations.get(shared_in) if shared_in else {}
        return any(user_id in conversation.members for conversation in there.values())


def not_ready(file: File) -> Conflict:
    detail = file.detail or f"The file is {file.status}."
    return Conflict("file_not_ready", detail, file_status=file.status)
