"""The key that signs tokens; it never leaves KMS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat4all.adapters.aws import available

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


class KmsSigner:
    def __init__(self, client: KMSClient, key_id: str) -> None:
        self._client = client
        self._key_id = key_id
        self._public_key: bytes | None = None

    def sign(self, message: bytes) -> bytes:
        with available("token key"):
            return self._client.sign(
                KeyId=self._key_id,
                Message=message,
                MessageType="RAW",
                SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256",
            )["Signature"]

    def public_key(self) -> bytes:
        """Asked for once per process."""
        if self._public_key is None:
            with available("token key"):
                self._public_key = self._client.get_public_key(KeyId=self._key_id)["PublicKey"]
        return self._public_key
