"""Tokens: what is issued is believed, and nothing else is."""

import hashlib
import hmac
import time
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.access.client import Client
from chat4all.access.tokens import AUDIENCE, LIFETIME, SCOPES, TokenVerifier
from chat4all.adapters.local_key import LocalSigner
from chat4all.adapters.memory import FakeClock
from chat4all.caller import Caller, CallerKind
from chat4all.errors import Forbidden, NotFound, Unauthenticated
from tests.builders import NOW, SERVICE, as_user
from tests.support.tokens import (
    CLIENT,
    ISSUER,
    SIGNER,
    good_claims,
    signed,
    tokens,
    verify,
)

pytestmark = pytest.mark.req("RNF-009")


class SharedSecret(LocalSigner):
    """Signs with what everybody knows, in the hope to be verified with it."""

    def sign(self, message: bytes) -> bytes:
        return hmac.new(SIGNER.public_key(), message, hashlib.sha256).digest()


def test_a_clients_token_says_who_it_is_and_what_it_may() -> None:
    token = tokens().for_client(CLIENT)

    verified = TokenVerifier((SIGNER,), ISSUER).verify(token.access_token)

    scopes = frozenset({"messages:write", "users", "admin"})
    assert verified.caller == Caller("c4a_1", CallerKind.SERVICE, scopes)
    assert verified.expires_at == pytest.approx(time.time() + LIFETIME, abs=5)


def test_a_users_token_has_no_more_scopes_than_the_service_and_none_of_its_own() -> None:
    service = Caller("c4a_1", CallerKind.SERVICE, frozenset({"users", "admin", "webhooks"}))

    token = tokens().for_user(service, "bo", 60)

    assert verify(token.access_token) == Caller("bo", CallerKind.USER, frozenset({"users"}), 60)
    assert token.expires_in == 60


def test_a_users_token_has_no_scope_that_its_service_has_lost_since() -> None:
    remembered = Caller("c4a_1", CallerKind.SERVICE, frozenset({"users", "files"}))

    token = tokens().for_user(remembered, "bo", 60)

    assert token.scopes == ("users",)


def test_no_token_lives_longer_than_fifteen_minutes() -> None:
    assert tokens().for_user(SERVICE, "bo", 3600).expires_in == LIFETIME == 900


def test_a_revoked_service_mints_nothing_with_the_token_that_it_has_left() -> None:
    revoked = Client("c4a_1", "shop", SCOPES, NOW, revoked_at=NOW)
    remembered = Caller("c4a_1", CallerKind.SERVICE, frozenset({"users"}))

    with pytest.raises(Unauthenticated):
        tokens(client=revoked).for_user(remembered, "bo", 60)


@pytest.mark.parametrize(("own", "users"), [(None, 60), (1000, 5)])
def test_a_token_says_how_many_requests_a_minute_its_client_was_given(
    own: int | None, users: int
) -> None:
    client = Client("c4a_1", "shop", SCOPES, NOW, (), own, users)
    issuer = tokens(client=client)
    service = Caller("c4a_1", CallerKind.SERVICE, frozenset({"users"}))

    for_itself = verify(issuer.for_client(client).access_token)
    for_a_user = verify(issuer.for_user(service, "bo", 60).access_token)

    assert for_itself.requests_per_minute == own
    assert for_a_user.requests_per_minute == users


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
        {"rpm": "many"},
        {"rpm": [60]},
        *({name: None} for name in ("iss", "aud", "sub", "kind", "scope", "iat", "nbf", "exp")),
    ],
    ids=",".join,  # of the names: the times are read anew by each worker of the tests
)
def test_claims_that_are_not_in_order_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        verify(signed({"alg": "RS256"}, good_claims(**changes)))


def test_another_key_is_refused() -> None:
    with pytest.raises(Unauthenticated):
        verify(tokens(LocalSigner()).for_client(CLIENT).access_token)


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


VERIFIER = TokenVerifier((SIGNER,), ISSUER)


@given(st.text())
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(Unauthenticated):
        VERIFIER.verify(text)
