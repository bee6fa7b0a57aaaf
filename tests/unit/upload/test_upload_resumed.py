"""The upload client after a run that was cut short: what it keeps, and how it goes on."""

import json
import stat
from pathlib import Path

import pytest

from infra.client.events import Started
from tests.support.fake_files_api import FakeFiles
from tests.support.uploading import CONTENT, PART, Run, stopped_after


def test_the_next_run_goes_on_with_what_the_api_says_is_there(
    fake: FakeFiles, run: Run, film: Path, tmp_path: Path
) -> None:
    stopped_after(fake, tmp_path, film, 4)
    [file_id] = fake.files
    there = set(fake.parts[file_id])
    assert 4 <= len(there) < 10
    fake.puts.clear()

    uploaded = run.upload(film)

    assert uploaded.file["file_id"] == file_id
    assert fake.contents[file_id] == CONTENT
    assert {number for _, number in fake.puts} == set(range(1, 11)) - there
    assert "Going on with" in run.notices
    [started] = [event for event in run.events if isinstance(event, Started)]
    assert started.present == sum(len(CONTENT[(n - 1) * PART :][:PART]) for n in there)


def test_what_is_kept_has_no_secret_and_is_the_owners_alone(
    fake: FakeFiles, film: Path, tmp_path: Path
) -> None:
    [entry] = stopped_after(fake, tmp_path, film, 2).kept

    assert stat.S_IMODE(entry.stat().st_mode) == 0o600
    assert "signed" not in entry.read_text() and "token" not in entry.read_text()
    assert {"file_id", "path", "size", "mtime_ns", "part_size", "checksums"} == set(
        json.loads(entry.read_text())
    )


def test_a_part_that_arrived_unrecorded_is_not_sent_again(
    fake: FakeFiles, run: Run, film: Path, tmp_path: Path
) -> None:
    [entry] = stopped_after(fake, tmp_path, film, 4).kept
    entry.write_text(json.dumps(json.loads(entry.read_text()) | {"checksums": {}}))
    sent = len(fake.puts)

    run.upload(film)

    assert len(fake.puts) == 10 >= sent


def test_a_file_that_changed_starts_anew(
    fake: FakeFiles, run: Run, film: Path, tmp_path: Path
) -> None:
    stopped_after(fake, tmp_path, film, 2)
    [before] = fake.files
    film.write_bytes(b"shorter now")

    uploaded = run.upload(film)

    assert fake.contents[uploaded.file["file_id"]] == b"shorter now"
    assert "has changed" in run.notices
    assert fake.files[before]["status"] == "ABORTED"


@pytest.mark.parametrize("end", ["ABORTED", "REJECTED", "forgotten"])
def test_an_upload_that_is_over_starts_anew(
    fake: FakeFiles, run: Run, film: Path, tmp_path: Path, end: str
) -> None:
    stopped_after(fake, tmp_path, film, 2)
    [before] = fake.files
    if end == "forgotten":
        del fake.files[before]
    else:
        fake.files[before]["status"] = end

    uploaded = run.upload(film)

    assert uploaded.file["file_id"] != before
    assert "starting anew" in run.notices
