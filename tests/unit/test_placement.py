"""Cells: where conversations are, what a new one moves, and what AWS promises of each."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.ids import derived_id
from infra.capacity.availability import SLAS, WAYS, minutes, promised
from infra.capacity.placement import cell_of

CONVERSATIONS = [derived_id("conversation", str(number)) for number in range(20_000)]


@pytest.mark.req("RNF-001")
def test_a_cell_that_joins_takes_its_share_and_nothing_else_moves() -> None:
    old = [f"cell-{number}" for number in range(10)]

    moved = Counter[str]()
    for conversation in CONVERSATIONS:
        before, after = cell_of(conversation, old), cell_of(conversation, [*old, "new"])
        if before != after:
            assert after == "new"
            moved[before] += 1

    assert moved.total() == pytest.approx(len(CONVERSATIONS) / 11, rel=0.05)
    assert min(moved.values()) > len(CONVERSATIONS) / 11 / 10 * 0.75, "from all of them alike"


@pytest.mark.req("RNF-001")
def test_cells_have_equal_shares() -> None:
    cells = [f"cell-{number}" for number in range(64)]

    shares = Counter(cell_of(conversation, cells) for conversation in CONVERSATIONS)

    mean = len(CONVERSATIONS) / len(cells)
    assert len(shares) == 64
    assert max(shares.values()) < mean * 1.25


@pytest.mark.req("RNF-001")
@given(order=st.permutations(["a", "b", "c", "d"]))
def test_every_front_finds_the_same_cell(order: list[str]) -> None:
    assert [cell_of(c, order) for c in CONVERSATIONS[:20]] == [
        cell_of(c, "abcd") for c in CONVERSATIONS[:20]
    ]


@pytest.mark.req("RNF-002")
def test_promises_multiply() -> None:
    assert promised(["API Gateway"]) == 99.95
    assert promised(["SQS", "SQS"]) == pytest.approx(99.8001)
    assert minutes(99.95) == pytest.approx(21.9)
    assert {service for _, services in WAYS for service in services} == set(SLAS)
