"""Whatever is killed, throttled, late or said twice: nothing that was accepted is lost, nothing is
twice in a history, order is kept, and every message comes to its end. `scripts/fault` has more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fault import plan, report
from tests.fault.field import a_field
from tests.fault.running import Runner

pytestmark = [pytest.mark.req("RNF-002"), pytest.mark.req("RNF-003")]


def test_the_stack_keeps_its_promises_while_it_is_broken_under_load(tmp_path: Path) -> None:
    with a_field(tmp_path / "stack") as field, plan.hidden(field, short=True):
        runner = Runner(field, report.row, plan.patience(short=True))

        runner.run(plan.SHORT, plan.SHORT_MESSAGES // len(plan.SHORT))

    broken = [verdict for verdict in runner.verdicts if not verdict.good]
    assert not broken, "\n".join(wrong for verdict in broken for wrong in report.wrongs(verdict))
    assert len(runner.verdicts) == len(plan.SHORT)
    assert field.kills > 0
