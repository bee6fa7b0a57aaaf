"""Clients and tokens: what is issued is believed, and nothing else is."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.adapters.local_key import LocalSigner
from chat4all.adapters.memory import FakeClock, MemoryClientStore, MemoryStore, MemoryUserStore
from chat4all.caller import Caller, CallerKind
from chat4all.errors import Forbidden, Invalid, NotFound, Unauthenticated
from chat4all.ports import Client
from chat4all.tokens import AUDIENCE, LIFETIME, SCOPES, Clients, Tokens, TokenVerifier
from chat4all.user import User
from tests.builders import NOW, SERVICE, as_user

pytestmark = pytest.mark.req("RNF-009")
ISSUER = "chat4all-test"
SIGNER = LocalSigner()
CLIENT = Client("c4a_1", "", "shop", ("messages:write", "users"), NOW)


def a_clock() -> FakeClock:
    return FakeClock(int(time.time() * 1000))


def tokens(signer: LocalSigner = SIGNER, issuer: str = ISSUER, clock: FakeClock | None = None):
    store = MemoryStore()
    store.users["bo"] = User(user_id="bo", created_at=NOW)
    return Tokens(signer, MemoryUserStore(store), clock or a_clock(), issuer)


def verify(token: str) -> Caller:
    return TokenVerifier(SIGNER, ISSUER).verify(token).caller


class SharedSecret(LocalSigner):
    """Signs with what everybody knows, in the hope to be verified with it."""

    def sign(self, message: bytes) -> bytes:
        return hmac.new(SIGNER.public_key(), message, hashlib.sha256).digest()


def signed(header: dict[str, Any], claims: dict[str, Any], signer: LocalSigner = SIGNER) -> str:
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


def test_a_clients_token_says_who_it_is_and_what_it_may() -> None:
    token = tokens().for_client(CLIENT)

    verified = TokenVerifier(SIGNER, ISSUER).verify(token.access_token)

    scopes = frozenset({"messages:write", "users"})
    assert verified.caller == Caller("c4a_1", CallerKind.SERVICE, scopes)
    assert verified.expires_at == pytest.approx(time.time() + LIFETIME, abs=5)


def test_a_users_token_has_no_more_scopes_than_the_service_and_none_of_its_own() -> None:
    service = Caller("c4a_1", CallerKind.SERVICE, frozenset({"users", "admin", "webhooks"}))

    token = tokens().for_user(service, "bo", 60)

    assert verify(token.access_token) == Caller("bo", CallerKind.USER, frozenset({"users"}))
    assert token.expires_in == 60


def test_only_a_service_mints_tokens_and_only_for_users_there_are() -> None:
    with pytest.raises(Forbidden):
        tokens().for_user(as_user("bo"), "bo", 60)
    with pytest.raises(NotFound):
        tokens().for_user(SERVICE, "nobody", 60)


def test_the_published_keys_verify_a_token_elsewhere() -> None:
    issuer = tokens()
    token = issuer.for_client(CLIENT).access_token

    keys = jwt.PyJWKSet.from_dict(issuer.jwks())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER)

    assert claims["sub"] == "c4a_1"
    assert set(issuer.jwks()["keys"][0]) == {"kty", "n", "e", "kid", "alg", "use"}


def test_claims_that_are_in_order_are_believed() -> None:
    assert verify(signed({"alg": "RS256"}, good_claims())).subject == "c4a_1"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "chat4all-other"},
        {"aud": "another product"},
        {"exp": int(time.time()) - 60},
        {"nbf": int(time.time()) + 3600},
        {"kind": "root"},
        {"kind": ["service"]},
        {"sub": 7},
        *({name: None} for name in ("iss", "aud", "sub", "kind", "scope", "iat", "nbf", "exp")),
    ],
    ids=str,
)
def test_claims_that_are_not_in_order_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        verify(signed({"alg": "RS256"}, good_claims(**changes)))


def test_another_key_is_refused() -> None:
    with pytest.raises(Unauthenticated):
        verify(tokens(signer=LocalSigner()).for_client(CLIENT).access_token)


def test_an_expired_token_is_refused() -> None:
    clock = FakeClock(int((time.time() - LIFETIME - 60) * 1000))

    with pytest.raises(Unauthenticated):
        verify(tokens(clock=clock).for_client(CLIENT).access_token)


def test_a_token_without_a_signature_is_refused() -> None:
    unsigned = jwt.encode(good_claims(), None, algorithm="none")

    with pytest.raises(Unauthenticated):
        verify(unsigned)


def test_the_public_key_as_a_shared_secret_is_refused() -> None:
    forged = signed({"alg": "HS256"}, good_claims(), SharedSecret())

    with pytest.raises(Unauthenticated):
        verify(forged)


@given(st.integers(min_value=0, max_value=10**6), st.characters(codec="ascii"))
def test_a_token_that_was_tampered_with_is_refused(where: int, what: str) -> None:
    token = signed({"alg": "RS256"}, good_claims())
    # The last character of the signature carries four bits that mean nothing.
    at = where % (len(token) - 1)
    forged = token[:at] + what + token[at + 1 :]

    if forged != token:
        with pytest.raises(Unauthenticated):
            verify(forged)


VERIFIER = TokenVerifier(SIGNER, ISSUER)


@given(st.text())
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(Unauthenticated):
        VERIFIER.verify(text)


def test_a_client_is_known_by_its_secret_alone() -> None:
    store = MemoryClientStore()
    clients = Clients(store, a_clock())
    credentials = clients.register(name="shop", scopes=["users"])

    client = clients.authenticate(credentials.client_id, credentials.client_secret)

    assert (client.name, client.scopes) == ("shop", ("users",))
    assert credentials.client_secret not in repr(store.get(credentials.client_id))
    for wrong in ((credentials.client_id, "x"), ("c4a_0", ""), ("c4a_0", "x"), ("", "")):
        with pytest.raises(Unauthenticated) as refused:
            clients.authenticate(*wrong)
        assert refused.value.code == "invalid_client"


def test_a_client_gets_all_scopes_unless_some_are_named_and_none_that_is_unknown() -> None:
    clients = Clients(MemoryClientStore(), a_clock())

    credentials = clients.register(name="all")

    assert clients.authenticate(credentials.client_id, credentials.client_secret).scopes == SCOPES
    with pytest.raises(Invalid):
        clients.register(name="odd", scopes=["everything"])
