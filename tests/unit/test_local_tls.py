"""The certificates of a local stack, and the door that asks for them."""

import asyncio
import datetime
import ssl
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from infra.client.access import find_access
from infra.local import tls
from infra.local.emulator_tls import through_tls, without_apis
from infra.local.home import Home, StackError
from infra.local.running import start
from tests.support.old_tls import can_speak_old_tls, old_client, shake_hands

pytestmark = pytest.mark.req("RNF-009")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_client_that_trusts_the_authority_trusts_the_server(home: Home) -> None:
    found = tls.certificates(home)

    assert shake_hands(found.client_context(), found.server_context()) == "TLSv1.3"
    assert shake_hands(tls.trusting(found.bundle), found.server_context()) == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(ssl.create_default_context(), found.server_context())


def test_nothing_older_than_tls_1_2_is_spoken(home: Home) -> None:
    found = tls.certificates(home)
    later = found.client_context()
    later.maximum_version = ssl.TLSVersion.TLSv1_2

    assert found.server_context().minimum_version == ssl.TLSVersion.TLSv1_2
    assert found.client_context().minimum_version == ssl.TLSVersion.TLSv1_2
    assert shake_hands(later, found.server_context()) == "TLSv1.2"
    if can_speak_old_tls():
        with pytest.raises(ssl.SSLError):
            shake_hands(old_client(str(found.ca)), found.server_context())


def test_the_servers_key_is_its_owners_alone_and_nobody_has_the_authoritys(home: Home) -> None:
    found = tls.certificates(home)

    assert (mode(found.folder), mode(found.key)) == (0o700, 0o600)
    keys = [p.name for p in found.folder.iterdir() if b"PRIVATE KEY" in p.read_bytes()]
    assert keys == ["server.key"]
    ca = x509.load_pem_x509_certificate(found.ca.read_bytes())
    server = x509.load_pem_x509_certificate(found.server.read_bytes())
    assert ca.public_key() != server.public_key()


def test_they_are_kept_for_the_home(home: Home) -> None:
    first = tls.certificates(home).ca.read_bytes()

    assert tls.certificates(home).ca.read_bytes() == first


@pytest.mark.parametrize(("days", "kept"), [(82, True), (84, False), (100, False)])
def test_they_are_made_anew_a_week_before_they_end(home: Home, days: int, kept: bool) -> None:
    first = tls.certificates(home).ca.read_bytes()
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)

    assert (tls.certificates(home, later).ca.read_bytes() == first) is kept


@pytest.mark.parametrize("lost", ["ca.pem", "server.pem", "server.key"])
def test_they_are_made_anew_when_some_of_it_is_lost_or_spoilt(home: Home, lost: str) -> None:
    found = tls.certificates(home)
    (found.folder / lost).write_text("nonsense")

    again = tls.certificates(home)

    assert shake_hands(again.client_context(), again.server_context()) == "TLSv1.3"


def test_the_bundle_has_what_the_machine_trusts_and_no_authority_of_an_earlier_time(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine = tmp_path / "machine.pem"
    machine.write_text("# what the machine trusts\n")
    monkeypatch.setenv("SSL_CERT_FILE", str(machine))
    first = tls.certificates(home)
    old = first.ca.read_text()
    assert first.bundle.read_text() == f"# what the machine trusts\n\n{old}"

    monkeypatch.setenv("SSL_CERT_FILE", str(first.bundle))  # as ./scripts/env has said
    first.key.unlink()
    again = tls.certificates(home)

    assert old not in again.bundle.read_text()
    assert again.ca.read_text() in again.bundle.read_text()


def test_localstack_has_a_tls_of_its_own(home: Home) -> None:
    with pytest.raises(StackError, match="MiniStack"):
        start(home, "localstack", with_tls=True)


def test_an_api_elsewhere_may_name_its_authority(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT4ALL_API_URL", "https://api.example.com/")
    monkeypatch.setenv("CHAT4ALL_CLIENT_ID", "c4a_1")
    monkeypatch.setenv("CHAT4ALL_CLIENT_SECRET", "s")

    assert find_access(home).ca_file is None
    monkeypatch.setenv("CHAT4ALL_CA_FILE", "/etc/ca.pem")
    assert find_access(home).ca_file == "/etc/ca.pem"


class Heard:
    """An application that notes what it is asked."""

    def __init__(self) -> None:
        self.scopes: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)


def ask(app: Any, kind: str, path: str = "/", **headers: str) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, str]:
        return {"type": f"{kind}.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    wire = [(n.replace("_", "-").encode(), v.encode()) for n, v in headers.items()]
    asyncio.run(app({"type": kind, "path": path, "headers": wire}, receive, send))
    return sent


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_functions_hear_of_tls_from_us_and_not_from_the_client(kind: str) -> None:
    heard = Heard()

    ask(through_tls(heard), kind, x_forwarded_proto="http", x_forwarded_for="1.2.3.4", accept="*")

    assert heard.scopes[0]["headers"] == [(b"accept", b"*"), (b"x-forwarded-proto", b"https")]


def address(host: str, path: str) -> tuple[str, str, str] | None:
    """As MiniStack tells an API's requests."""
    if host.startswith("api.execute-api"):
        return "api", "v1", path
    return ("api", "v1", path.removeprefix("/api")) if path.startswith("/api/") else None


@pytest.mark.parametrize(
    ("kind", "path", "host", "reaches"),
    [
        ("http", "/api/v1/users", "localhost", False),
        ("http", "/v1/users", "api.execute-api.localhost:4566", False),
        ("http", "/api/@connections/abc", "localhost", True),
        ("http", "/some-bucket/key", "localhost", True),
        ("http", "/", "localhost", True),
        ("websocket", "/api/v1", "localhost", False),
        ("lifespan", "/", "localhost", True),
    ],
)
def test_the_plain_door_is_for_functions_and_tools_only(
    kind: str, path: str, host: str, reaches: bool
) -> None:
    heard = Heard()

    sent = ask(without_apis(heard, address), kind, path, host=host)

    assert bool(heard.scopes) is reaches
    assert bool(sent) is not reaches
    if kind == "http" and sent:
        assert sent[0]["status"] == 403
