"""An issuer of tokens with keys in memory, and tokens that are signed by hand."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from chat4all.access.client import Client
from chat4all.access.tokens import AUDIENCE, SCOPES, Tokens, TokenVerifier, key_id
from chat4all.adapters.local_key import LocalSigner
from chat4all.adapters.memory import FakeClock, MemoryClientStore, MemoryStore, MemoryUserStore
from chat4all.caller import Caller
from chat4all.user import User
from tests.builders import NOW, SERVICE

ISSUER = "chat4all-test"
SIGNER = LocalSigner()
KID = key_id(SIGNER.public_key())
CLIENT = Client("c4a_1", "shop", ("messages:write", "users", "admin"), NOW)


def a_clock() -> FakeClock:
    return FakeClock(int(time.time() * 1000))


def tokens(
    *signers: LocalSigner,
    issuer: str = ISSUER,
    clock: FakeClock | None = None,
    client: Client = CLIENT,
) -> Tokens:
    store, clients = MemoryStore(), MemoryClientStore()
    store.users["bo"] = User(user_id="bo", created_at=NOW)
    clients.add(client)
    clients.add(Client(SERVICE.subject, "service", SCOPES, NOW))
    users = MemoryUserStore(store)
    return Tokens(signers or (SIGNER,), users, clients, clock or a_clock(), issuer)


def verify(token: str, *signers: LocalSigner) -> Caller:
    return TokenVerifier(signers or (SIGNER,), ISSUER).verify(token).caller


def signed(header: dict[str, Any], claims: dict[str, Any], signer: LocalSigner = SIGNER) -> str:
    header = {name: value for name, value in {"kid": KID, **header}.items() if value is not None}
    parts = [base64.urlsafe_b64encode(json.dumps(p).encode()) for p in (header, claims)]
    text = b".".join(part.rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(signer.sign(text)).rstrip(b"=")
    return (text + b"." + signature).decode()


def good_claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "c4a_1",
        "kind": "service",
        "scope": "users",
        "iat": now,
        "nbf": now,
        "exp": now + 60,
    }
    return {k: v for k, v in {**claims, **changes}.items() if v is not None}
