"""Erase a person: what an answer can wait for; the rest is a job (`eraser`)."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from chat4all.access.audit import Audit
from chat4all.caller import Caller
from chat4all.errors import NotFound
from chat4all.ports import Clock, UserStore
from chat4all.ports.webhooks import Delayed
from chat4all.privacy.jobs import EraseUser


class Gone(NamedTuple):
    what: str
    when: str


class Stays(NamedTuple):
    what: str
    why: str


ERASED = (
    Gone("name, identities and addresses", "at once"),
    Gone("refresh tokens", "at once; access tokens that were given out end within 15 minutes"),
    Gone("connections and presence", "within seconds"),
    Gone("texts, templates, captions and metadata of messages they wrote", "page by page"),
    Gone("their addresses in the deliveries of messages to them", "page by page"),
    Gone("providers' words about failures of these deliveries", "page by page"),
    Gone("files they own, with their names", "page by page"),
    Gone("their memberships in groups", "page by page"),
)
REMAINS = (
    Stays("the user id", "as a pseudonym: members, senders, receipts and the audit trail name it"),
    Stays("place, times and statuses of messages", "others' histories would have holes"),
    Stays("trace ids that clients gave, at messages' places", "they are random, and name nobody"),
    Stays("messages that others wrote, and metadata of conversations", "they are others' words"),
    Stays("names of their files in messages that others sent", "they are others' words"),
    Stays("the event log, up to 31 days", "it is written once, and its pages expire"),
    Stays("what waits on queues, up to 14 days", "it is on its way"),
    Stays("dead letters, 14 days from each move to or from their queue", "it is still to be done"),
    Stays("the table's stream of changes, 24 hours", "nobody can change it, and it expires"),
    Stays("references to providers' message ids, up to 30 days", "they expire"),
    Stays("point-in-time backups, up to 35 days", "nobody can change a backup"),
    Stays("copies at webhook subscribers", "they are theirs: `user.erased` tells them to erase"),
    Stays("copies at the channels' providers", "they are theirs, under their own rules"),
    Stays("the audit trail, up to 400 days", "it proves that and when they were erased"),
)


class RefreshTokens(Protocol):
    def revoke_all(self, user_id: str) -> None:
        """No refresh token of a user's works any more."""
        ...


class Erasing:
    def __init__(
        self,
        users: UserStore,
        tokens: RefreshTokens,
        jobs: Delayed,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._users = users
        self._tokens = tokens
        self._jobs = jobs
        self._audit = audit
        self._clock = clock

    def erase(self, caller: Caller, user_id: str) -> None:
        """Begin to erase a person; who they are is gone when this returns.

        The job is on its way before anything is removed, and does all of it again: so it is
        complete wherever this ends.

        Raises:
            Forbidden: only services may.
            NotFound: there is no such user (any more).
            Unavailable: it may have begun or not; say it again.
        """
        caller.must_be_service()
        if not self._users.is_there(user_id):
            raise NotFound("user_not_found", "There is no such user.")
        self._audit.record(caller, "user.erased", user_id)
        requested_at = self._clock.now()
        job = EraseUser(user_id=user_id, requested_at=requested_at)
        self._jobs.send([job.later()])
        self._users.erase(user_id, requested_at)
        self._tokens.revoke_all(user_id)
