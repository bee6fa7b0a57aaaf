"""Clients of TLS 1.1, as far as this machine's OpenSSL still has it."""

from __future__ import annotations

import contextlib
import ssl
import tempfile
import warnings

import trustme

OLD = ssl.TLSVersion.TLSv1_1


def old_client(ca_file: str) -> ssl.SSLContext:
    """Offers TLS 1.1 and nothing later."""
    context = ssl.create_default_context(cafile=ca_file)
    _make_old(context)
    return context


def can_speak_old_tls() -> bool:
    """Whether such a client and a server that would have it come to terms here."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    with tempfile.NamedTemporaryFile() as file:
        file.write(authority.cert_pem.bytes())
        file.flush()
        try:
            _make_old(server)
            return shake_hands(old_client(file.name), server) == "TLSv1.1"
        except (ssl.SSLError, ValueError):
            return False


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext) -> str | None:
    """The version that the two agree on. Raises SSLError when they do not."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(down, up, server_hostname="localhost"),
        server.wrap_bio(up, down, server_side=True),
    ]
    for _ in range(5):
        for side in sides:
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
    return sides[0].version()


def _make_old(context: ssl.SSLContext) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = OLD
    context.set_ciphers("ALL:@SECLEVEL=0")
