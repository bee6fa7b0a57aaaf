"""Tokens as they should be, and as somebody might try them: each differs from a good one in what
its name says, and is signed by the deployment's own key unless that is what it is about."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from chat4all.adapters.aws import client

HOUR = 3600


def by_our_key(signed: bytes) -> bytes:
    answer = client("kms").sign(
        KeyId=_key_id(), Message=signed, SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256"
    )
    return bytes(answer["Signature"])


def by_another_key(signed: bytes) -> bytes:
    return _another_key().sign(signed, padding.PKCS1v15(), hashes.SHA256())


def by_our_public_key(signed: bytes) -> bytes:
    """What a verifier would take that lets the token choose between a key and a secret."""
    der = client("kms").get_public_key(KeyId=_key_id())["PublicKey"]
    pem = serialization.load_der_public_key(der).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hmac.digest(pem, signed, hashlib.sha256)


def altered(
    token: str,
    sign: Callable[[bytes], bytes] = by_our_key,
    header: dict[str, Any] | None = None,
    **claims: Any,
) -> str:
    """The token with other claims, signed anew; a claim that is None is left out."""
    told = jwt.decode(token, options={"verify_signature": False}) | claims
    head = jwt.get_unverified_header(token) | (header or {})
    left = {name: value for name, value in told.items() if value is not None}
    signed = f"{_b64(json.dumps(head).encode())}.{_b64(json.dumps(left).encode())}"
    return f"{signed}.{_b64(sign(signed.encode()))}"


def issued_at(token: str) -> int:
    return int(jwt.decode(token, options={"verify_signature": False})["iat"])


BAD_TOKENS: dict[str, Callable[[str], str | None]] = {
    "no token": lambda good: None,
    "garbage": lambda good: "garbage",
    "alg none": lambda good: altered(good, lambda _: b"", {"alg": "none"}),
    "another key": lambda good: altered(good, by_another_key),
    "another key of its own id": lambda good: altered(good, by_another_key, {"kid": "mine"}),
    "public key as secret": lambda good: altered(good, by_our_public_key, {"alg": "HS256"}),
    "tampered": lambda good: f"{good[:-8]}{'A' * 8}",
    "expired": lambda good: altered(good, exp=issued_at(good) - 1),
    "not yet valid": lambda good: altered(good, nbf=issued_at(good) + HOUR),
    "wrong audience": lambda good: altered(good, aud="somebody-else"),
    "wrong issuer": lambda good: altered(good, iss="https://issuer.example"),
    "no expiry": lambda good: altered(good, exp=None),
}
"""By the name of what is wrong with it, made of a good one."""


def _key_id() -> str:
    keys = os.environ.get("TOKEN_KEY_IDS") or os.environ["TOKEN_KEY_ID"]
    return keys.split(",")[0]


@cache
def _another_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
