"""Where the server listens, and how a client knows that it is us.

GRPC_CERTIFICATE, GRPC_KEY   files: a certificate that clients verify
GRPC_SELF_SIGNED=yes         one that is made now, in memory: between a balancer, which verifies
                             none, and us; it changes with each start
neither                      plain, for this machine alone, unless GRPC_PLAINTEXT=yes
"""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

import grpc
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

LASTS = datetime.timedelta(days=3650)
"""A process ends long before, and who connects does not look."""


class BadSettings(Exception):
    """The server cannot be started so; the message says what to change."""


class Listening(BaseModel):
    """The variables of the environment, without their `GRPC_`."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    address: str = "127.0.0.1:50051"
    """Port 0 takes any free one."""
    certificate: str = ""
    key: str = ""
    self_signed: Literal["", "yes"] = ""
    plaintext: Literal["", "yes", "no"] = ""
    linger: float = 0
    """Seconds that calls are still taken after the end was announced."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if bool(self.certificate) != bool(self.key):
            raise ValueError("GRPC_CERTIFICATE and GRPC_KEY come together")
        if self.certificate and self.self_signed:
            raise ValueError("GRPC_SELF_SIGNED is for a server without GRPC_CERTIFICATE")
        if not self.encrypted and self.plaintext != "yes" and not _is_loopback(self.address):
            raise ValueError(
                "without TLS it listens on this machine's own address only: set GRPC_CERTIFICATE "
                "and GRPC_KEY, or GRPC_SELF_SIGNED=yes, or GRPC_PLAINTEXT=yes if something in "
                "front of it speaks TLS"
            )
        return self

    @property
    def encrypted(self) -> bool:
        return bool(self.certificate or self.self_signed)


def from_environment(environment: Mapping[str, str]) -> Listening:
    """Raises BadSettings: something is missing or does not fit."""
    named = {n[5:].lower(): v for n, v in environment.items() if n.startswith("GRPC_") and v}
    try:
        return Listening.model_validate(named)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)
        where = [(".".join(map(str, each["loc"])), each["msg"]) for each in wrong]
        says = "; ".join(
            f"GRPC_{place.upper()}: {what}" if place else what for place, what in where
        )
        raise BadSettings(says) from error


def credentials(listening: Listening) -> grpc.ServerCredentials | None:
    """None when it is to be plain. TLS is 1.2 or later.

    Raises:
        BadSettings: a file is not there, or is no certificate or no key.
    """
    if not listening.encrypted:
        return None
    if listening.self_signed:
        key, certificate = self_signed()
    else:
        key, certificate = _read(listening.key), _read(listening.certificate)
    _must_fit(key, certificate)
    return grpc.ssl_server_credentials([(key, certificate)])


def self_signed() -> tuple[bytes, bytes]:
    """A key and its certificate, in PEM. The key is nowhere but in this process."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "chat4all grpc front")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + LASTS)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)


def _must_fit(key: bytes, certificate: bytes) -> None:
    """gRPC takes anything here and then refuses each client without a word."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private = load_pem_private_key(key, password=None)
        public = x509.load_pem_x509_certificates(certificate)[0].public_key()
    except (ValueError, TypeError, IndexError) as error:
        raise BadSettings("GRPC_CERTIFICATE or GRPC_KEY is no PEM that can be read") from error
    if private.public_key() != public:
        raise BadSettings("GRPC_KEY is not the key of GRPC_CERTIFICATE")


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise BadSettings(f"{path} cannot be read: {error.strerror}") from error


def _is_loopback(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
