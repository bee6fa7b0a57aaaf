"""A family: the refresh tokens that follow each other, from the one that was minted on."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from chat4all.access.client import DAY_S, sha256

IDLE_MS = 30 * DAY_S * 1000
LONGEST_MS = 90 * DAY_S * 1000
LEEWAY_MS = 10_000
_FORM = re.compile(r"c4r_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")


class RefreshToken(NamedTuple):
    family_id: str
    secret: str
    """256 random bits, of which the table has the SHA-256."""

    def __str__(self) -> str:
        return f"c4r_{self.family_id}_{self.secret}"

    @classmethod
    def new(cls, family_id: str) -> RefreshToken:
        return cls(family_id, secrets.token_urlsafe(32))

    @classmethod
    def read(cls, text: str) -> RefreshToken | None:
        found = _FORM.fullmatch(text)
        return None if found is None else cls(*found.groups())


@dataclass(frozen=True)
class Family:
    family_id: str
    user_id: str
    client_id: str
    """Who minted it: it lives no longer than this client."""
    scopes: tuple[str, ...]
    lifetime: int
    """Of its access tokens, in seconds."""
    secret_sha256: str = field(repr=False)
    created_at: int
    rotated_at: int
    """When its last token but one was used up (ms); at first, when it began."""
    used_sha256: str | None = field(default=None, repr=False)
    """The last token but one."""
    era: int = 0
    """Of the client, when it minted it."""
    version: int = 1

    @property
    def expires_at(self) -> int:
        """Milliseconds."""
        return min(self.rotated_at + IDLE_MS, self.created_at + LONGEST_MS)

    def rotated(self, by: RefreshToken, to: RefreshToken, now: int) -> Family | None:
        """The family after one of its tokens was used; None if that one was used up before.

        Whoever lost the answer uses the same token again: within ten seconds it gets another
        successor, and the lost one is worth nothing from then on. So of all tokens of a family one
        alone is good at any time, and a thief and the owner cannot both go on unnoticed: the second
        of them shows a token that is not good.
        """
        given = sha256(by.secret)
        used, at = self.secret_sha256, now
        if not hmac.compare_digest(self.secret_sha256, given):
            again = hmac.compare_digest(self.used_sha256 or "", given)
            if not again or now - self.rotated_at > LEEWAY_MS:
                return None
            used, at = given, self.rotated_at  # the ten seconds go on from the first use
        return replace(
            self,
            secret_sha256=sha256(to.secret),
            used_sha256=used,
            rotated_at=at,
            version=self.version + 1,
        )
