"""How uploads end: READY, REJECTED or ABORTED, and nothing left behind. The real use cases over the
emulator's table and bucket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chat4all.caller import Caller, CallerKind
from chat4all.errors import Conflict, Invalid
from chat4all.file import File, FileStatus
from tests.contract.buckets import Desk, Uploader, checksum_of, some_bytes

pytestmark = pytest.mark.req("RF-004")
KIB = 1024
CONTENT = some_bytes(5 * KIB + 7)


@pytest.fixture(scope="module")
def package_desk(emulator: str) -> Desk:
    return Desk(emulator)


@pytest.fixture
def desk(package_desk: Desk) -> Desk:
    package_desk.queue.queues.clear()
    return package_desk


@pytest.fixture(params=["emulator", "plain_emulator"])
def any_desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    yield Desk(request.getfixturevalue(request.param))


def an_upload(desk: Desk, content: bytes = CONTENT) -> tuple[File, Uploader]:
    """All parts of a file, uploaded as `content`."""
    file = desk.begin(size=len(CONTENT), part_size=KIB)
    client = Uploader(desk, file.file_id, content)
    client.upload(range(1, 7))
    return file, client


def ended(desk: Desk, file: File) -> tuple[FileStatus, str | None]:
    [found] = desk.work()
    assert found is not None and found == desk.now(file)
    return found.status, found.reason


def gone(desk: Desk, file: File) -> bool:
    objects, uploads = desk.left_behind()
    return file.key not in objects and file.key not in uploads


def test_it_works_without_the_emulators_patches(any_desk: Desk) -> None:
    """No checksum of the whole file is compared there, and the file says so."""
    file, client = an_upload(any_desk)

    client.complete(checksum_of(CONTENT))

    assert ended(any_desk, file) == (FileStatus.READY, None)
    ready = any_desk.now(file)
    assert ready.checksum_verified is file.verifies
    assert ready.checksum == checksum_of(CONTENT)
    assert any_desk.fetched(file) == CONTENT


def test_a_client_need_not_say_a_checksum(desk: Desk) -> None:
    file, client = an_upload(desk)

    assert client.complete().status is FileStatus.CHECKING

    assert ended(desk, file) == (FileStatus.READY, None)
    ready = desk.now(file)
    assert (ready.checksum, ready.checksum_verified) == (checksum_of(CONTENT), False)


def test_a_service_may_upload_files_of_its_own(desk: Desk) -> None:
    shop = Caller("shop", CallerKind.SERVICE)
    file = desk.uploads.begin(
        shop, user_id=None, filename="a.bin", content_type="text/plain", size=5, part_size=KIB
    )
    [part] = desk.uploads.part_urls(file, [1])
    assert desk.http.put(part.url, content=b"hello").status_code == 200

    desk.uploads.complete(shop, file.file_id)

    assert ended(desk, file) == (FileStatus.READY, None)


def test_a_part_of_other_bytes_is_told_by_the_checksum(desk: Desk) -> None:
    corrupt = CONTENT[:3000] + bytes([CONTENT[3000] ^ 1]) + CONTENT[3001:]
    file, client = an_upload(desk, corrupt)

    client.complete(checksum_of(CONTENT))

    assert ended(desk, file) == (FileStatus.REJECTED, "checksum_mismatch")
    assert gone(desk, file)


def test_a_file_of_another_kind_is_rejected(desk: Desk) -> None:
    content = b"%PDF-1.7\n" + CONTENT
    file = desk.begin(
        size=len(content), part_size=KIB * 8, filename="a.png", content_type="image/png"
    )
    client = Uploader(desk, file.file_id, content)
    client.upload([1])

    client.complete(checksum_of(content))

    assert ended(desk, file) == (FileStatus.REJECTED, "content_type_mismatch")
    assert gone(desk, file)


def test_a_part_that_is_too_short_is_refused_and_missing(desk: Desk) -> None:
    file = desk.begin(size=len(CONTENT), part_size=KIB)
    client = Uploader(desk, file.file_id, CONTENT)
    client.upload([1, 2, 4, 5, 6])

    assert client.send(file, 3, b"x" * (KIB - 1)).status_code == 403

    assert client.missing() == [3]
    with pytest.raises(Conflict) as refused:
        client.complete(checksum_of(CONTENT))
    assert (refused.value.code, refused.value.extra) == ("parts_missing", {"missing_parts": [3]})
    assert desk.now(file) == file


def test_an_empty_file_of_unknown_length_is_refused(desk: Desk) -> None:
    """Clients that do not say a length may upload a part of no bytes."""
    file = desk.begin()
    client = Uploader(desk, file.file_id, b"")
    client.upload([1])

    with pytest.raises(Invalid, match="empty_file"):
        client.complete(checksum_of(b""))

    assert desk.work() == []
