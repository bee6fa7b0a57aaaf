"""Access tokens: RS256 JWTs, signed by a key that never leaves KMS, verified locally."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

from chat4all.caller import Caller, CallerKind
from chat4all.errors import Invalid, NotFound, Unauthenticated
from chat4all.ids import new_id
from chat4all.ports import Client, ClientStore, Clock, Signer, UserStore

AUDIENCE = "chat4all"
LIFETIME = 900
"""Seconds. Short, because a token cannot be taken back."""
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


@dataclass(frozen=True)
class Credentials:
    """A new client's; the secret is shown this once."""

    client_id: str
    client_secret: str


class Clients:
    """Programs that may call the API."""

    def __init__(self, clients: ClientStore, clock: Clock) -> None:
        self._clients = clients
        self._clock = clock

    def register(self, *, name: str, scopes: tuple[str, ...] | list[str] = SCOPES) -> Credentials:
        unknown = sorted(set(scopes) - set(SCOPES))
        if unknown:
            raise Invalid("unknown_scope", f"No such scope: {', '.join(unknown)}.")
        credentials = Credentials(f"c4a_{secrets.token_hex(8)}", secrets.token_urlsafe(32))
        self._clients.add(
            Client(
                client_id=credentials.client_id,
                secret_sha256=_sha256(credentials.client_secret),
                name=name,
                scopes=tuple(scopes),
                created_at=self._clock.now(),
            )
        )
        return credentials

    def authenticate(self, client_id: str, client_secret: str) -> Client:
        """Raises Unauthenticated, in the same way whatever is wrong."""
        client = self._clients.get(client_id)
        known = client.secret_sha256 if client else _sha256("")
        if not hmac.compare_digest(known, _sha256(client_secret)) or client is None:
            raise Unauthenticated("invalid_client", "No such client, or a wrong secret.")
        return client


class Tokens:
    def __init__(self, signer: Signer, users: UserStore, clock: Clock, issuer: str) -> None:
        self._signer = signer
        self._users = users
        self._clock = clock
        self._issuer = issuer

    def for_client(self, client: Client) -> Token:
        return self._issue(client.client_id, CallerKind.SERVICE, client.scopes, LIFETIME)

    def for_user(self, caller: Caller, user_id: str, expires_in: int) -> Token:
        """A short-lived token for one user, minted by a service, with no more than its scopes."""
        caller.must_be_service()
        if user_id not in self._users.get([user_id]):
            raise NotFound("user_not_found", "There is no such user.")
        scopes = tuple(scope for scope in USER_SCOPES if scope in caller.scopes)
        return self._issue(user_id, CallerKind.USER, scopes, expires_in)

    def _issue(
        self, subject: str, kind: CallerKind, scopes: tuple[str, ...], lifetime: int
    ) -> Token:
        now = self._clock.now() // 1000
        header = {"alg": "RS256", "typ": "at+jwt", "kid": key_id(self._signer.public_key())}
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": subject,
            "kind": str(kind),
            "scope": " ".join(scopes),
            "iat": now,
            "nbf": now,
            "exp": now + lifetime,
            "jti": new_id(),
        }
        signed = f"{_b64(json.dumps(header).encode())}.{_b64(json.dumps(claims).encode())}"
        signature = self._signer.sign(signed.encode())
        return Token(f"{signed}.{_b64(signature)}", lifetime, scopes)

    def jwks(self) -> dict[str, Any]:
        """The public keys, RFC 7517."""
        from jwt.algorithms import RSAAlgorithm

        der = self._signer.public_key()
        jwk = RSAAlgorithm.to_jwk(_load(der), as_dict=True)
        jwk.pop("key_ops", None)
        return {"keys": [{**jwk, "kid": key_id(der), "alg": "RS256", "use": "sig"}]}


@dataclass(frozen=True)
class Verified:
    caller: Caller
    expires_at: int
    """Seconds since 1970."""


class TokenVerifier:
    """Checks tokens without a call: the public key is read once per process."""

    def __init__(self, signer: Signer, issuer: str) -> None:
        self._signer = signer
        self._issuer = issuer
        self._key: Any = None

    def verify(self, token: str) -> Verified:
        """Raises Unauthenticated for anything but an unexpired token of ours."""
        import jwt

        if self._key is None:
            self._key = _load(self._signer.public_key())
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=["RS256"],
                audience=AUDIENCE,
                issuer=self._issuer,
                options={"require": ["exp", "iat", "nbf", "sub", "kind", "scope"]},
            )
            kind = CallerKind(claims["kind"])
        except (jwt.InvalidTokenError, ValueError) as error:
            raise Unauthenticated("invalid_token", str(error)) from error
        scopes = frozenset(str(claims["scope"]).split())
        return Verified(Caller(claims["sub"], kind, scopes), int(claims["exp"]))


def key_id(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()[:16]


def _load(der: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    return load_der_public_key(der)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
