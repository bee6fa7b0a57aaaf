"""Cursors come back as they were given, to the listing that gave them; anything else is refused."""

import base64
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.adapters.memory import MemoryKeyStore
from chat4all.cursors import KEY_BYTES, MAX_LENGTH, Cursors, cursor_key
from chat4all.errors import Invalid
from tests.builders import CURSORS

pytestmark = pytest.mark.req("RNF-009")

TYPES = (str, int, str)
HERE = "messages 1"
URL_SAFE = string.ascii_letters + string.digits + "-_"
numbers = st.integers(min_value=0, max_value=10**15 - 1)
words = st.text(max_size=20)
purposes = st.text(max_size=30)
one_of_ours = st.builds(lambda w, n, v: CURSORS.encode(HERE, w, n, v), words, numbers, words)


def refusal(cursor: str, purpose: str = HERE) -> Invalid:
    with pytest.raises(Invalid) as refused:
        CURSORS.decode(purpose, cursor, *TYPES)
    return refused.value


@given(purposes.filter(str.isascii), words, numbers, words)
def test_a_cursor_gives_back_what_it_was_made_of(purpose: str, hour: str, at: int, last: str):
    cursor = CURSORS.encode(purpose, hour, at, last)

    assert CURSORS.decode(purpose, cursor, *TYPES, longest=2048) == [hour, at, last]


@given(one_of_ours)
def test_a_cursor_is_safe_in_a_url(cursor: str) -> None:
    assert set(cursor) <= set(URL_SAFE)


@given(st.text() | st.binary().map(lambda b: base64.urlsafe_b64encode(b).decode()))
def test_any_other_text_is_refused(text: str) -> None:
    assert refusal(text).code == "bad_cursor"


@given(one_of_ours, st.data())
def test_one_letter_changed_is_refused(cursor: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(
        st.sampled_from(URL_SAFE + "=+/ ").filter(lambda letter: letter != cursor[at])
    )

    assert refusal(cursor[:at] + other + cursor[at + 1 :]).code == "bad_cursor"


@given(one_of_ours, st.data())
def test_one_bit_flipped_is_refused(cursor: str, data: st.DataObject) -> None:
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8

    assert refusal(base64.urlsafe_b64encode(raw).rstrip(b"=").decode()).code == "bad_cursor"


@given(one_of_ours, st.text(alphabet=URL_SAFE + "=\n \u00e9\ud800", min_size=1, max_size=4))
def test_nothing_may_be_added_nor_left_out(cursor: str, more: str) -> None:
    for text in (cursor + more, more + cursor, cursor[: -len(more)], cursor[len(more) :]):
        assert refusal(text).code == "bad_cursor"


@given(purposes, purposes, words, numbers)
def test_another_listing_refuses_it(one: str, other: str, word: str, number: int) -> None:
    cursor = CURSORS.encode(one, word, number, "")

    if one != other:
        assert refusal(cursor, other).code == "bad_cursor"


def test_what_stands_between_purpose_and_values_cannot_be_shifted() -> None:
    assert refusal(CURSORS.encode('a["x",', 1, ""), "a").code == "bad_cursor"


def test_all_refusals_are_the_same() -> None:
    another = Cursors(b"o" * KEY_BYTES).encode(HERE, "w", 1, "v")
    old = base64.urlsafe_b64encode(json.dumps(["w", 1, "v"]).encode()).decode()
    longer = CURSORS.encode(HERE, "w" * MAX_LENGTH, 1, "v")
    fewer = CURSORS.encode(HERE, "w", 1)
    elsewhere = CURSORS.encode("messages 2", "w", 1, "v")

    refused = [refusal(text) for text in ("", "x", another, old, longer, fewer, elsewhere)]

    assert {(error.status, error.code, error.detail) for error in refused} == {
        (422, "bad_cursor", "This cursor was not given by this listing.")
    }


def test_every_process_has_the_same_key_which_nobody_chose() -> None:
    keys = MemoryKeyStore()
    one, other = cursor_key(keys), cursor_key(keys)

    assert one == other
    assert len(one) == KEY_BYTES
    assert one != cursor_key(MemoryKeyStore())


def test_the_key_is_read_when_it_is_needed_and_not_before() -> None:
    asked: list[int] = []

    def key() -> bytes:
        asked.append(1)
        return b"k" * KEY_BYTES

    cursors = Cursors(key)

    assert asked == []
    assert cursors.encode(HERE, 1) == CURSORS.encode(HERE, 1)
    assert asked
