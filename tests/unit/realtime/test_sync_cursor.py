"""Cursors of a synchronisation: short enough for a URL, and refused when they are made up."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all import cursors
from chat4all.errors import Invalid
from chat4all.realtime.sync_cursor import MAX_LENGTH, MAX_POSITIONS, SyncCursor
from chat4all.realtime.sync_page import BEYOND

seqs = st.integers(0, 10**15 - 1)
times = st.integers(0, 10**15 - 1)
ids = st.uuids().map(str)
positions = st.dictionaries(ids, seqs, max_size=MAX_POSITIONS)


@given(times, times, ids, positions)
def test_a_cursor_comes_back_as_it_was(since: int, until: int, done: str, kept) -> None:
    cursor = SyncCursor(since=since, until=until, done=done, positions=kept)

    assert SyncCursor.decoded(cursor.encoded()) == cursor


def test_the_largest_one_fits_and_leaves_room_for_a_pause() -> None:
    kept = {str(uuid.UUID(int=number)): 10**15 - 1 for number in range(MAX_POSITIONS)}

    largest = SyncCursor(since=10**14, until=10**14, done=str(uuid.UUID(int=1)), positions=kept)

    assert len(largest.encoded()) <= MAX_LENGTH
    assert BEYOND < MAX_POSITIONS - 1


@given(st.text(max_size=60))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        SyncCursor.decoded(text)

    assert refused.value.code == "bad_cursor"


@pytest.mark.parametrize(
    "values",
    [
        ("sync", 1, 1, ""),
        ("other", 1, 1, "", ""),
        ("sync", 1, 1, "", "AAAA:1"),
        ("sync", 1, 1, "", "no pair"),
        ("sync", 1, 1, "", "AAAAAAAAAAAAAAAAAAAAAA:-1"),
        ("sync", 1, 1, "", "AAAAAAAAAAAAAAAAAAAAAA:zz"),
        ("sync", 1, 1, "", "é" * 22 + ":1"),
        (1, 2, 3, 4, 5),
    ],
)
def test_so_is_one_that_was_put_together(values) -> None:
    with pytest.raises(Invalid):
        SyncCursor.decoded(cursors.encode(*values))


def test_a_longer_one_is_not_even_read() -> None:
    with pytest.raises(Invalid):
        SyncCursor.decoded("A" * (MAX_LENGTH + 1))
