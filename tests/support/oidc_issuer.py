"""An OpenID Connect issuer on loopback, over real TLS, whose documents can be spoilt."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from chat4all.access.oidc import OidcVerifier
from chat4all.adapters.memory import MemoryStore, MemoryUserStore
from chat4all.adapters.oidc import OidcKeys
from chat4all.timestamps import SystemClock
from chat4all.user import User
from tests.builders import NOW
from tests.support.https_server import Authority, answer, read_request, serving

AUDIENCE = "https://chat.example"
HOST = "localhost"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def rsa_jwk(kid: str = "rsa-1", key: rsa.RSAPrivateKey = RSA_KEY, **more: Any) -> dict[str, Any]:
    return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, **more}


def ec_jwk(kid: str = "ec-1", key: ec.EllipticCurvePrivateKey = EC_KEY) -> dict[str, Any]:
    return {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}


@dataclass
class Issuer:
    url: str
    authority: Path
    discovery: dict[str, Any] = field(default_factory=dict)
    keys: Any = None
    asked: list[str] = field(default_factory=list)
    """The paths, in turn."""
    spoilt: Callable[[str], bytes | None] = lambda path: None
    """Another answer to a path, if it has one."""
    users: MemoryStore = field(default_factory=MemoryStore)
    """Ours: Ana, by either of her names."""
    now: float = 1000.0
    """The verifier's clock, in seconds."""

    def __post_init__(self) -> None:
        self.discovery = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        self.keys = [rsa_jwk(), ec_jwk()]
        for user_id in ("ana", "ana@example.com"):
            self.users.users[user_id] = User(user_id=user_id, created_at=NOW)

    def talk(self, sock: socket.socket) -> None:
        while request := read_request(sock):
            path = request.split(b" ", 2)[1].decode()
            self.asked.append(path)
            document = {"keys": self.keys} if path == "/keys" else self.discovery
            sock.sendall(self.spoilt(path) or answer(200, json.dumps(document).encode()))

    def fetching(self) -> OidcKeys:
        return OidcKeys(self.url, ca_file=str(self.authority), seconds=lambda: self.now)

    def verifier(self, keys: OidcKeys | None = None, claim: str = "sub") -> OidcVerifier:
        return OidcVerifier(
            keys or self.fetching(),
            MemoryUserStore(self.users),
            SystemClock(),
            issuer=self.url,
            audience=AUDIENCE,
            user_claim=claim,
        )

    def token(
        self, kid: str | None = "rsa-1", alg: str = "RS256", key: Any = RSA_KEY, **claims: Any
    ) -> str:
        """A good one, but for what is said; a claim that is None is left out."""
        now = int(time.time())
        good = {"iss": self.url, "aud": AUDIENCE, "sub": "ana", "iat": now, "exp": now + 600}
        given = {**good, "scope": "users files", **claims}
        said = {name: value for name, value in given.items() if value is not None}
        return jwt.encode(said, key, alg, headers={"kid": kid} if kid is not None else None)


@contextmanager
def an_issuer(folder: Path) -> Iterator[Issuer]:
    authority = Authority(folder)
    found: list[Issuer] = []
    with serving(tls=authority.server(HOST), talk=lambda sock: found[0].talk(sock)) as server:
        found.append(Issuer(f"https://{HOST}:{server.port}", authority.file))
        yield found[0]
