"""Locust as a process, played by a short script."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.local.home import StackError
from tests.load import closed_model
from tests.load.closed_model import Crowd
from tests.load.records import Outcome, read
from tests.load.world import Room, World

pytestmark = pytest.mark.req("RNF-001")
WORLD = World("http://127.0.0.1:1", "", "id", "secret", "agent", [Room("c-1", 1)])
CROWD = Crowd("texts", users=2, seconds=1, rate=10, file_bytes=1000)
LINE = '{"message_id": "m-1", "conversation_id": "c-1", "due": 1, "status": 202}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "report"
    found.mkdir()
    return found


def locust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = tmp_path / "locust"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("CHAT4ALL_LOCUST", str(program))


def test_what_locust_asked_is_read_and_the_secret_is_gone(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locust(
        tmp_path,
        monkeypatch,
        f"grep -q secret $CHAT4ALL_LOAD/world.json && echo '{LINE}' > $CHAT4ALL_LOAD/asked.jsonl; "
        "echo $CHAT4ALL_LOAD_WAIT; echo $@",
    )

    asked = closed_model.run(CROWD, WORLD, "", folder, lambda: False)

    assert [one.outcome for one in asked] == [Outcome.STORED]
    assert not (folder / "world.json").exists()
    wait, arguments = (folder / "locust.log").read_text().splitlines()
    assert wait == "0.2"  # two users, ten a second
    assert "--users 2" in arguments
    assert arguments.endswith("Texts")


def test_a_line_that_was_cut_is_left_out(folder: Path) -> None:
    (folder / "asked.jsonl").write_text(f"{LINE}\n{LINE[:30]}")

    assert [one.message_id for one in read(folder / "asked.jsonl")] == ["m-1"]


def test_locust_that_sends_nothing_is_an_error_with_its_last_words(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locust(tmp_path, monkeypatch, "echo no such host; exit 1")

    with pytest.raises(StackError, match="no such host"):
        closed_model.run(CROWD, WORLD, "", folder, lambda: False)


def test_ctrl_c_ends_locust_and_keeps_what_it_sent(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locust(tmp_path, monkeypatch, f"echo '{LINE}' > $CHAT4ALL_LOAD/asked.jsonl; exec sleep 60")

    asked = closed_model.run(CROWD, WORLD, "", folder, lambda: bool(read(folder / "asked.jsonl")))

    assert len(asked) == 1


def test_a_locust_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT4ALL_LOCUST", "/nowhere/locust")

    with pytest.raises(StackError, match="scripts/load --scenario texts"):
        closed_model.command()


def test_locusts_own_figures_are_taken_over(folder: Path) -> None:
    (folder / "locust_stats.csv").write_text(
        "Type,Name,Request Count,Failure Count,50%,90%,99%\n"
        "POST,/v1/messages,120,1,20,31,40\n"
        ",Aggregated,120,1,20,31,40\n"
    )

    found = closed_model.calls(folder)

    assert [call["request"] for call in found] == ["POST /v1/messages", "Aggregated"]
    assert (found[0]["count"], found[0]["failures"], found[0]["p99"]) == (120, 1, "40")
