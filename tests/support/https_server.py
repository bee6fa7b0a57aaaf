"""A certificate authority of one's own, and servers on loopback that answer as they are told."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

Talk = Callable[[socket.socket], None]


class Authority:
    """Signs certificates; `file` is what its friends trust."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("An authority of nobody's")
        certificate = self._sign(self._name, self._key, x509.BasicConstraints(True, None), None)
        self.file = folder / "authority.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, *hosts: str) -> ssl.SSLContext:
        """For a server that has these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([_subject(host) for host in hosts])
        certificate = self._sign(_name(hosts[0]), key, x509.BasicConstraints(False, None), names)
        path = self._folder / f"{hosts[0]}.pem"
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _sign(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        constraints: x509.BasicConstraints,
        names: x509.SubjectAlternativeName | None,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
            .add_extension(constraints, critical=True)
        )
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def self_signed(key: rsa.RSAPrivateKey) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    name = _name("Nobody")
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _subject(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


@dataclass
class Server:
    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    """What came, head and body."""


def read_request(sock: socket.socket) -> bytes:
    """One request, whole; nothing when the client has gone."""
    found = b""
    while b"\r\n\r\n" not in found:
        chunk = sock.recv(65_536)
        if not chunk:
            return b""
        found += chunk
    head, _, body = found.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    while len(body) < length:
        body += sock.recv(65_536)
    return head + b"\r\n\r\n" + body


def answer(status: int = 200, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Any", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@contextmanager
def serving(
    *answers: bytes, tls: ssl.SSLContext | None = None, talk: Talk | None = None, host: str = ""
) -> Iterator[Server]:
    """A server that gives these answers in turn on each connection and then closes it, or does
    what `talk` does."""
    listening = socket.create_server((host or "127.0.0.1", 0))
    server = Server(listening.getsockname()[1])
    stopped = threading.Event()

    def give(sock: socket.socket) -> None:
        for one in answers:
            request = read_request(sock)
            if not request:
                return
            server.requests.append(request)
            sock.sendall(one)

    def connection(sock: socket.socket) -> None:
        server.connections += 1
        with suppress(OSError):
            held = tls.wrap_socket(sock, server_side=True) if tls else sock
            with held:
                (talk or give)(held)
        sock.close()

    def accept() -> None:
        while not stopped.is_set():
            with suppress(OSError):
                sock, _ = listening.accept()
                threading.Thread(target=connection, args=(sock,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield server
    stopped.set()
    with suppress(OSError):
        listening.shutdown(socket.SHUT_RDWR)
    listening.close()
