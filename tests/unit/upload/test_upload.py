"""The upload client: what arrives, whatever the network and the API do."""

import hashlib
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from infra.client.checksums import crc64nvme, written
from infra.client.errors import ClientError, Problem, Rejected
from infra.client.events import Event, Sent, Started, Target
from infra.client.journal import Journal
from tests.support.fake_files_api import FakeFiles
from tests.support.uploading import CONTENT, Run


def test_a_file_arrives_with_its_checksum_and_leaves_nothing_behind(
    fake: FakeFiles, run: Run, film: Path
) -> None:
    uploaded = run.upload(film, "video/mp4")

    file_id = uploaded.file["file_id"]
    assert fake.contents[file_id] == CONTENT
    assert uploaded.file["status"] == "READY"
    assert uploaded.checksum == written(crc64nvme(CONTENT)) == uploaded.file["checksum"]
    assert uploaded.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert Counter(fake.puts) == Counter((file_id, number) for number in range(1, 11))
    assert sum(event.bytes for event in run.events if isinstance(event, Sent)) == len(CONTENT)
    assert fake.files[file_id]["content_type"] == "video/mp4"
    assert not run.kept


def test_a_file_of_one_small_part_arrives(fake: FakeFiles, run: Run, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_bytes(b"hello")

    assert fake.contents[run.upload(note).file["file_id"]] == b"hello"


@pytest.mark.parametrize(
    "fault", ["store_503", "damage", "expire", "cut", "token", "api_503", "forget", "lost"]
)
@pytest.mark.parametrize("times", [1, 3])
def test_it_arrives_in_spite_of(
    fake: FakeFiles, run: Run, film: Path, fault: str, times: int
) -> None:
    fake.faults[fault] = times if fault not in ("lost", "token") else 1

    uploaded = run.upload(film)

    assert fake.contents[uploaded.file["file_id"]] == CONTENT
    assert fake.faults[fault] == 0
    last = max(n for n, event in enumerate(run.events) if isinstance(event, Started))
    if fault not in ("forget", "lost"):
        assert sum(e.bytes for e in run.events[last:] if isinstance(e, Sent)) == len(CONTENT)


def test_it_gives_up_after_so_many_attempts_and_says_how_to_go_on(
    fake: FakeFiles, run: Run, film: Path
) -> None:
    fake.faults["store_503"] = 1000

    with pytest.raises(ClientError, match=r"503 SlowDown. Run it again to resume"):
        run.upload(film)

    fake.faults.clear()
    assert fake.contents[run.upload(film).file["file_id"]] == CONTENT
    assert len(fake.files) == 1


def test_a_file_that_changes_meanwhile_is_aborted(fake: FakeFiles, run: Run, film: Path) -> None:
    def change(event: Event) -> None:
        if isinstance(event, Started):
            film.write_bytes(CONTENT[::-1])

    run.uploader.on_event = change
    with pytest.raises(ClientError, match="changed while it was uploaded"):
        run.upload(film)

    assert [file["status"] for file in fake.files.values()] == ["ABORTED"]


def test_a_rejected_file_is_an_error_with_the_reason(fake: FakeFiles, run: Run, film: Path) -> None:
    fake.verdict = "REJECTED", "content_type_mismatch"

    with pytest.raises(Rejected, match="content_type_mismatch"):
        run.upload(film)

    assert not run.kept


def test_a_stored_file_with_another_checksum_is_an_error(
    fake: FakeFiles, run: Run, film: Path
) -> None:
    fake.checksum = written(7)

    with pytest.raises(ClientError, match="do not use it"):
        run.upload(film)


def test_the_same_upload_twice_at_once_is_refused(fake: FakeFiles, run: Run, film: Path) -> None:
    journal = Journal(run.home, fake.url, film.resolve(), None, None)

    with journal.locked(), pytest.raises(ClientError, match="Another run"):
        run.upload(film)

    run.upload(film)


def test_a_message_carries_the_file_and_is_one_however_often_it_is_sent(
    fake: FakeFiles, run: Run, film: Path
) -> None:
    uploaded = run.upload(film, target=Target("ana", "c-1", "My film"))

    [message] = fake.messages
    file_id = uploaded.file["file_id"]
    assert message["payload"] == {"type": "file", "file_id": file_id, "caption": "My film"}
    assert (message["conversation_id"], message["from"]) == ("c-1", "ana")
    assert run.api.send_file("c-1", "ana", file_id, "My film") == uploaded.message_id
    assert fake.files[file_id]["conversation_id"] == "c-1"
    assert fake.files[file_id]["user_id"] == "ana"


def test_a_service_shares_a_file_without_a_message(fake: FakeFiles, run: Run, film: Path) -> None:
    assert run.upload(film, target=Target(conversation_id="c-1")).message_id is None
    assert not fake.messages


@pytest.mark.parametrize("content", [None, b""])
def test_no_file_and_an_empty_one_are_told(run: Run, tmp_path: Path, content: Any) -> None:
    path = tmp_path / "there is none"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ClientError, match=r"there is none"):
        run.upload(path)


def test_a_refusal_is_told_as_the_api_tells_it_and_at_once(fake: FakeFiles, run: Run) -> None:
    with pytest.raises(Problem, match="404 file_not_found") as refusal:
        run.api.file("unknown")

    assert (refusal.value.status, refusal.value.code) == (404, "file_not_found")


def test_threads_whose_token_ended_get_one_new_token(fake: FakeFiles, run: Run) -> None:
    file_id = fake.initiate({"size": 1})["file_id"]
    run.api.file(file_id)
    fake.tokens.append("another")
    threads = [threading.Thread(target=run.api.file, args=(file_id,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert run.api.file(file_id)["file_id"] == file_id
