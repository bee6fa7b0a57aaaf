"""Poster: over real HTTP and TLS, to the address that was checked and to no other."""

from __future__ import annotations

import logging
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from chat4all.adapters.poster import PinnedPoster
from chat4all.adapters.resolver import SystemResolver
from chat4all.ports.webhooks import Posted
from chat4all.webhooks.addresses import Destination, destination
from tests.support.https_server import Authority, Server, answer, read_request, serving

pytestmark = pytest.mark.req("RF-009")
HEADERS = {"content-type": "application/json", "webhook-id": "event-1"}
BODY = '{"text":"olá ✓"}'.encode()
OK = answer(200, b"taken")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def poster(authority: Authority) -> PinnedPoster:
    return PinnedPoster(str(authority.file))


def to(
    server: Server, host: str = "a.example", scheme: str = "http", **other: object
) -> Destination:
    fields: dict[str, object] = {
        "scheme": scheme,
        "host": host,
        "port": server.port,
        "target": "/hook?token=x",
        "addresses": ("127.0.0.1",),
    }
    return Destination(**fields | other)  # type: ignore[arg-type]


def test_a_request_is_whole_and_names_the_host_of_the_url(poster: PinnedPoster) -> None:
    with serving(OK) as server:
        posted = poster.post(to(server), HEADERS, BODY, 5)

    [request] = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    assert posted == Posted(200)
    assert lines[0] == "post /hook?token=x http/1.1"
    assert f"host: a.example:{server.port}" in lines
    assert "webhook-id: event-1" in lines
    assert sum(line.startswith(("host:", "content-length:")) for line in lines) == 2
    assert body == BODY


def test_over_tls_the_certificate_is_the_names_though_the_address_is_dialled(
    poster: PinnedPoster, authority: Authority
) -> None:
    with serving(OK, tls=authority.server("a.example")) as server:
        assert poster.post(to(server, scheme="https"), HEADERS, BODY, 5) == Posted(200)

    assert len(server.requests) == 1


def test_a_url_with_an_address_wants_a_certificate_of_that_address(
    poster: PinnedPoster, authority: Authority
) -> None:
    with serving(OK, tls=authority.server("127.0.0.1")) as server:
        assert poster.post(to(server, "127.0.0.1", "https"), HEADERS, BODY, 5) == Posted(200)


def test_a_certificate_of_another_name_is_refused_and_nothing_is_sent(
    poster: PinnedPoster, authority: Authority
) -> None:
    with serving(OK, tls=authority.server("b.example")) as server:
        posted = poster.post(to(server, scheme="https"), HEADERS, BODY, 5)

    assert posted == Posted(error="tls")
    assert server.requests == []


def test_an_authority_that_nobody_knows_is_refused(authority: Authority) -> None:
    with serving(OK, tls=authority.server("a.example")) as server:
        assert PinnedPoster().post(to(server, scheme="https"), HEADERS, BODY, 5).error == "tls"


def test_a_server_that_speaks_no_tls_is_refused(poster: PinnedPoster) -> None:
    with serving(talk=lambda sock: sock.sendall(OK)) as server:
        assert poster.post(to(server, scheme="https"), HEADERS, BODY, 5).error == "tls"


def test_a_redirect_is_a_failure_and_is_not_followed(poster: PinnedPoster) -> None:
    with serving(OK) as elsewhere:
        location = f"location: http://127.0.0.1:{elsewhere.port}/"
        for status in (301, 302, 303, 307, 308):
            with serving(answer(status, b"", location)) as server:
                posted = poster.post(to(server), HEADERS, BODY, 5)
            assert posted == Posted(status, "redirect")

    assert elsewhere.connections == 0


@pytest.mark.parametrize(
    ("status", "error"),
    [(200, None), (204, None), (299, None), (304, "redirect"), (400, "status"), (599, "status")],
)
def test_two_hundreds_are_success(poster: PinnedPoster, status: int, error: str | None) -> None:
    with serving(answer(status)) as server:
        assert poster.post(to(server), HEADERS, BODY, 5) == Posted(status, error)


def test_retry_after_is_told(poster: PinnedPoster) -> None:
    with serving(answer(503, b"", "Retry-After: 120")) as server:
        assert poster.post(to(server), HEADERS, BODY, 5) == Posted(503, "status", 120.0)


def test_nobody_there_is_refused_and_the_next_address_is_tried(poster: PinnedPoster) -> None:
    with serving(OK) as server:
        both = to(server, addresses=("127.0.0.9", "127.0.0.1"))
        assert poster.post(both, HEADERS, BODY, 5) == Posted(200)
    assert poster.post(to(server), HEADERS, BODY, 5).error == "connection_refused"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"", "connection_lost"),
        (b"HTTP/1.1 2", "bad_answer"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "bad_answer"),
        (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200, "bad_answer"),
        (b"HTTP/1.1 200 " + b"x" * 70_000, "bad_answer"),
    ],
    ids=["nothing", "half a line", "another protocol", "many headers", "a long line"],
)
def test_what_is_no_answer_is_a_failure(poster: PinnedPoster, said: bytes, error: str) -> None:
    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(said)

    with serving(talk=talk) as server:
        posted = poster.post(to(server), HEADERS, BODY, 5)

    assert posted == Posted(error=error)


def test_a_connection_is_used_again_and_a_closed_one_is_replaced(
    poster: PinnedPoster, authority: Authority
) -> None:
    with serving(OK, OK, tls=authority.server("a.example")) as server:
        where = to(server, scheme="https")
        posted = [poster.post(where, HEADERS, BODY, 5) for _ in range(4)]

    assert posted == [Posted(200)] * 4
    assert (server.connections, len(server.requests)) == (2, 4)


def test_a_connection_is_not_used_for_another_name_or_another_address(
    poster: PinnedPoster,
) -> None:
    with serving(OK, OK, OK, host="0.0.0.0") as server:
        for where in (
            to(server),
            to(server, "b.example"),
            to(server, addresses=("127.0.0.2",)),
        ):
            assert poster.post(where, HEADERS, BODY, 5) == Posted(200)

    assert server.connections == 3


def test_many_post_at_once(poster: PinnedPoster) -> None:
    with serving(*[OK] * 50) as server, ThreadPoolExecutor(10) as pool:
        posted = list(pool.map(lambda _: poster.post(to(server), HEADERS, BODY, 5), range(50)))

    assert posted == [Posted(200)] * 50
    assert server.connections <= 10


def test_a_name_that_moves_between_check_and_connection_moves_nothing(
    poster: PinnedPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: every look-up after the first one leads to another server."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: object, *given: object, **more: object) -> object:
        if host != "a.example":
            return real(host, *given, **more)  # type: ignore[call-overload]
        asked.append(str(host))
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with serving(OK, OK) as server:
        url = f"http://a.example:{server.port}/"
        where = destination(url, SystemResolver().resolve, local=True)
        posted = poster.post(where, HEADERS, BODY, 5)

    assert posted == Posted(200)
    assert (where.addresses, len(asked), len(server.requests)) == (("127.0.0.1",), 1, 1)


def test_a_proxy_in_the_environment_is_not_asked(
    poster: PinnedPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    with serving(OK) as server:
        assert poster.post(to(server), HEADERS, BODY, 5) == Posted(200)


def test_nothing_of_the_url_is_logged(
    poster: PinnedPoster, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), serving(answer(200, b"", "bad header")) as server:
        poster.post(to(server), HEADERS, BODY, 5)

    assert "token" not in caplog.text
