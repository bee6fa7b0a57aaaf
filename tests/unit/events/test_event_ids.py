"""Ids of events sort by time and derive from the change."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.events import event_id, time_of

pytestmark = pytest.mark.req("RF-009")
times = st.integers(min_value=0, max_value=2**48 - 1)
parts = st.lists(st.text(max_size=10), min_size=1, max_size=4)


@given(times, parts)
def test_an_id_is_a_uuid_of_version_8_that_tells_its_time(at: int, change: list[str]) -> None:
    found = uuid.UUID(event_id(at, *change))

    assert (found.version, found.variant) == (8, uuid.RFC_4122)
    assert time_of(str(found)) == at
    assert str(found) == event_id(at, *change)


@given(times, times, parts, parts)
def test_ids_sort_as_their_times_do(one: int, other: int, a: list[str], b: list[str]) -> None:
    if one < other:
        assert event_id(one, *a) < event_id(other, *b)


def test_each_part_of_a_change_counts() -> None:
    changes = [("a", "b"), ("a", "c"), ("ab",), ("a", "b", ""), ("", "a", "b")]

    assert len({event_id(7, *change) for change in changes}) == len(changes)


@pytest.mark.parametrize("text", ["", "no", "00000000-0000-4000-8000-000000000001"])
def test_what_is_no_events_id_has_no_time(text: str) -> None:
    with pytest.raises(ValueError):
        time_of(text)


def test_ids_stay_what_they_are() -> None:
    """Subscribers have them; a change of how they are made would send everything twice."""
    assert event_id(1_760_000_000_000, "message.accepted", "m") == (
        "0199c82c-c000-8124-8b43-643928942db5"
    )
