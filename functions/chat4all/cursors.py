"""Opaque cursors: where a listing goes on. Clients hand them back and read nothing into them.

A cursor is signed, for the listing that gave it and for what that lists. So whatever comes back is
what we gave, and nobody can point a listing at a place of their choosing.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Sequence
from secrets import token_bytes

from chat4all.errors import Invalid
from chat4all.ports.keys import KeyStore

MAX_LENGTH = 512
TAG_BYTES = 16
KEY_BYTES = 32


class Cursors:
    def __init__(self, key: bytes | Callable[[], bytes]) -> None:
        """`key` may be a function: it is called when a cursor is made or read, and not before."""
        self._key = key

    def encode(self, purpose: str, *values: str | int) -> str:
        """`purpose` is the listing and, where it applies, what it lists: `messages <id>`."""
        content = json.dumps(values, separators=(",", ":")).encode()
        return _text(self._tag(purpose, content) + content)

    def decode(
        self, purpose: str, cursor: str, *types: type, longest: int = MAX_LENGTH
    ) -> Sequence[str | int]:
        """The values, of the types that are expected.

        Raises:
            Invalid: any other text, and a cursor of another purpose, with one and the same answer.
        """
        if len(cursor) > longest:
            raise bad_cursor()
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError as error:
            raise bad_cursor() from error
        tag, content = raw[:TAG_BYTES], raw[TAG_BYTES:]
        # One cursor has one spelling: base64 leaves bits unused, and Python skips what is none.
        if _text(raw) != cursor or not hmac.compare_digest(tag, self._tag(purpose, content)):
            raise bad_cursor()
        values = json.loads(content)
        if [type(v) for v in values] != list(types):
            raise bad_cursor()  # as an earlier version of ours made them
        return list(values)

    def _tag(self, purpose: str, content: bytes) -> bytes:
        key = self._key if isinstance(self._key, bytes) else self._key()
        named = len(purpose.encode()).to_bytes(4) + purpose.encode()
        return hmac.digest(key, named + content, "sha256")[:TAG_BYTES]


def bad_cursor() -> Invalid:
    return Invalid("bad_cursor", "This cursor was not given by this listing.")


def cursor_key(keys: KeyStore) -> bytes:
    """The key of all processes and for good: whoever needs it first makes it."""
    return keys.agreed("cursors", lambda: token_bytes(KEY_BYTES))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
