"""Cursors of a synchronisation: short enough for a URL, and refused when they are made up."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.errors import Invalid
from chat4all.realtime.sync_cursor import MAX_LENGTH, MAX_POSITIONS, SyncCursor
from chat4all.realtime.sync_page import BEYOND
from tests.builders import CURSORS

seqs = st.integers(0, 10**15 - 1)
times = st.integers(0, 10**15 - 1)
ids = st.uuids().map(str)
positions = st.dictionaries(ids, seqs, max_size=MAX_POSITIONS)


@given(times, times, ids, positions)
def test_a_cursor_comes_back_as_it_was(since: int, until: int, done: str, kept) -> None:
    cursor = SyncCursor(since=since, until=until, done=done, positions=kept)

    assert SyncCursor.decoded(CURSORS, "ana", cursor.encoded(CURSORS, "ana")) == cursor


def test_the_largest_one_fits_and_leaves_room_for_a_pause() -> None:
    kept = {str(uuid.UUID(int=number)): 10**15 - 1 for number in range(MAX_POSITIONS)}

    largest = SyncCursor(since=10**14, until=10**14, done=str(uuid.UUID(int=1)), positions=kept)

    assert len(largest.encoded(CURSORS, "ana")) <= MAX_LENGTH
    assert BEYOND < MAX_POSITIONS - 1


@given(st.text(max_size=60))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        SyncCursor.decoded(CURSORS, "ana", text)

    assert refused.value.code == "bad_cursor"


def test_another_user_s_cursor_is_refused() -> None:
    cursor = SyncCursor(since=1, until=2).encoded(CURSORS, "bo")

    with pytest.raises(Invalid) as refused:
        SyncCursor.decoded(CURSORS, "ana", cursor)

    assert refused.value.code == "bad_cursor"


def test_a_longer_one_is_not_even_read() -> None:
    with pytest.raises(Invalid):
        SyncCursor.decoded(CURSORS, "ana", "A" * (MAX_LENGTH + 1))
