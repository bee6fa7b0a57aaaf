"""./scripts/upload as a process of its own: killed, interrupted, and what it prints."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from infra.client.access import find_access
from infra.client.errors import ClientError
from infra.client.upload import main
from infra.local.home import REPO, Home
from tests.support.fake_files_api import FakeFiles
from tests.support.fake_files_server import serving

MIB = 1024 * 1024
CONTENT = os.urandom(12 * MIB + 99)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeFiles]:
    with serving() as found:
        monkeypatch.setenv("CHAT4ALL_API_URL", found.url)
        monkeypatch.setenv("CHAT4ALL_CLIENT_ID", "an-id")
        monkeypatch.setenv("CHAT4ALL_CLIENT_SECRET", "a-secret")
        monkeypatch.setenv("CHAT4ALL_HOME", str(tmp_path / "home"))
        yield found


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Of many parts: there is time to end an upload midway."""
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    return path


def started(film: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "infra.client.upload", str(film), "--json", *options]
    pipe = subprocess.PIPE
    # Whoever runs the tests in the background has them ignore SIGINT, and what they start, too.
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(command, cwd=REPO, text=True, stdout=pipe, stderr=pipe, preexec_fn=heed)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_an_upload_that_was_ended_midway_goes_on_at_the_next_run(
    fake: FakeFiles, film: Path, how: signal.Signals
) -> None:
    fake.slow = 0.5
    process = started(film)
    while len(fake.puts) < 4 and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(how)
    _, told = process.communicate(timeout=20)
    assert process.returncode == (130 if how == signal.SIGINT else -signal.SIGKILL)
    assert ("Run the same command again" in told) == (how == signal.SIGINT)
    time.sleep(0.8)  # what the store has in hand
    fake.slow, before = 0, {number for _, number in fake.puts}
    fake.puts.clear()

    answer, told = started(film).communicate(timeout=20)

    [file_id] = fake.files
    assert json.loads(answer)["file_id"] == file_id
    assert fake.contents[file_id] == CONTENT
    assert 4 <= len(before) < 13
    assert {number for _, number in fake.puts} == set(range(1, 14)) - before
    assert "Going on with" in told


def test_a_person_gets_the_file_in_their_private_conversation(
    fake: FakeFiles, film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(film), "--from", "ana", "--to", "bruno", "--caption", "Ours", "--json"]) == 0

    answer = json.loads(capsys.readouterr().out)
    [message] = fake.messages
    assert fake.conversations == [["ana", "bruno"]]
    assert message["conversation_id"] == "of-ana-bruno"
    assert message["payload"]["caption"] == "Ours"
    assert answer["message_id"] == message["message_id"]
    assert set(answer) == {
        *("file_id", "status", "seconds", "mb_per_s", "message_id"),
        *("checksum", "checksum_verified", "sha256"),
    }
    assert fake.files[answer["file_id"]]["content_type"] == "video/mp4"


def test_a_rejection_ends_with_one_and_the_reason(
    fake: FakeFiles, film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.verdict = "REJECTED", "content_type_mismatch"

    assert main([str(film), "--json"]) == 1

    shown = capsys.readouterr()
    assert json.loads(shown.out)["reason"] == "content_type_mismatch"
    assert "content_type_mismatch" in shown.err


def test_without_json_it_prints_what_a_person_wants_to_know(
    fake: FakeFiles, film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(film), "--part-size", "5", "--parallel", "2"]) == 0

    shown, told = capsys.readouterr()
    assert "is READY" in shown and "the same there as here" in shown
    assert "%" not in told, "no bar where nobody watches"
    [file] = fake.files.values()
    assert file["part_size"] == 5 * MIB


@pytest.mark.parametrize(
    "options",
    [["--to", "ana"], ["--caption", "x"], ["--from", "a", "--to", "b", "--conversation", "c"]],
)
def test_options_that_make_no_sense_are_told(film: Path, options: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([str(film), *options])


def test_without_an_api_it_says_how_to_name_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("API_URL", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.delenv(f"CHAT4ALL_{name}", raising=False)
    monkeypatch.setenv("CHAT4ALL_HOME", str(tmp_path))

    assert main([__file__]) == 1
    assert "./scripts/up" in capsys.readouterr().err

    monkeypatch.setenv("CHAT4ALL_API_URL", "http://somewhere")
    with pytest.raises(ClientError, match="CHAT4ALL_CLIENT_SECRET"):
        find_access(Home(tmp_path))
