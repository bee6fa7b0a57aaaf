"""Fetch files: by who may, by a provider, or by whoever was sent a link."""

from __future__ import annotations

import hashlib
import secrets

from chat4all.caller import Caller
from chat4all.content_types import shown_inline
from chat4all.errors import Gone, NotFound
from chat4all.file import File, FileStatus
from chat4all.ports import Clock, ConversationStore, FileStore, ObjectStore
from chat4all.sharing import Sharing, not_ready

CONTENT_SECONDS = 300
"""How long a download may be begun by its URL; one that has begun may go on."""
PROVIDER_SECONDS = 3600
"""Providers fetch when they send: seconds later as a rule, later under load."""
LINK_LASTS_MS = 30 * 24 * 3_600_000
"""As long as WhatsApp keeps what it carries itself."""


class Downloads:
    def __init__(
        self,
        files: FileStore,
        objects: ObjectStore,
        conversations: ConversationStore,
        clock: Clock,
        public_url: str = "",
    ) -> None:
        """`public_url` is the API's address as people see it; links begin with it."""
        self._files = files
        self._objects = objects
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._sharing = Sharing(files, conversations, clock)

    def content_url(self, caller: Caller, file_id: str, *, inline: bool = False) -> str:
        """Where a caller may fetch a file. Raises Conflict unless it is READY, and Gone for one
        that was deleted."""
        file = self._sharing.readable(caller, file_id)
        if file.status is FileStatus.DELETED:
            raise Gone("file_deleted", "This file was deleted.")
        if file.status is not FileStatus.READY:
            raise not_ready(file)
        return self._url(file, CONTENT_SECONDS, inline=inline and shown_inline(file.content_type))

    def provider_url(self, file: File) -> str:
        return self._url(file, PROVIDER_SECONDS, inline=False)

    def new_link(self, file: File) -> str:
        """A public URL of our own, for a file that a channel does not carry: 30 days long it
        shows the file to whoever has it. Only the hash of its token is kept."""
        token = secrets.token_urlsafe(16)
        expires_at = self._clock.now() + LINK_LASTS_MS
        self._files.add_link(_hashed(token), file.file_id, expires_at)
        return f"{self._public_url}/f/{token}"

    def linked_url(self, token: str) -> str:
        """Where a link leads. Raises NotFound for one that is over."""
        file_id = self._files.linked(_hashed(token), self._clock.now())
        file = self._files.get(file_id) if file_id else None
        if file is None or file.status is not FileStatus.READY:
            raise NotFound("link_not_found", "This link shows nothing, or no longer.")
        return self._url(file, CONTENT_SECONDS, inline=False)

    def _url(self, file: File, seconds: int, *, inline: bool) -> str:
        return self._objects.url(
            file.key,
            filename=file.filename,
            content_type=file.content_type,
            inline=inline,
            seconds=seconds,
        )


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
