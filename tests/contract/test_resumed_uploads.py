"""A client that is killed while it uploads: another one goes on where it stopped. Real S3 requests,
the real use cases, the emulator's table and bucket."""

from __future__ import annotations

import socket
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chat4all.file import File, FileStatus
from tests.contract.buckets import ANN, Desk, Uploader, checksum_of, some_bytes

KIB = 1024
MOST_PARTS = 20


class Killed(NamedTuple):
    """An upload in parts of `part_size` bytes, and when its client was killed."""

    part_size: int
    size: int
    order: list[int]
    done: int
    """Parts that were uploaded before."""
    twice: list[int]
    """Of these, those that were uploaded again."""
    half: bool
    """Whether it was killed while it sent a part."""


@st.composite
def kills(draw: st.DrawFn) -> Killed:
    part_size = draw(st.integers(KIB, 64 * KIB))
    size = draw(st.integers(1, min(300 * KIB, MOST_PARTS * part_size)))
    numbers = range(1, -(-size // part_size) + 1)
    order = draw(st.permutations(numbers))
    done = draw(st.integers(0, len(order)))
    again = st.lists(st.sampled_from(order[:done]), max_size=3) if done else st.just([])
    return Killed(part_size, size, list(order), done, draw(again), draw(st.booleans()))


@pytest.fixture(scope="module")
def desk(emulator: str) -> Desk:
    return Desk(emulator)


@pytest.mark.req("RF-004")
@given(kill=kills())
@example(Killed(KIB, 1, [1], 0, [], half=True))
@example(Killed(64 * KIB, 64 * KIB, [1], 1, [1, 1], half=False))
@example(Killed(10 * KIB, 30 * KIB + 1, [4, 2, 3, 1], 2, [4], half=True))
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_after_a_kill_only_what_is_missing_is_uploaded(desk: Desk, kill: Killed) -> None:
    content = some_bytes(kill.size)
    file = desk.begin(size=kill.size, part_size=kill.part_size)
    killed = Uploader(desk, file.file_id, content)
    killed.upload([*kill.order[: kill.done], *kill.twice])
    if kill.half and kill.done < len(kill.order):
        die_while_sending(killed, file, kill.order[kill.done])

    resumed = Uploader(desk, file.file_id, content)
    missing = resumed.missing()
    resumed.upload(missing)
    assert resumed.missing() == []
    resumed.complete(checksum_of(content))
    [ready] = desk.work()

    assert missing == sorted(set(kill.order[kill.done :]))
    assert ready is not None and ready == desk.now(file)
    assert (ready.status, ready.size) == (FileStatus.READY, kill.size)
    assert (ready.checksum, ready.checksum_verified) == (checksum_of(content), True)
    assert desk.fetched(file) == content


def die_while_sending(client: Uploader, file: File, number: int) -> None:
    """Send half of a part, and be gone."""
    [part] = client.desk.uploads.part_urls(file, [number])
    piece, url = client.piece(file, number), urlsplit(part.url)
    head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n"
    with socket.create_connection((url.hostname, url.port), timeout=5) as connection:
        connection.sendall(f"{head}Content-Length: {len(piece)}\r\n\r\n".encode())
        connection.sendall(piece[: len(piece) // 2])


@pytest.mark.req("RF-004")
def test_a_new_client_may_send_all_again(desk: Desk) -> None:
    content = some_bytes(5 * KIB)
    file = desk.begin(size=len(content), part_size=KIB)
    Uploader(desk, file.file_id, b"x" * 5 * KIB).upload([1, 2, 3])

    client = Uploader(desk, file.file_id, content)
    client.upload(range(1, 6))
    client.complete(checksum_of(content))

    [ready] = desk.work()
    assert ready is not None and ready.status is FileStatus.READY
    assert desk.fetched(file) == content


@pytest.mark.req("RF-004")
def test_what_is_shown_on_the_way_is_what_the_store_has(desk: Desk) -> None:
    content = some_bytes(4 * KIB + 1)
    file = desk.begin(size=len(content), part_size=KIB)
    client = Uploader(desk, file.file_id, content)

    client.upload([5, 2])

    progress = desk.uploads.show(ANN, file.file_id)
    assert [(part.number, part.size) for part in progress.present] == [(2, KIB), (5, 1)]
    assert progress.missing == [1, 3, 4]
    assert progress.file == file
