"""Refresh tokens of users' apps: each is good for one use, and a used-up one ends its family."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from chat4all.access.audit import Audit
from chat4all.access.client import sha256
from chat4all.access.refresh_family import Family, RefreshToken
from chat4all.access.tokens import Token, Tokens
from chat4all.caller import Caller, CallerKind
from chat4all.errors import NotFound, Raced, Rejected
from chat4all.ports import Clock, UserStore
from chat4all.ports.access import ClientStore, RefreshStore

ATTEMPTS = 3


@dataclass(frozen=True)
class Grant:
    token: Token
    refresh_token: str | None = field(repr=False)


class RefreshTokens:
    def __init__(
        self,
        families: RefreshStore,
        tokens: Tokens,
        users: UserStore,
        clients: ClientStore,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._families = families
        self._tokens = tokens
        self._users = users
        self._clients = clients
        self._audit = audit
        self._clock = clock

    def mint(self, caller: Caller, user_id: str, lifetime: int, *, refresh: bool = False) -> Grant:
        """A service mints a token for a user, and a refresh token if it wants one.

        Raises: as `Tokens.for_user` does.
        """
        token = self._tokens.for_user(caller, user_id, lifetime)
        if not refresh:
            return Grant(token, None)
        first, now = RefreshToken.new(secrets.token_hex(16)), self._clock.now()
        self._audit.record(caller, "refresh_token.minted", user_id)
        self._families.add(
            Family(
                family_id=first.family_id,
                user_id=user_id,
                client_id=caller.subject,
                scopes=token.scopes,
                lifetime=token.expires_in,
                secret_sha256=sha256(first.secret),
                created_at=now,
                rotated_at=now,
                era=caller.era,
            )
        )
        return Grant(token, str(first))

    def refresh(self, text: str, address: str = "") -> Grant:
        """A new access token and the refresh token that follows this one.

        The family says what it is for: the user, and the client that minted it, whose scopes of
        now bound it. Using a token that was used up ends the family (RFC 9700, 4.14.2): somebody
        has a copy, and nobody can tell who.

        Raises:
            Rejected: `invalid_grant`, whatever is wrong.
            Raced: it is being used at the same time, again and again.
        """
        used = RefreshToken.read(text)
        if used is None:
            raise invalid_grant()
        for _ in range(ATTEMPTS):
            try:
                return self._refresh(used, address)
            except Raced:  # then the same token was used meanwhile: look what that means
                continue
        raise Raced(used.family_id)

    def _refresh(self, used: RefreshToken, address: str) -> Grant:
        family, following = self._good(used), RefreshToken.new(used.family_id)
        rotated = family.rotated(used, following, self._clock.now())
        if rotated is None:
            self._reused(family, address)
            raise invalid_grant()
        client = self._clients.get(family.client_id)
        if client is None or not client.is_active or client.era != family.era:
            self._families.end(family.family_id)
            raise invalid_grant()
        try:
            # Signed first: if the key does not answer, the refresh token is not used up.
            token = self._tokens.on_behalf(client, family.user_id, family.scopes, family.lifetime)
        except NotFound as error:
            self._families.end(family.family_id)
            raise invalid_grant() from error
        self._families.replace(rotated)
        return Grant(token, str(following))

    def revoke(self, text: str, address: str = "") -> None:
        """End the family of a token (RFC 7009). One that there is not is over already."""
        given = RefreshToken.read(text)
        family = None if given is None else self._families.get(given.family_id)
        if given is None or family is None:
            return
        if family.rotated(given, given, self._clock.now()) is None:
            self._reused(family, address)
        else:
            self._families.end(family.family_id)

    def revoke_for(self, caller: Caller, user_id: str) -> None:
        """By a service: all refresh tokens of a user. Raises NotFound: there is no such user."""
        caller.must_be_service()
        if user_id not in self._users.get([user_id]):
            raise NotFound("user_not_found", "There is no such user.")
        self._audit.record(caller, "tokens.revoked", user_id)
        self.revoke_all(user_id)

    def revoke_all(self, user_id: str) -> None:
        """All that a user has got until now, in one write; the trail has its reason already."""
        self._families.end_all(user_id, self._clock.now())

    def _good(self, used: RefreshToken) -> Family:
        family = self._families.get(used.family_id)
        if family is None or family.expires_at <= self._clock.now():
            raise invalid_grant()
        if family.created_at <= self._families.ended_at(family.user_id):
            self._families.end(family.family_id)
            raise invalid_grant()
        return family

    def _reused(self, family: Family, address: str) -> None:
        """Whoever knows a family's name and has no token of it that is good has had one."""
        who = Caller(family.user_id, CallerKind.USER, address=address)
        self._audit.record(who, "refresh_token.reused", family.user_id, client_id=family.client_id)
        self._families.end(family.family_id)


def invalid_grant() -> Rejected:
    return Rejected("invalid_grant", "This refresh token is not good, or not any more.")
