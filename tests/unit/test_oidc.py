"""Tokens of an outside issuer: whom it names is a user, and nothing else gets in by it."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from chat4all.access.oidc import OidcVerifier
from chat4all.access.tokens import TokenVerifier, VerifierByIssuer
from chat4all.adapters.memory import MemoryKeySource, MemoryStore, MemoryUserStore
from chat4all.bootstrap.parts import user_store
from chat4all.caller import Caller, CallerKind
from chat4all.errors import Unauthenticated, Unavailable
from chat4all.timestamps import SystemClock
from chat4all.user import User
from tests.builders import NOW
from tests.cloud import CONTEXT, cloud
from tests.support import tokens as ours
from tests.support.oidc_issuer import AUDIENCE, EC_KEY, RSA_KEY, Issuer, an_issuer, rsa_jwk

pytestmark = pytest.mark.req("RNF-009")
SHARED = b"shared-shared-shared-shared-shared"
OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[Issuer]:
    with an_issuer(tmp_path) as found:
        yield found


def test_whom_it_names_is_a_user_with_the_scopes_it_names(issuer: Issuer) -> None:
    verified = issuer.verifier().verify(issuer.token(scope="openid users admin messages:read"))

    scopes = frozenset({"users", "messages:read"})
    assert verified.caller == Caller("ana", CallerKind.USER, scopes, 60)
    assert verified.expires_at == pytest.approx(time.time() + 600, abs=5)


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({"scope": None}, set()),
        ({"scope": ""}, set()),
        ({"scope": None, "scp": ["users", "webhooks", 7]}, {"users"}),
        ({"scope": None, "scp": "users files"}, {"users", "files"}),
        ({"scope": {"users": True}}, set()),
        ({"scope": ["files"]}, {"files"}),
    ],
)
def test_scopes_are_those_of_ours_that_are_named(
    issuer: Issuer, claims: dict[str, Any], scopes: set[str]
) -> None:
    assert issuer.verifier().verify(issuer.token(**claims)).caller.scopes == scopes


def test_of_a_user_that_there_is_not_it_is_no_good_token(issuer: Issuer) -> None:
    issuer.users.users.clear()

    with pytest.raises(Unauthenticated, match="no such user"):
        issuer.verifier().verify(issuer.token())


def test_however_long_it_lives_nothing_relies_on_more_than_15_minutes(issuer: Issuer) -> None:
    token = issuer.token(exp=int(time.time()) + 7 * 86_400)

    assert issuer.verifier().verify(token).expires_at == pytest.approx(time.time() + 900, abs=5)


def test_it_may_sign_with_a_curve(issuer: Issuer) -> None:
    token = issuer.token("ec-1", "ES256", EC_KEY)

    assert issuer.verifier().verify(token).caller.subject == "ana"


def test_the_user_may_be_in_another_claim(issuer: Issuer) -> None:
    token = issuer.token(email="ana@example.com")

    assert issuer.verifier(claim="email").verify(token).caller.subject == "ana@example.com"
    with pytest.raises(Unauthenticated):
        issuer.verifier(claim="email").verify(issuer.token())


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://localhost"},
        {"aud": "https://other.example"},
        {"aud": ["https://other.example"]},
        {"sub": ""},
        {"sub": "a b"},
        {"sub": "x" * 65},
        {"sub": "ana\n"},
        {"sub": "../ana"},
        {"exp": "soon"},
        *({name: None} for name in ("iss", "aud", "sub", "iat", "exp")),
    ],
    ids=", ".join,
)
def test_claims_that_are_not_in_order_are_refused(issuer: Issuer, claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        issuer.verifier().verify(issuer.token(**claims))


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -31), ("nbf", 60), ("iat", 60)])
def test_a_token_is_good_at_its_time_only(issuer: Issuer, claim: str, seconds: int) -> None:
    with pytest.raises(Unauthenticated):
        issuer.verifier().verify(issuer.token(**{claim: int(time.time()) + seconds}))


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_what_it_did_not_sign_as_it_says_is_refused(issuer: Issuer) -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    secret = {"kty": "oct", "kid": "secret", "alg": "HS256"}
    secret["k"] = base64.urlsafe_b64encode(SHARED).rstrip(b"=").decode()
    issuer.keys += [rsa_jwk("small", small), rsa_jwk("for-others", use="enc"), secret]
    issuer.keys += [rsa_jwk("rs512", alg="RS512")]
    verifier = issuer.verifier()
    forged = [
        issuer.token(key=OTHER_RSA),
        issuer.token(kid="another"),
        issuer.token(kid=None),
        issuer.token(kid="ec-1"),
        issuer.token("rsa-1", "ES256", ec.generate_private_key(ec.SECP256R1())),
        issuer.token("rsa-1", "RS512"),
        issuer.token("rs512", "RS512"),
        issuer.token("rsa-1", "PS256"),
        issuer.token("rsa-1", "none", None),
        issuer.token("secret", "HS256", SHARED),
        issuer.token("small", "RS256", small),
        issuer.token("for-others"),
        "x.y.z",
        "",
    ]

    for token in forged:
        with pytest.raises(Unauthenticated):
            verifier.verify(token)
    assert verifier.verify(issuer.token()).caller.subject == "ana"


def test_a_token_says_which_verifier_is_asked(issuer: Issuer) -> None:
    own = TokenVerifier((ours.SIGNER,), ours.ISSUER)
    both = VerifierByIssuer({ours.ISSUER: own, issuer.url: issuer.verifier()})
    service = ours.tokens().for_client(ours.CLIENT).access_token

    assert both.verify(service).caller.kind is CallerKind.SERVICE
    assert both.verify(issuer.token(kind="service")).caller.kind is CallerKind.USER
    for token in (
        issuer.token(iss=ours.ISSUER, kind="service", nbf=0),
        issuer.token(iss=f"{issuer.url}/"),
        issuer.token(iss=None),
        "x.y.z",
        ours.signed({"alg": "RS256"}, ours.good_claims(iss=issuer.url)),
        jwt.encode(ours.good_claims(iss=issuer.url), None, "none"),
    ):
        with pytest.raises(Unauthenticated):
            both.verify(token)


def test_without_its_keys_nobody_is_refused_for_good() -> None:
    keys = MemoryKeySource()
    keys.down = True
    users = MemoryUserStore(MemoryStore())
    verifier = OidcVerifier(
        keys, users, SystemClock(), issuer="https://x", audience=AUDIENCE, user_claim="sub"
    )
    token = jwt.encode({"iss": "https://x"}, RSA_KEY, "RS256", headers={"kid": "rsa-1"})

    with pytest.raises(Unavailable):
        verifier.verify(token)


def test_the_authorizer_lets_its_users_in_beside_ours(issuer: Issuer) -> None:
    from authorize_request.handler import lambda_handler

    environment = {"OIDC_ISSUER": issuer.url, "OIDC_AUDIENCE": AUDIENCE, "OIDC_USER_CLAIM": "sub"}
    environment["SSL_CERT_FILE"] = str(issuer.authority)
    token = issuer.token()

    with cloud(), patch.dict("os.environ", environment):
        event = {"type": "REQUEST", "headers": {"authorization": f"Bearer {token}"}}
        before = lambda_handler(event, CONTEXT)
        user_store().put(User(user_id="ana", created_at=NOW))
        answer = lambda_handler(event, CONTEXT)

    assert before == {"isAuthorized": False}
    assert answer["isAuthorized"]
    assert answer["context"] == {
        "subject": "ana",
        "kind": "user",
        "scopes": "files users",
        "expires_at": answer["context"]["expires_at"],
        "requests_per_minute": "60",
        "era": "0",
    }
