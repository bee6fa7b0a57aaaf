"""A person's file on its way from the provider: in bounded pieces, whole, or not at all."""

import hashlib
from collections.abc import Iterator

import pytest

from chat4all.errors import TryLater
from chat4all.fetching import LEAST_SECONDS, LONGEST_AGE
from chat4all.file import FileStatus
from tests.fetching import JOB, Counting, Sending, fetch, refused
from tests.uploading import PNG

pytestmark = pytest.mark.req("RF-003")


def test_a_file_is_stored_in_parts_while_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat4all.fetching.MIN_PART", 1000)
    ahead: list[int] = []
    objects = Counting()

    def coming() -> Iterator[bytes]:
        for number in range(100):
            ahead.append(number * 64 - sum(objects.pieces))
            yield bytes([number]) * 64

    file, _ = fetch(Sending(coming()), objects)

    assert file is not None
    assert (file.status, file.size) == (FileStatus.READY, 6400)
    assert objects.pieces == [1000] * 6 + [400]
    assert max(ahead) < 2 * 1000 + 64, "what is held is bounded by the part's size"
    content = objects.objects[file.key]
    assert content == b"".join(bytes([number]) * 64 for number in range(100))
    assert file.sha256 == hashlib.sha256(content).hexdigest()


def test_chunks_that_are_larger_than_a_part_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat4all.fetching.MIN_PART", 10)
    objects = Counting()

    fetch(Sending(iter([b"x" * 25, b"y" * 5])), objects)

    assert objects.pieces == [10, 10, 10]


def test_a_file_that_is_cut_short_is_fetched_again() -> None:
    error, objects = refused(Sending(iter([PNG]), size=len(PNG) + 1))

    assert (error.code, error.retry_after) == ("cut_short", 2)
    assert (objects.uploads, objects.objects) == ({}, {})


@pytest.mark.parametrize("where", ["announced", "given"])
def test_a_file_that_was_changed_is_fetched_again(where: str) -> None:
    media = JOB.media.model_copy(update={"sha256": "ab" * 32 if where == "announced" else None})
    job = JOB.model_copy(update={"media": media})
    given = "ab" * 32 if where == "given" else None

    error, objects = refused(Sending(iter([PNG]), sha256=given), job=job)

    assert error.code == "checksum_mismatch"
    assert (objects.uploads, objects.objects) == ({}, {})


def test_what_stays_changed_is_rejected_in_the_end() -> None:
    file, world = fetch(Sending(iter([PNG]), sha256="ab" * 32), age=LONGEST_AGE)

    assert file is not None
    assert (file.status, file.reason) == (FileStatus.REJECTED, "download_failed")
    assert "checksum_mismatch" in (file.detail or "")
    assert (world.objects.uploads, world.objects.objects) == ({}, {})


def test_a_connection_that_breaks_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat4all.fetching.MIN_PART", 10)

    def breaking() -> Iterator[bytes]:
        yield b"x" * 25
        raise TryLater("answer_lost", "IncompleteRead")

    error, objects = refused(Sending(breaking()))

    assert error.code == "answer_lost"
    assert (objects.uploads, objects.objects) == ({}, {})


def test_a_file_without_bytes_is_rejected() -> None:
    file, _ = fetch(Sending(iter([])))

    assert file is not None
    assert (file.status, file.detail) == (
        FileStatus.REJECTED,
        "empty_file: There are no bytes in it.",
    )


def test_a_file_over_the_limit_is_rejected_before_it_is_all_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chat4all.fetching.MIN_PART", 10)
    monkeypatch.setattr("chat4all.fetching.MAX_SIZE", 25)
    chunks = iter([b"x" * 10] * 50)

    file, world = fetch(Sending(chunks))

    assert file is not None
    assert (file.status, file.reason) == (FileStatus.REJECTED, "download_failed")
    assert "file_too_large" in (file.detail or "")
    assert len(list(chunks)) >= 40, "the rest was not even read"
    assert (world.objects.uploads, world.objects.objects) == ({}, {})


def test_a_file_of_just_the_limit_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat4all.fetching.MIN_PART", 10)
    monkeypatch.setattr("chat4all.fetching.MAX_SIZE", 25)

    file, _ = fetch(Sending(iter([b"x" * 25])))

    assert file is not None
    assert (file.status, file.size) == (FileStatus.READY, 25)


def test_a_slow_download_is_broken_off_while_its_function_still_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chat4all.fetching.MIN_PART", 10)
    left = iter([60.0, LEAST_SECONDS, LEAST_SECONDS - 1])

    error, objects = refused(Sending(iter([b"x" * 10] * 50)), seconds_left=lambda: next(left))

    assert error.code == "too_slow"
    assert (objects.uploads, objects.objects) == ({}, {})


def test_a_trickle_is_broken_off_before_a_part_is_full() -> None:
    seconds = iter(range(100, -1_000, -1))
    chunks = iter([b"x"] * 500)

    error, _ = refused(Sending(chunks), seconds_left=lambda: next(seconds))

    assert error.code == "too_slow"
    assert len(list(chunks)) > 0, "the rest was not waited for"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("image/gif", "application/octet-stream"),  # kept as what it is, not as what is said
        ("video/mp4", "application/octet-stream"),
        ("image/png; x=y", "image/png"),
        (None, "image/png"),
        ("nonsense", "application/octet-stream"),
    ],
)
def test_the_type_is_what_the_provider_says_if_the_bytes_agree(said: str, kept: str) -> None:
    content = b"%PDF-1.7\n" if said == "image/gif" else PNG

    file, _ = fetch(Sending(iter([content]), content_type=said))

    assert file is not None
    assert file.content_type == kept


@pytest.mark.parametrize(("said", "name"), [(None, "image.png"), ("plan.png", "x")])
def test_what_came_without_a_name_is_named_by_what_it_is(said: str | None, name: str) -> None:
    media = JOB.media.model_copy(update={"filename": said, "content_type": "image/jpeg"})

    file, _ = fetch(
        Sending(iter([PNG]), content_type="image/png"), job=JOB.model_copy(update={"media": media})
    )

    assert file is not None
    assert file.filename == name, "a name that somebody gave is kept as it was cleaned"
