"""Cursors come back as they were given, and any other text is refused."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all import cursors
from chat4all.errors import Invalid

TYPES = (str, int, str)
numbers = st.integers(min_value=0, max_value=10**15 - 1)
words = st.text(max_size=20)


@given(words, numbers, words)
def test_a_cursor_gives_back_what_it_was_made_of(hour: str, at: int, last: str) -> None:
    assert list(cursors.decode(cursors.encode(hour, at, last), *TYPES)) == [hour, at, last]


@given(words, numbers)
def test_a_cursor_is_safe_in_a_url(word: str, number: int) -> None:
    assert cursors.encode(word, number).replace("-", "").replace("_", "").isalnum()


@given(st.text() | st.binary().map(lambda b: base64.urlsafe_b64encode(b).decode()))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        cursors.decode(text, *TYPES)

    assert refused.value.code == "bad_cursor"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(json_values)
def test_any_other_json_is_refused(value: object) -> None:
    text = base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    fits = (
        isinstance(value, list)
        and [type(v) for v in value] == list(TYPES)
        and 0 <= value[1] < 10**15
    )

    if not fits:
        with pytest.raises(Invalid):
            cursors.decode(text, *TYPES)


@pytest.mark.parametrize(
    "text", ["[" * 300, '["a",1e999,"b"]', '["a",' + "9" * 300 + ',"b"]', '["a",true,"b"]', "[]"]
)
def test_hostile_json_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        cursors.decode(base64.urlsafe_b64encode(text.encode()).decode(), *TYPES)


def test_a_cursor_of_another_listing_is_refused() -> None:
    with pytest.raises(Invalid):
        cursors.decode(cursors.encode(0, 5), *TYPES)
