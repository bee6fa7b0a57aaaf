"""The media a provider keeps for us, and the addresses under which it hands them out."""

import hashlib
import hmac
import secrets
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from . import ids
from .content import Content, Shelf


@dataclass(frozen=True, slots=True)
class Kept:
    """Media under an id. `owner` is the person who sent them; empty for what we uploaded."""

    id: str
    owner: str
    mime_type: str
    content: Content
    sha256: bytes

    @property
    def size(self) -> int:
        return self.content.size


class Library:
    """What people sent us and what we uploaded on one channel; safe to use from any thread."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self._lock = threading.Lock()
        self._kept: dict[str, Kept] = {}
        self._key = secrets.token_bytes(32)

    def keep(self, content: Content, mime_type: str, owner: str = "") -> Kept:
        """Keep bytes under a new id, until `clear`. Reads them once for their digest."""
        digest = hashlib.sha256()
        for block in content.blocks():
            digest.update(block)
        kept = Kept(ids.media_id(), owner, mime_type, content, digest.digest())
        with self._lock:
            self._kept[kept.id] = kept
        return kept

    def find(self, media_id: str) -> Kept | None:
        return self._kept.get(media_id)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
        self.shelf.clear()

    def pass_for(self, media_id: str, lifetime: float) -> str:
        """A query string that lets one download this for `lifetime` seconds.

        It is signed rather than remembered, as Meta's are, so asking again costs no memory.
        """
        expires = str(int((time.time() + lifetime) * 1000))
        return urlencode({"mid": media_id, "ext": expires, "hash": self._sign(media_id, expires)})

    def admits(self, media_id: str, expires: str, signature: str) -> bool:
        """Whether these are the fields of a pass that still holds."""
        genuine = hmac.compare_digest(signature.encode(), self._sign(media_id, expires).encode())
        return genuine and time.time() * 1000 < int(expires)

    def _sign(self, media_id: str, expires: str) -> str:
        return hmac.new(self._key, f"{media_id}:{expires}".encode(), hashlib.sha256).hexdigest()
