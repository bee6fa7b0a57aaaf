"""Access tokens: RS256 JWTs, signed by a key that never leaves KMS, verified locally."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

from chat4all.access.client import Client
from chat4all.access.standing import still
from chat4all.caller import Caller, CallerKind
from chat4all.errors import NotFound, Rejected, Unauthenticated
from chat4all.ids import new_id
from chat4all.ports import ClientStore, Clock, Signer, UserStore

AUDIENCE = "chat4all"
LIFETIME = 900
"""Seconds, at the most. Short, because a token cannot be taken back."""
SCOPES = (
    "messages:write",
    "messages:read",
    "conversations",
    "users",
    "files",
    "webhooks",
    "admin",
)
USER_SCOPES = ("messages:write", "messages:read", "conversations", "users", "files")


@dataclass(frozen=True)
class Token:
    access_token: str
    expires_in: int
    scopes: tuple[str, ...]


class Tokens:
    """The first key signs; all are published."""

    def __init__(
        self,
        signers: Sequence[Signer],
        users: UserStore,
        clients: ClientStore,
        clock: Clock,
        issuer: str,
    ) -> None:
        self._signers = signers
        self._users = users
        self._clients = clients
        self._clock = clock
        self._issuer = issuer

    def for_client(self, client: Client, wanted: Collection[str] | None = None) -> Token:
        """With all scopes of the client, or with those that it wants for this token.

        Raises:
            Rejected: `invalid_scope`: it wants none, or one that it does not have.
        """
        scopes = client.scopes if wanted is None else tuple(dict.fromkeys(wanted))
        if not scopes or not set(scopes) <= set(client.scopes):
            has = " ".join(client.scopes)
            raise Rejected("invalid_scope", f"The client has these scopes: {has}.")
        claims: dict[str, str | int] = {"sub": client.client_id, "kind": str(CallerKind.SERVICE)}
        if client.era:
            claims["era"] = client.era
        limit = client.requests_per_minute
        return self._issue(client, claims, scopes, limit, LIFETIME)

    def for_user(self, caller: Caller, user_id: str, expires_in: int) -> Token:
        """A token for one user, minted by a service, with no more than its scopes.

        Raises:
            Forbidden: the caller is no service, or one that has lost the scope since.
            Unauthenticated: the service was revoked, or its secret replaced at once.
            NotFound: there is no such user.
        """
        caller.must_be_service()
        client = still(self._clients, caller, ("users",))
        return self.on_behalf(client, user_id, caller.scopes, expires_in)

    def on_behalf(
        self, client: Client, user_id: str, granted: Collection[str], expires_in: int
    ) -> Token:
        """For a user, with what a client granted, as far as it has that itself. Raises NotFound."""
        if user_id not in self._users.get([user_id]):
            raise NotFound("user_not_found", "There is no such user.")
        scopes = tuple(s for s in USER_SCOPES if s in granted and s in client.scopes)
        claims: dict[str, str | int] = {"sub": user_id, "kind": str(CallerKind.USER)}
        limit = client.user_requests_per_minute
        return self._issue(client, claims, scopes, limit, min(expires_in, LIFETIME))

    def _issue(
        self,
        client: Client,
        subject: Mapping[str, str | int],
        scopes: tuple[str, ...],
        requests_per_minute: int | None,
        lifetime: int,
    ) -> Token:
        now, signer = self._clock.now() // 1000, self._signers[0]
        header = {"alg": "RS256", "typ": "at+jwt", "kid": key_id(signer.public_key())}
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            **subject,
            "client_id": client.client_id,
            "scope": " ".join(scopes),
            "iat": now,
            "nbf": now,
            "exp": now + lifetime,
            "jti": new_id(),
        }
        if requests_per_minute is not None:
            claims["rpm"] = requests_per_minute
        signed = f"{_packed(header)}.{_packed(claims)}"
        signature = signer.sign(signed.encode())
        return Token(f"{signed}.{_b64(signature)}", lifetime, scopes)

    def jwks(self) -> dict[str, Any]:
        """The public keys, RFC 7517."""
        return {"keys": [_jwk(signer.public_key()) for signer in self._signers]}


@dataclass(frozen=True)
class Verified:
    caller: Caller
    expires_at: int
    """Seconds since 1970."""


class Verifier(Protocol):
    def verify(self, token: str) -> Verified:
        """Raises Unauthenticated for anything but an unexpired token of this issuer."""
        ...


class TokenVerifier:
    """Checks our own tokens without a call: each public key is read once per process."""

    def __init__(self, signers: Sequence[Signer], issuer: str) -> None:
        self._issuer = issuer
        self._keys: dict[object, Any] = {}
        self._unread = list(signers)
        self._reading = Lock()

    def verify(self, token: str) -> Verified:
        import jwt

        try:
            claims = jwt.decode(
                token,
                self._key(jwt.get_unverified_header(token).get("kid")),
                algorithms=["RS256"],
                audience=AUDIENCE,
                issuer=self._issuer,
                options={"require": ["exp", "iat", "nbf", "sub", "kind", "scope"]},
            )
            kind = CallerKind(claims["kind"])
            limit = None if "rpm" not in claims else int(claims["rpm"])
            era = int(claims.get("era", 0))
        except (jwt.InvalidTokenError, ValueError, TypeError) as error:
            raise Unauthenticated("invalid_token", str(error)) from error
        scopes = frozenset(str(claims["scope"]).split())
        return Verified(Caller(claims["sub"], kind, scopes, limit, era), int(claims["exp"]))

    def _key(self, kid: object) -> Any:
        """The first key serves as a rule; the others are read when their turn comes."""
        if kid not in self._keys:
            with self._reading:
                self._read_until(kid)
        return self._keys[kid]

    def _read_until(self, kid: object) -> None:
        while kid not in self._keys:
            if not self._unread:
                raise Unauthenticated("invalid_token", "It was signed by none of our keys.")
            der = self._unread[0].public_key()
            self._keys[key_id(der)] = _load(der)
            del self._unread[0]  # not before: it may not have answered


class VerifierByIssuer:
    """A token says itself who issued it; what it says is compared exactly, and that issuer's
    verifier checks it, among the rest."""

    def __init__(self, verifiers: Mapping[str, Verifier]) -> None:
        self._verifiers = verifiers

    def verify(self, token: str) -> Verified:
        import jwt

        try:
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        except (jwt.InvalidTokenError, ValueError) as error:
            raise Unauthenticated("invalid_token", str(error)) from error
        verifier = self._verifiers.get(issuer) if isinstance(issuer, str) else None
        if verifier is None:
            raise Unauthenticated("invalid_token", "It was issued by nobody we know.")
        return verifier.verify(token)


def key_id(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()[:16]


def _jwk(der: bytes) -> dict[str, Any]:
    from jwt.algorithms import RSAAlgorithm

    jwk = RSAAlgorithm.to_jwk(_load(der), as_dict=True)
    jwk.pop("key_ops", None)
    return {**jwk, "kid": key_id(der), "alg": "RS256", "use": "sig"}


def _load(der: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    return load_der_public_key(der)


def _packed(part: Mapping[str, Any]) -> str:
    return _b64(json.dumps(part, separators=(",", ":")).encode())


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
