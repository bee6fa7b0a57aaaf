"""The certificates of one local stack: an authority that signs one server's and is gone.

tls/ca.pem       what clients trust
tls/bundle.pem   the same and what this machine trusts, for tools that know of one file only
tls/server.pem   the server's certificate
tls/server.key   its key; mode 0600

Nobody keeps the authority's own key: whoever trusts `ca.pem`, in a browser even, trusts this one
server and nothing that anybody could sign later.
"""

import datetime
import os
import ssl
from dataclasses import dataclass
from pathlib import Path

from infra.local.home import Home
from infra.local.processes import choose_port

DEFAULT_PORT = 4443
NAMES = ("localhost", "127.0.0.1", "::1")
LASTS = datetime.timedelta(days=90)
RENEWED_BEFORE = datetime.timedelta(days=7)
"""A stack may run for so long before it is started again."""


@dataclass(frozen=True)
class Certificates:
    folder: Path

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def bundle(self) -> Path:
        return self.folder / "bundle.pem"

    @property
    def server(self) -> Path:
        return self.folder / "server.pem"

    @property
    def key(self) -> Path:
        return self.folder / "server.key"

    def ends(self) -> datetime.datetime | None:
        """When they are over; None when some are missing or do not belong together."""
        from cryptography import x509

        try:
            self.server_context()
            self.client_context()
            return x509.load_pem_x509_certificate(self.server.read_bytes()).not_valid_after_utc
        except (OSError, ValueError):  # ssl.SSLError is an OSError
            return None

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2  # as API Gateway
        context.load_cert_chain(self.server, self.key)
        return context

    def client_context(self) -> ssl.SSLContext:
        return trusting(self.ca)


def trusting(ca: str | Path) -> ssl.SSLContext:
    """For clients that trust this authority and no other."""
    context = ssl.create_default_context(cafile=str(ca))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def endpoint(port: int) -> str:
    return f"https://127.0.0.1:{port}"


def choose(home: Home) -> int:
    """The port: CHAT4ALL_TLS_PORT, else the one this home had before, else 4443 or any free one.

    Raises:
        StackError: it is taken.
    """
    ports = home.read("ports.json")
    port = choose_port("CHAT4ALL_TLS_PORT", ports.get("tls", DEFAULT_PORT))
    home.write("ports.json", {**ports, "tls": port})
    return port


def certificates(home: Home, now: datetime.datetime | None = None) -> Certificates:
    """Those of this home; made anew when there are none, or when they end within a week."""
    found = Certificates(home.path / "tls")
    ends = found.ends()
    if ends is None or ends - (now or datetime.datetime.now(datetime.UTC)) < RENEWED_BEFORE:
        _make(found)
    return found


def _make(made: Certificates) -> None:
    import trustme  # here: only who starts a stack with TLS needs it

    now = datetime.datetime.now(datetime.UTC)
    authority = trustme.CA(organization_name="Chat4All, local", organization_unit_name="no other")
    server = authority.issue_cert(*NAMES, not_before=now, not_after=now + LASTS)
    made.folder.mkdir(parents=True, exist_ok=True)
    made.folder.chmod(0o700)
    ca = authority.cert_pem.bytes()
    _write(made.key, server.private_key_pem.bytes(), 0o600)
    _write(made.server, b"".join(pem.bytes() for pem in server.cert_chain_pems), 0o644)
    _write(made.bundle, _known(made.folder) + ca, 0o644)
    _write(made.ca, ca, 0o644)


def _known(folder: Path) -> bytes:
    """The authorities that this machine's programs trust, without our own of an earlier time."""
    named = Path(os.environ.get("SSL_CERT_FILE") or folder)
    usual = Path(ssl.get_default_verify_paths().openssl_cafile)
    for file in (named, usual):
        if file.is_file() and file.parent != folder:
            return file.read_bytes() + b"\n"
    return b""


def _write(path: Path, content: bytes, mode: int) -> None:
    """In one step, and never readable by others for a moment."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    draft.replace(path)
