"""The threat model names a test for each threat, and each of them is there."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.req("RNF-009")
TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs/security.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`((?:\w+/)*test_\w+\.py|(?:fuzz|privacy|webhooks)/)`", PAGE)


def threats() -> list[list[str]]:
    after = PAGE.split("## Threats", 1)[1].split("## The audit trail", 1)[0]
    rows = [line.strip("|").split("|") for line in after.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows if row[0].strip() != "threat"]


@pytest.mark.parametrize("named", sorted(set(NAMED)))
def test_a_test_that_is_named_is_there(named: str) -> None:
    assert (TESTS / named).exists() or (TESTS / "unit" / named).exists()


def test_each_threat_has_what_stands_against_it_and_what_shows_it() -> None:
    assert len(threats()) > 30
    for threat, defence, shown in threats():
        assert threat and defence, threat
        assert re.search(r"test_\w+\.py|`(fuzz|privacy|webhooks)/`|data-model", shown), threat
