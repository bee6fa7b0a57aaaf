"""The job that erases a person, page by page, in two passes.

Every step may be repeated. The second pass comes when every access token has ended that was given
out before the first one: docs/decisions/0025 tells why.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from chat4all.access.audit import Audit
from chat4all.conversation import ConversationType
from chat4all.file import FileStatus
from chat4all.message import ErasedPayload, Erasure
from chat4all.ports import Clock, ConversationStore, FileStore, MessageStore, ObjectStore, UserStore
from chat4all.ports.realtime import ConnectionStore, Sockets
from chat4all.ports.webhooks import Delayed
from chat4all.privacy.deleting import drop, forget
from chat4all.privacy.erasing import RefreshTokens
from chat4all.privacy.jobs import END, DeleteFile, EraseUser, Step
from chat4all.receipts import Receipts

SECOND_PASS_AFTER = 900
"""Seconds: as long as an access token lives, and as long as a queue can wait."""
LEAST_SECONDS = 20.0
"""The job goes on in another invocation when its function has only so long to live."""
FILES_AT_ONCE = 25
MESSAGES_AT_ONCE = 100
RECENT_MS = 3_600_000
"""The second pass looks at what got its place since the first one began, and so long before: an
index shows a place within seconds."""


class Eraser:
    def __init__(
        self,
        users: UserStore,
        conversations: ConversationStore,
        messages: MessageStore,
        files: FileStore,
        objects: ObjectStore,
        connections: ConnectionStore,
        sockets: Sockets,
        tokens: RefreshTokens,
        jobs: Delayed,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._users = users
        self._conversations = conversations
        self._messages = messages
        self._files = files
        self._objects = objects
        self._connections = connections
        self._sockets = sockets
        self._tokens = tokens
        self._jobs = jobs
        self._audit = audit
        self._clock = clock

    def run(
        self, job: EraseUser | DeleteFile, seconds_left: Callable[[], float] = lambda: inf
    ) -> None:
        """Do a job, or as much of it as there is time for and queue the rest.

        Raises:
            Unavailable, Raced: offer it again; nothing is lost.
        """
        if isinstance(job, DeleteFile):
            file = self._files.get(job.file_id)
            if file is not None and file.status is FileStatus.DELETED:
                drop(self._objects, file)
            return
        following: EraseUser | None = job
        while following is not None:
            if seconds_left() < LEAST_SECONDS:
                self._jobs.send([following.later()])
                return
            following = self._step(following)

    def _step(self, job: EraseUser) -> EraseUser | None:
        """A bounded piece of it; where it goes on, or None at the end of a pass."""
        if job.step is Step.PROFILE:
            self._profile(job)
            return job.model_copy(update={"step": Step.FILES})
        if job.step is Step.FILES:
            return self._some_files(job)
        if job.conversation_id:
            before = self._some_messages(job)
            if before is not None:
                return job.model_copy(update={"before_seq": before})
            self._leave(job)
        known = self._conversations.ever_in(job.user_id)
        following = next((i for i in known if i > job.conversation_id), None)
        if following is None:
            self._end_pass(job)
            return None
        return job.model_copy(update={"conversation_id": following, "before_seq": END})

    def _profile(self, job: EraseUser) -> None:
        user_id = job.user_id
        self._users.erase(user_id, job.requested_at)
        self._tokens.revoke_all(user_id)
        presence = self._connections.of_users([user_id]).get(user_id)
        for connection_id in presence.connections if presence else ():
            self._sockets.close(connection_id)
            self._connections.remove(user_id, connection_id, self._clock.now())
        self._connections.forget(user_id)

    def _some_files(self, job: EraseUser) -> EraseUser:
        rows = self._files.owned(job.user_id, job.after, FILES_AT_ONCE)
        for _, file_id in rows:
            file = self._files.get(file_id)
            if file is not None:
                drop(self._objects, forget(self._files, file, Erasure.USER_ERASED))
        if len(rows) == FILES_AT_ONCE:
            return job.model_copy(update={"after": rows[-1][0]})
        return job.model_copy(update={"step": Step.CONVERSATIONS, "after": None})

    def _some_messages(self, job: EraseUser) -> int | None:
        """A page of a conversation, from its end backwards; the seq to go on before."""
        rows = self._messages.history(
            job.conversation_id,
            after=0,
            before=job.before_seq,
            limit=MESSAGES_AT_ONCE,
            newest_first=True,
        )
        places = self._messages.receipts([i for _, i in rows], fresh=True)
        self._erase_bodies(job, places)
        self._forget_addresses(job, places)
        oldest = min((p.sequenced_at for p in places.values()), default=0)
        done = job.again and oldest < job.requested_at - RECENT_MS
        return None if done or len(rows) < MESSAGES_AT_ONCE else rows[-1][0]

    def _erase_bodies(self, job: EraseUser, places: dict[str, Receipts]) -> None:
        written = [i for i, place in places.items() if place.sender == job.user_id]
        if not written:
            return
        gone = ErasedPayload(reason=Erasure.USER_ERASED)
        found = self._messages.get(written, fresh=True).values()
        theirs = [m.message_id for m in found if m.payload != gone]
        if theirs:
            self._messages.erase(theirs)

    def _forget_addresses(self, job: EraseUser, places: dict[str, Receipts]) -> None:
        told = [i for i, place in places.items() if _is_told(place, job.user_id)]
        if told:
            self._messages.forget_addresses(told, job.user_id)

    def _leave(self, job: EraseUser) -> None:
        """A group goes on without them; a private conversation is a pair for ever."""
        conversation_id, user_id = job.conversation_id, job.user_id
        there = self._conversations.get([conversation_id]).get(conversation_id)
        group = there is not None and there.type is ConversationType.GROUP
        if there and group and user_id in there.members:
            self._conversations.leave(conversation_id, user_id, self._clock.now())
        if job.again:
            self._conversations.forget_left(conversation_id, user_id)

    def _end_pass(self, job: EraseUser) -> None:
        if job.again:
            self._audit.record(None, "user.erasure_completed", job.user_id)
            return
        second = EraseUser(user_id=job.user_id, requested_at=job.requested_at, again=True)
        self._jobs.send([second.later(SECOND_PASS_AFTER)])


def _is_told(place: Receipts, user_id: str) -> bool:
    return any(p.user_id == user_id for p in place.plan)
