"""Poster: an attempt ends at its deadline, however the other side drags it out."""

from __future__ import annotations

import socket
import time

import pytest

from chat4all.adapters.poster import PinnedPoster
from chat4all.ports.webhooks import Posted
from chat4all.webhooks.addresses import Destination
from tests.support.https_server import Server, read_request, serving

pytestmark = pytest.mark.req("RF-009")


@pytest.fixture
def poster() -> PinnedPoster:
    return PinnedPoster()


def to(server: Server, scheme: str = "http") -> Destination:
    return Destination(scheme, "a.example", server.port, "/hook", ("127.0.0.1",))


def drip(sock: socket.socket, content: bytes, pause: float = 0.1) -> None:
    for position in range(len(content)):
        sock.sendall(content[position : position + 1])
        time.sleep(pause)


def took(poster: PinnedPoster, where: Destination, seconds: float) -> tuple[Posted, float]:
    began = time.monotonic()
    posted = poster.post(where, {}, b"{}", seconds)
    return posted, time.monotonic() - began


@pytest.mark.parametrize(
    ("at_once", "slowly"),
    [(b"", b""), (b"", b"HTTP/1.1 200 OK"), (b"HTTP/1.1 200 OK\r\n", b"x: " + b"y" * 500)],
    ids=["never", "line", "headers"],
)
def test_an_answer_that_drips_or_never_comes_is_cut_at_the_deadline(
    poster: PinnedPoster, at_once: bytes, slowly: bytes
) -> None:
    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(at_once)
        drip(sock, slowly)
        time.sleep(5)

    with serving(talk=talk) as server:
        posted, seconds = took(poster, to(server), 0.6)

    assert posted == Posted(error="timeout")
    assert 0.5 < seconds < 3


def test_a_handshake_that_drips_is_cut_at_the_deadline(poster: PinnedPoster) -> None:
    record = b"\x16\x03\x03\x40\x00" + b"\x02\x00\x3f\xfc" + b"x" * 500

    with serving(talk=lambda sock: drip(sock, record)) as server:
        posted, seconds = took(poster, to(server, "https"), 0.6)

    assert posted == Posted(error="timeout")
    assert 0.5 < seconds < 3


def test_interim_answers_without_end_are_cut_at_the_deadline(poster: PinnedPoster) -> None:
    def talk(sock: socket.socket) -> None:
        read_request(sock)
        while True:
            sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            time.sleep(0.05)

    with serving(talk=talk) as server:
        posted, seconds = took(poster, to(server), 0.6)

    assert posted == Posted(error="timeout")
    assert seconds < 3


def test_the_status_counts_and_a_body_that_drips_is_not_waited_for(poster: PinnedPoster) -> None:
    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        drip(sock, b"x" * 1000)

    with serving(talk=talk) as server:
        posted, seconds = took(poster, to(server), 10)

    assert posted == Posted(200)
    assert seconds < 6


def test_of_a_large_answer_little_is_read(poster: PinnedPoster) -> None:
    sent = 0

    def talk(sock: socket.socket) -> None:
        nonlocal sent
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n")
        while sent < 100_000_000:
            sent += sock.send(b"x" * 65_536)

    with serving(talk=talk) as server:
        assert poster.post(to(server), {}, b"{}", 5) == Posted(200)
        time.sleep(0.1)

    assert sent < 50_000_000
