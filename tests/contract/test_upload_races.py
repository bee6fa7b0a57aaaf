"""Two who do something to one upload at the same time: it ends in one way, and nothing is left of
the other. The real use cases over the emulator's table and bucket."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from chat4all.errors import Chat4AllError, Conflict
from chat4all.file import File, FileStatus
from tests.contract.buckets import ANN, Desk, Uploader, checksum_of, some_bytes

pytestmark = pytest.mark.req("RF-004")
KIB = 1024
CONTENT = some_bytes(5 * KIB + 7)
CHECKSUM = checksum_of(CONTENT)
PARTS = range(1, 7)
TIMES = 8
"""A race is run so often, for it may go either way."""


@pytest.fixture(scope="module")
def desk(emulator: str) -> Desk:
    return Desk(emulator)


def an_upload(desk: Desk) -> tuple[File, Uploader]:
    file = desk.begin(size=len(CONTENT), part_size=KIB)
    client = Uploader(desk, file.file_id, CONTENT)
    client.upload(PARTS)
    return file, client


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Make calls at the same moment; what each answers or raises."""
    start = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        start.wait()
        try:
            return call()
        except Chat4AllError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def status(answer: object) -> FileStatus:
    assert isinstance(answer, File), answer
    return answer.status


@pytest.mark.parametrize("time", range(TIMES))
def test_completing_twice_at_once_makes_one_file(desk: Desk, time: int) -> None:
    file, client = an_upload(desk)

    completed = at_once(*[lambda: client.complete(CHECKSUM)] * 2)
    finished = at_once(*[lambda: desk.finishing.finish(file.file_id)] * 3)

    assert {status(answer) for answer in completed} == {FileStatus.CHECKING}
    assert {status(answer) for answer in finished} == {FileStatus.READY}
    assert len(desk.work()) == 1
    assert desk.now(file).checksum_verified
    assert desk.fetched(file) == CONTENT
    assert client.complete(CHECKSUM) == desk.now(file)


@pytest.mark.parametrize("time", range(TIMES))
def test_a_file_is_aborted_or_completed_and_never_both(desk: Desk, time: int) -> None:
    file, client = an_upload(desk)

    completed, aborted = at_once(
        lambda: client.complete(CHECKSUM), lambda: desk.uploads.abort(ANN, file.file_id)
    )
    desk.work()

    now, (objects, uploads) = desk.now(file), desk.left_behind()
    assert file.key not in uploads
    if aborted is None:
        assert isinstance(completed, Conflict) and completed.code == "file_not_uploading"
        assert (now.status, now.reason) == (FileStatus.ABORTED, "aborted")
        assert file.key not in objects
    else:
        assert isinstance(aborted, Conflict) and aborted.code == "file_not_uploading"
        assert (status(completed), now.status) == (FileStatus.CHECKING, FileStatus.READY)
        assert desk.fetched(file) == CONTENT


@pytest.mark.parametrize("time", range(TIMES))
def test_an_abort_while_it_is_checked_comes_too_late(desk: Desk, time: int) -> None:
    file, client = an_upload(desk)
    client.complete(CHECKSUM)

    finished, _, aborted = at_once(
        lambda: desk.finishing.finish(file.file_id),
        lambda: desk.finishing.finish(file.file_id),
        lambda: desk.uploads.abort(ANN, file.file_id),
    )
    desk.work()

    assert isinstance(aborted, Conflict)
    assert status(finished) is FileStatus.READY
    assert desk.fetched(file) == CONTENT


def test_aborting_again_is_fine_and_completing_then_is_not(desk: Desk) -> None:
    file, client = an_upload(desk)

    assert at_once(*[lambda: desk.uploads.abort(ANN, file.file_id)] * 3) == [None] * 3

    with pytest.raises(Conflict):
        client.complete(CHECKSUM)
    assert desk.work() == []
    assert desk.now(file).status is FileStatus.ABORTED
    assert file.key not in [key for keys in desk.left_behind() for key in keys]


def test_two_uploaders_of_one_file_get_in_nobodys_way(desk: Desk) -> None:
    file = desk.begin(size=len(CONTENT), part_size=KIB)
    two = [Uploader(desk, file.file_id, CONTENT) for _ in range(2)]

    answers = at_once(
        lambda: two[0].upload(PARTS),
        lambda: two[1].upload(reversed(PARTS)),
    )
    completed = at_once(*[lambda c=client: c.complete(CHECKSUM) for client in two])

    assert answers == [None, None]
    assert {status(answer) for answer in completed} == {FileStatus.CHECKING}
    assert [status(found) for found in desk.work()] == [FileStatus.READY]
    assert desk.fetched(file) == CONTENT


def test_who_comes_after_it_is_complete_changes_nothing(desk: Desk) -> None:
    """With URLs from before: S3 may still take a part, and then it is the one that is checked."""
    file, client = an_upload(desk)
    [part] = desk.uploads.part_urls(file, [2])
    client.complete(CHECKSUM)
    assert desk.work()

    assert desk.http.put(part.url, content=b"x" * KIB).status_code == 404

    with pytest.raises(Conflict):
        Uploader(desk, file.file_id, CONTENT).upload([2])
    with pytest.raises(Conflict):
        client.complete(checksum_of(b"others"))
    assert desk.fetched(file) == CONTENT


def test_a_part_that_changes_while_it_is_checked_is_found_out(desk: Desk) -> None:
    file, client = an_upload(desk)
    [part] = desk.uploads.part_urls(file, [2])
    client.complete(CHECKSUM)

    assert desk.http.put(part.url, content=b"x" * KIB).status_code == 200

    [found] = desk.work()
    assert found is not None
    assert (found.status, found.reason) == (FileStatus.REJECTED, "checksum_mismatch")
    assert file.key not in [key for keys in desk.left_behind() for key in keys]
