"""Two keys: the first signs, both verify, and a token names the one that signed it."""

import os
from collections.abc import Iterator, Mapping
from typing import Any
from unittest.mock import patch

import boto3
import jwt
import pytest

from chat4all.access.tokens import TokenVerifier, key_id
from chat4all.adapters.local_key import LocalSigner
from chat4all.errors import Unauthenticated, Unavailable
from tests.cloud import CONTEXT, Cloud, cloud, forget_clients, request
from tests.support.tokens import CLIENT, ISSUER, KID, SIGNER, good_claims, signed, tokens, verify

pytestmark = pytest.mark.req("RNF-009")


def test_another_key_that_takes_our_keys_name_is_refused() -> None:
    with pytest.raises(Unauthenticated):
        verify(signed({"alg": "RS256"}, good_claims(), LocalSigner()))


@pytest.mark.parametrize("kid", [None, "", "0" * 16, "../key", 7, ["x"]], ids=str)
def test_a_token_without_the_name_of_a_key_of_ours_is_refused(kid: object) -> None:
    with pytest.raises(Unauthenticated):
        verify(signed({"alg": "RS256", "kid": kid}, good_claims()))


def test_the_first_of_two_keys_signs_and_both_verify() -> None:
    other = LocalSigner()

    before = tokens(SIGNER, other).for_client(CLIENT).access_token
    after = tokens(other, SIGNER).for_client(CLIENT).access_token

    assert jwt.get_unverified_header(before)["kid"] == KID
    assert jwt.get_unverified_header(after)["kid"] == key_id(other.public_key())
    for order in ((SIGNER, other), (other, SIGNER)):
        assert {verify(token, *order).subject for token in (before, after)} == {"c4a_1"}
    with pytest.raises(Unauthenticated):
        verify(before, other)


def test_both_keys_are_published_the_one_that_signs_first() -> None:
    other = LocalSigner()

    published = [key["kid"] for key in tokens(other, SIGNER).jwks()["keys"]]

    assert published == [key_id(other.public_key()), KID]


class CountingSigner(LocalSigner):
    """Does not answer as often as it is told, then does."""

    def __init__(self, failing: int = 0) -> None:
        super().__init__()
        self.asked, self._failing = 0, failing

    def public_key(self) -> bytes:
        self.asked += 1
        if self.asked <= self._failing:
            raise Unavailable("token key")
        return super().public_key()


def test_names_of_keys_that_nobody_has_cost_no_call() -> None:
    keys = (CountingSigner(), CountingSigner())
    verifier = TokenVerifier(keys, ISSUER)

    for number in range(20):
        with pytest.raises(Unauthenticated):
            verifier.verify(signed({"alg": "RS256", "kid": f"{number:016d}"}, good_claims()))

    assert [key.asked for key in keys] == [1, 1]


def test_a_key_that_did_not_answer_is_asked_again() -> None:
    key = CountingSigner(failing=1)
    token = tokens(LocalSigner()).for_client(CLIENT).access_token
    verifier = TokenVerifier((key,), ISSUER)

    with pytest.raises(Unavailable):
        verifier.verify(token)
    with pytest.raises(Unauthenticated):
        verifier.verify(token)

    assert key.asked == 2


@pytest.fixture
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


def deployed(*keys: str) -> Any:
    """The processes of a deployment with these keys begin."""
    forget_clients()
    return patch.dict("os.environ", {"TOKEN_KEY_IDS": ",".join(keys)})


def a_token(credentials: Mapping[str, str]) -> str:
    from http_api.handler import lambda_handler

    return str(request(lambda_handler, "POST", "/auth/token", credentials).json["access_token"])


def let_in(token: str) -> bool:
    from authorize_request.handler import lambda_handler

    headers = {"authorization": f"Bearer {token}"}
    return bool(lambda_handler({"type": "REQUEST", "headers": headers}, CONTEXT)["isAuthorized"])


def published() -> list[str]:
    from http_api.handler import lambda_handler

    keys = request(lambda_handler, "GET", "/.well-known/jwks.json").json["keys"]
    return [str(key["kid"]) for key in keys]


@pytest.mark.usefixtures("stack")
def test_a_rotation_as_the_guide_says_refuses_no_token_that_is_alive() -> None:
    from chat4all.bootstrap.access import clients

    made = boto3.client("kms").create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    a, b = os.environ["TOKEN_KEY_IDS"], made["KeyMetadata"]["KeyId"]
    registered = clients().register(name="shop")
    credentials = {
        "client_id": registered.client_id,
        "client_secret": registered.client_secret,
    }

    with deployed(a):
        old = a_token(credentials)
        [kid_a] = published()
    with deployed(a, b):
        between, both = a_token(credentials), published()
        assert let_in(old) and let_in(between)
    with deployed(b, a):
        new, turned = a_token(credentials), published()
        assert let_in(old) and let_in(between) and let_in(new)
    with deployed(b):
        assert let_in(new) and not let_in(old) and not let_in(between)
        [kid_b] = published()

    assert (both, turned) == ([kid_a, kid_b], [kid_b, kid_a])
    assert [jwt.get_unverified_header(t)["kid"] for t in (old, between, new)] == [
        kid_a,
        kid_a,
        kid_b,
    ]
