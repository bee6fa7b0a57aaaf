"""An outside issuer's keys: fetched over TLS by discovery, kept, and asked for sparingly."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chat4all.adapters import oidc
from chat4all.adapters.oidc import ASKED_AGAIN_S, KEPT_S, MAX_BYTES, OidcKeys
from chat4all.errors import Unavailable
from tests.support.https_server import Authority, answer, read_request, serving
from tests.support.oidc_issuer import Issuer, an_issuer, rsa_jwk

pytestmark = pytest.mark.req("RNF-009")
DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[Issuer]:
    with an_issuer(tmp_path) as found:
        yield found


def test_keys_are_fetched_once_and_kept_for_ten_minutes(issuer: Issuer) -> None:
    keys = issuer.fetching()

    for second in range(0, KEPT_S, 50):
        issuer.now = 1000.0 + second
        assert keys.get("rsa-1").key_id == "rsa-1"
    kept = list(issuer.asked)
    issuer.now = 1000.0 + KEPT_S
    issuer.keys = [rsa_jwk("rsa-2")]

    assert keys.get("rsa-1") is None
    assert kept == [DISCOVERY, "/keys"]
    assert issuer.asked == kept * 2


def test_a_new_key_is_found_at_once_and_names_of_none_cost_a_look_a_minute(
    issuer: Issuer,
) -> None:
    keys = issuer.fetching()
    assert keys.get("rsa-2") is None
    issuer.keys.append(rsa_jwk("rsa-2"))

    issuer.now += ASKED_AGAIN_S - 1
    early = [keys.get(f"random-{number}") for number in range(50)] + [keys.get("rsa-2")]
    looks = len(issuer.asked)
    issuer.now += 1

    assert keys.get("rsa-2").key_id == "rsa-2"
    assert (set(early), looks) == ({None}, 2)


def test_the_keys_that_there_are_outlast_an_outage(issuer: Issuer) -> None:
    keys = issuer.fetching()
    keys.get("rsa-1")
    issuer.spoilt = lambda path: answer(503)

    for _ in range(3):
        issuer.now += KEPT_S
        assert keys.get("rsa-1").key_id == "rsa-1"
    issuer.spoilt = lambda path: None
    issuer.keys = [rsa_jwk("rsa-2")]
    issuer.now += ASKED_AGAIN_S

    assert keys.get("rsa-1") is None


def test_without_any_keys_it_is_unavailable_and_asked_once_a_minute(issuer: Issuer) -> None:
    keys = issuer.fetching()
    issuer.spoilt = lambda path: answer(500)

    for _ in range(5):
        with pytest.raises(Unavailable):
            keys.get("rsa-1")
    asked = list(issuer.asked)
    issuer.spoilt = lambda path: None
    issuer.now += ASKED_AGAIN_S

    assert keys.get("rsa-1").key_id == "rsa-1"
    assert asked == [DISCOVERY]


@pytest.mark.parametrize(
    ("path", "spoilt"),
    [
        (DISCOVERY, b"{"),
        (DISCOVERY, b"[]"),
        (DISCOVERY, b"{}"),
        (DISCOVERY, b"[" * 100_000),
        ("/keys", b"{}"),
        ("/keys", b'{"keys": []}'),
        ("/keys", b'{"keys": {"rsa-1": 1}}'),
        ("/keys", b'{"keys": [1, {"kty": "RSA", "kid": "rsa-1", "n": "AQAB", "e": 7}]}'),
        ("/keys", b" " * (MAX_BYTES + 1)),
    ],
    ids=range(9),
)
def test_documents_that_mean_nothing_bring_no_keys(
    issuer: Issuer, path: str, spoilt: bytes
) -> None:
    issuer.spoilt = lambda asked: answer(200, spoilt) if asked == path else None

    with pytest.raises(Unavailable):
        issuer.fetching().get("rsa-1")


def test_a_redirect_is_not_followed(issuer: Issuer) -> None:
    where = f"location: {issuer.url}/elsewhere"
    issuer.spoilt = lambda path: answer(302, b"", where) if path == DISCOVERY else None

    with pytest.raises(Unavailable):
        issuer.fetching().get("rsa-1")

    assert issuer.asked == [DISCOVERY]


def test_another_issuers_document_is_not_believed(issuer: Issuer) -> None:
    issuer.discovery["issuer"] = f"{issuer.url}/"

    with pytest.raises(Unavailable):
        issuer.fetching().get("rsa-1")


@pytest.mark.parametrize("uri", ["http", "file", None])
def test_keys_come_over_tls_alone(issuer: Issuer, uri: str | None) -> None:
    issuer.discovery["jwks_uri"] = uri and f"{issuer.url}/keys".replace("https", uri)

    with pytest.raises(Unavailable):
        issuer.fetching().get("rsa-1")

    assert issuer.asked == [DISCOVERY]


def test_a_server_that_nobody_vouches_for_is_not_asked(issuer: Issuer) -> None:
    with pytest.raises(Unavailable):
        OidcKeys(issuer.url).get("rsa-1")

    assert issuer.asked == []


def test_who_knows_a_key_does_not_wait_while_another_fetches_them_anew(issuer: Issuer) -> None:
    keys = issuer.fetching()
    keys.get("rsa-1")
    fetching, go_on = threading.Event(), threading.Event()

    def slow(path: str) -> None:
        fetching.set()
        go_on.wait(10)

    issuer.spoilt = slow
    issuer.now += KEPT_S
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(keys.get, "rsa-1")
        fetching.wait(10)
        second = pool.submit(keys.get, "ec-1").result(timeout=0.5)
        waited = first.done()
        go_on.set()

    assert (second.key_id, waited) == ("ec-1", False)
    assert first.result().key_id == "rsa-1"


def test_without_keys_nobody_waits_for_longer_than_a_fetch_may_take(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "WHOLE_S", 0.1)
    keys = issuer.fetching()
    fetching, go_on = threading.Event(), threading.Event()

    def slow(path: str) -> None:
        fetching.set()
        go_on.wait(10)

    issuer.spoilt = slow
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(keys.get, "rsa-1")
        fetching.wait(10)
        with pytest.raises(Unavailable, match="slow"):
            keys.get("rsa-1")
        go_on.set()

    assert first.result().key_id == "rsa-1"


def test_documents_that_drip_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "WHOLE_S", 0.3)
    authority = Authority(tmp_path)

    def drip(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")
        for _ in range(100):
            sock.sendall(b" ")
            time.sleep(0.1)

    with serving(tls=authority.server("localhost"), talk=drip) as server:
        keys = OidcKeys(f"https://localhost:{server.port}", ca_file=str(authority.file))
        began = time.monotonic()
        with pytest.raises(Unavailable):
            keys.get("rsa-1")

    assert time.monotonic() - began < 2
