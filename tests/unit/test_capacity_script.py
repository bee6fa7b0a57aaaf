"""`./scripts/capacity` as it is called: its answers, its errors, and the page that it writes."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from infra.capacity import doc, plots, scenarios
from infra.capacity.__main__ import main
from infra.capacity.cell import INVOCATIONS, OTHERS, Cell, Setup
from infra.capacity.options import CHANNELS, DOC_RATE, parsed
from infra.capacity.scenarios import Played

pytestmark = pytest.mark.req("RNF-001")


def test_ten_million_a_minute_is_what_the_page_says(tmp_path: Path) -> None:
    """`./scripts/capacity --doc` writes the page anew."""
    out = Console(file=io.StringIO(), width=160)

    assert main([f"--messages-per-minute={DOC_RATE:.0f}", f"--json={tmp_path / 'it'}"], out) == 0

    figures = json.loads((tmp_path / "it").read_text())
    told = doc.block(doc.PAGE.read_text(), "figures")
    assert told == doc.figures().strip("\n")
    assert doc.block(doc.PAGE.read_text(), "quotas") == doc.quotas().strip("\n")
    assert doc.block(doc.PAGE.read_text(), "promises") == doc.promises().strip("\n")
    assert f"| Cells | {figures['cells']} |" in told
    assert out.file.getvalue().count(figures["binding"]) == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "say --messages-per-minute"),
        (["--messages-per-minute", "0"], "0 is no rate"),
        (["--messages-per-minute", "nan"], "nan is no rate"),
        (["--messages-per-minute", "many"], "many is no number"),
        (["--messages-per-minute", "1", "--mix", "whatsapp=0.5"], "the shares make 0.5 and not 1"),
        (["--messages-per-minute", "1", "--mix", "sms=1"], "'sms=1' is no share of a channel"),
        (["--messages-per-minute", "1", "--mix", "app=2"], "2 is no share"),
        (["--messages-per-minute", "1", "--group-share", "-1"], "-1 is no share"),
        (["--messages-per-minute", "1", "--group-size", "2"], "2 is no size of a group"),
        (["--messages-per-minute", "1", "--burst", "0.5"], "0.5 is no burst"),
        (["--messages-per-minute", "1", "--batch", "7"], "invalid choice: '7'"),
        (["--simulate", "--json", "/no/such/folder/it"], "is no file that could be written"),
        (["--plots", __file__], "is no folder: File exists"),
        (["--doc", "--json", "it"], "--json has figures with --messages-per-minute"),
    ],
)
def test_a_wrong_argument_is_named(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("channel", CHANNELS)
def test_one_channel_alone_is_a_mix(channel: str, tmp_path: Path) -> None:
    out = Console(file=io.StringIO(), width=160)
    asked = ["--messages-per-minute=60000", "--batch=1", f"--mix={channel}=1"]

    assert main([*asked, f"--json={tmp_path / 'it'}"], out) == 0

    found = json.loads((tmp_path / "it").read_text())
    assert found["cells"] >= 1
    assert (found["whatsapp_numbers"] > 0) == (channel == "whatsapp")
    unused = [one for one in found["limits"] if one["messages_per_second_and_cell"] is None]
    assert bool(unused) == (channel == "app")  # no breaker, no callbacks


def test_the_page_is_written_with_what_was_played_already(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    setup = Setup(seconds=20, rate=lambda now: 20, highest=20, usual=20)
    runs: list[str] = []

    def played() -> list[Played]:
        runs.append("once")
        return [Played("quiet outage", Cell(setup).run(), 0)]

    page = tmp_path / "scale.md"
    page.write_text(doc.PAGE.read_text())
    monkeypatch.setattr(scenarios, "run_all", played)
    monkeypatch.setattr(doc, "PAGE", page)
    monkeypatch.setattr(doc, "IMAGES", tmp_path)

    main(["--simulate", "--doc"], Console(file=io.StringIO()))

    assert runs == ["once"]
    assert doc.block(page.read_text(), "quotas") == doc.quotas().strip("\n")


def test_the_simulation_has_the_plans_figures() -> None:
    options = parsed([f"--messages-per-minute={DOC_RATE:.0f}"])

    plan, _ = doc.plans(options)

    each = plan.figures
    queued = sum(
        ms for name, ms in each.milliseconds.items() if name.startswith(("connector-", "route_"))
    )
    assert sum(each.invocations.values()) == pytest.approx(INVOCATIONS, rel=0.05)
    assert (sum(each.milliseconds.values()) - queued) / 1000 == pytest.approx(OTHERS, rel=0.1)
    assert plan.peak / plan.cells == pytest.approx(scenarios.USUAL, rel=0.05)


def test_only_what_is_between_the_markers_is_written_over() -> None:
    begin, end = "<!-- x: made by ./scripts/capacity --doc -->", "<!-- end of x -->"
    page = f"before\n{begin}\nold\n{end}\nafter"

    written = doc.replaced(page, "x", "new")

    assert written == f"before\n{begin}\n\nnew\n\n{end}\nafter"
    assert doc.block(written, "x") == "new"
    with pytest.raises(ValueError, match="no markers"):
        doc.block("nothing", "x")


def test_plots_are_small_enough_to_keep(tmp_path: Path) -> None:
    setup = Setup(seconds=200, rate=lambda now: 20, highest=20, usual=20, down=(50, 100))

    [path] = plots.draw([Played("outage", Cell(setup).run(), 0)], tmp_path / "new")

    assert path.read_bytes()[:4] == b"\x89PNG"
    assert path.stat().st_size < 60_000
