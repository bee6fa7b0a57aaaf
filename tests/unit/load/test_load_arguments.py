"""What `./scripts/load` takes, and how it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.load.__main__ import main, read

pytestmark = pytest.mark.req("RNF-001")


def test_rate_and_minutes_make_an_open_model() -> None:
    order, options = read(["--rate", "150", "--minutes", "0.5", "--batch", "25", "--hot", "0.2"])

    assert (order.scenario, order.arrivals.rate, order.arrivals.seconds) == ("open", 150, 30)
    assert (order.arrivals.batch, order.arrivals.hot) == (25, 0.2)
    assert not options.running


def test_a_closed_model_keeps_to_the_rate_unless_it_is_told_not_to() -> None:
    paced, _ = read(["--scenario", "groups", "--rate", "5"])
    unpaced, _ = read(["--scenario", "groups", "--unpaced"])

    assert (paced.paced, paced.arrivals.rate) == (True, 5)
    assert not unpaced.paced


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rate", "0"], "0 is no number above 0"),
        (["--rate", "nan"], "nan is no number above 0"),
        (["--minutes", "soon"], "soon is no number above 0"),
        (["--hot", "2"], "2 is no share"),
        (["--batch", "26"], "1 to 25 messages"),
        (["--batch", "-1"], "-1 is no whole number"),
        (["--scenario", "storm"], "invalid choice"),
        (["--scenario", "texts", "--batch", "5"], "for the open model"),
        (["--unpaced"], "for closed models"),
        (["--users", "0", "--scenario", "texts"], "--users: at least one"),
        (["--scenario", "websocket", "--users", "9", "--conversations", "8"], "--users"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        read(arguments)

    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_without_a_stack_there_is_nothing_to_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHAT4ALL_HOME", str(tmp_path / "home"))

    code = main(["--running", "--out", str(tmp_path / "report")])

    assert code == 2
    assert "./scripts/up --detach" in capsys.readouterr().out


def test_an_output_folder_that_is_a_file_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("")

    code = main(["--running", "--out", str(tmp_path / "taken")])

    assert code == 2
    assert "Failed:" in capsys.readouterr().out
