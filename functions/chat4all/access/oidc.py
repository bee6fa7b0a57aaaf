"""Tokens of an issuer outside: whom it names is a user of ours."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from chat4all.access.client import USER_RATE
from chat4all.access.tokens import LIFETIME, USER_SCOPES, Verified
from chat4all.caller import Caller, CallerKind
from chat4all.errors import Unauthenticated
from chat4all.ids import UserId
from chat4all.ports import Clock, UserStore
from chat4all.ports.access import KeySource

LEEWAY_S = 30
"""Clocks of others are not ours."""
_user_id: TypeAdapter[str] = TypeAdapter(UserId)


class OidcVerifier:
    def __init__(
        self,
        keys: KeySource,
        users: UserStore,
        clock: Clock,
        *,
        issuer: str,
        audience: str,
        user_claim: str,
    ) -> None:
        self._keys = keys
        self._users = users
        self._clock = clock
        self._issuer = issuer
        self._audience = audience
        self._user_claim = user_claim

    def verify(self, token: str) -> Verified:
        """Whom a good token names, for as long as a token of ours would live at the most: the
        issuer's may live for days, and be somebody's who was erased meanwhile.

        Raises:
            Unauthenticated: anything but an unexpired token of this issuer, for us, of a user
                that there is.
            Unavailable: the issuer or the table did not answer.
        """
        import jwt

        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = self._keys.get(kid) if isinstance(kid, str) else None
            if key is None:
                raise Unauthenticated("invalid_token", "It was signed by no key of its issuer.")
            claims = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "aud", "iss", self._user_claim]},
            )
            user_id = _user_id.validate_python(claims[self._user_claim], strict=True)
        except (jwt.InvalidTokenError, ValidationError, ValueError) as error:
            raise Unauthenticated("invalid_token", "Not a good token of its issuer.") from error
        if not self._users.is_there(user_id):
            raise Unauthenticated("invalid_token", "There is no such user.")
        caller = Caller(user_id, CallerKind.USER, _scopes(claims), USER_RATE)
        latest = self._clock.now() // 1000 + LIFETIME
        return Verified(caller, min(int(claims["exp"]), latest))


def _scopes(claims: dict[str, Any]) -> frozenset[str]:
    """Of ours, those that it names: `scope` is RFC 9068's, `scp` is what some issuers say. None
    when it names none."""
    words: list[object] = []
    for given in (claims.get("scope"), claims.get("scp")):
        if isinstance(given, str):
            words += given.split()
        elif isinstance(given, list):
            words += given
    return frozenset(scope for scope in USER_SCOPES if scope in words)
