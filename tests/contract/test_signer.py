"""Signer: what it signs, its public key verifies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from chat4all.adapters.kms import KmsSigner
from chat4all.adapters.local_key import LocalSigner
from chat4all.errors import Unavailable
from chat4all.ports import Signer
from tests.contract.worlds import ADAPTERS, Aws, aws_of


@pytest.fixture(params=ADAPTERS)
def signer(request: pytest.FixtureRequest) -> Iterator[Signer]:
    if request.param == "memory":
        yield LocalSigner()
        return
    for aws in aws_of(request):
        yield KmsSigner(aws.client("kms"), new_key(aws))


def new_key(aws: Aws) -> str:
    made = aws.client("kms").create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    return str(made["KeyMetadata"]["KeyId"])


def verify(public_key: bytes, signature: bytes, message: bytes) -> None:
    key = load_der_public_key(public_key)
    assert isinstance(key, RSAPublicKey)
    key.verify(signature, message, padding.PKCS1v15(), SHA256())


@pytest.mark.parametrize("message", [b"header.claims", b"\x00\xff" * 2000])
def test_the_public_key_verifies_a_signature(signer: Signer, message: bytes) -> None:
    verify(signer.public_key(), signer.sign(message), message)


def test_a_signature_is_for_one_message(signer: Signer) -> None:
    signature = signer.sign(b"header.claims")

    with pytest.raises(InvalidSignature):
        verify(signer.public_key(), signature, b"header.other claims")


def test_the_public_key_stays_the_same(signer: Signer) -> None:
    assert signer.public_key() == signer.public_key()


def test_a_key_is_found_by_its_alias(aws: Aws) -> None:
    alias = f"alias/{aws.unique('tokens')}"
    key = new_key(aws)
    aws.client("kms").create_alias(AliasName=alias, TargetKeyId=key)

    signature = KmsSigner(aws.client("kms"), alias).sign(b"x")

    verify(KmsSigner(aws.client("kms"), key).public_key(), signature, b"x")


def test_a_key_that_is_not_there_is_unavailable(aws: Aws) -> None:
    signer = KmsSigner(aws.client("kms"), "00000000-0000-0000-0000-000000000000")

    with pytest.raises(Unavailable):
        signer.sign(b"x")
    with pytest.raises(Unavailable):
        signer.public_key()
