"""When messages arrive and where they go."""

from __future__ import annotations

from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.load.arrivals import SPREADS, places, times

pytestmark = pytest.mark.req("RNF-001")


def test_even_arrivals_have_equal_gaps() -> None:
    found = list(times(4, 2, "even"))

    assert found == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]


@given(st.sampled_from(SPREADS), st.floats(0.5, 500), st.floats(0.1, 20), st.integers(0, 99))
def test_arrivals_rise_end_in_time_and_are_the_same_for_the_same_seed(
    spread: str, rate: float, seconds: float, seed: int
) -> None:
    found = list(times(rate, seconds, spread, seed))

    assert all(earlier <= later for earlier, later in pairwise(found))
    assert all(0 <= at < seconds for at in found)
    assert found == list(times(rate, seconds, spread, seed))


def test_poisson_arrivals_are_as_many_as_asked_for_and_bunch_together() -> None:
    found = list(times(100, 200, "poisson", seed=1))

    gaps = [later - earlier for earlier, later in pairwise(found)]
    mean = sum(gaps) / len(gaps)
    spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert len(found) == pytest.approx(20_000, rel=0.03)
    assert spread == pytest.approx(mean, rel=0.05)  # exponential: as large as the mean


def test_conversations_take_turns() -> None:
    found = list(islice(places(3), 7))

    assert found == [0, 1, 2, 0, 1, 2, 0]


def test_a_hot_conversation_gets_its_share_and_the_others_the_rest_by_turns() -> None:
    found = list(islice(places(11, hot=0.5, seed=3), 20_000))

    assert found.count(0) == pytest.approx(10_000, rel=0.03)
    others = [found.count(place) for place in range(1, 11)]
    assert max(others) - min(others) <= 1


@pytest.mark.parametrize("hot", [0.0, 0.3, 1.0])
def test_a_single_conversation_gets_everything(hot: float) -> None:
    found = list(islice(places(1, hot), 10))

    assert found == [0] * 10
