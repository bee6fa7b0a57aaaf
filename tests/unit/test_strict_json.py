"""JSON from outside: bounded before it is parsed, and read in one way or not at all."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all import strict_json
from chat4all.errors import Rejected
from chat4all.strict_json import MAX_DEPTH, MAX_FOREIGN_DEPTH, deeper_than, loads_foreign

pytestmark = pytest.mark.req("RNF-009")
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.text(alphabet='"\\[]{}u,:', max_size=8)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(alphabet='a"\\[{', max_size=3), inner, max_size=4)
    ),
    max_leaves=40,
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


def nested(levels: int, inner: str = "1") -> str:
    return '[{"a]":' * (levels // 2) + inner + "}]" * (levels // 2)


@given(values, st.booleans(), st.sampled_from([None, 1]))
def test_what_is_json_is_read(value: Any, ascii: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii, indent=indent)

    assert strict_json.loads(text) == value
    assert loads_foreign(text.encode()) == value


@given(values, st.integers(0, 6))
def test_depth_is_counted_outside_of_strings(value: Any, most: int) -> None:
    assert deeper_than(most, json.dumps(value)) == (depth(value) > most)


@given(st.text(alphabet='[]{}"\\a,:1', max_size=120))
def test_whatever_it_is_it_is_read_or_refused(text: str) -> None:
    padded = "[" * 20 + text
    for given_text in (text, padded):
        try:
            read = strict_json.loads(given_text)
        except Rejected as error:
            assert (error.status, error.code) == (400, "bad_json")
        else:
            assert read == json.loads(given_text)


def test_thirty_two_levels_are_read_and_no_more() -> None:
    assert depth(strict_json.loads(nested(MAX_DEPTH))) == MAX_DEPTH

    with pytest.raises(Rejected):
        strict_json.loads(nested(MAX_DEPTH + 2))
    with pytest.raises(ValueError, match="nested"):
        loads_foreign(nested(MAX_FOREIGN_DEPTH + 2).encode())


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        '{"a": Infinity}',
        "[-Infinity]",
        "1e999",
        "-1e999",
        '{"a": 1, "a": 2}',
        '[{"b": {"a": 1, "\\u0061": 1}}]',
        "9" * 5000,
        "\ufeff{}",
        "",
        "{} {}",
        "'a'",
        "[1,]",
        "\x00",
        '"\ud800',
    ],
)
def test_what_json_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(Rejected) as refused:
        strict_json.loads(text)

    assert refused.value.code == "bad_json"


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'{"a": NaN, "b": [1e999, 1]}', {"a": None, "b": [None, 1]}),
        (b'{"n": ' + b"9" * 5000 + b', "b": 1.5}', {"n": None, "b": 1.5}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'{"a": "\xff\xfe", "b": 1}', {"a": "\ufffd\ufffd", "b": 1}),
        (b'{"a": "x\\ud83d", "\\uDEAD": "\\ud83d\\ude00"}', {"a": "x?", "?": "😀"}),
        (b'["\\ud800", NaN]', ["?", None]),
    ],
)
def test_of_what_a_provider_signed_nothing_is_lost_for_what_is_odd_beside(
    body: bytes, read: object
) -> None:
    assert loads_foreign(body) == read


HOSTILE = {
    "open": "[" * 262_144,
    "open objects": '{"a":' * 52_000,
    "closed": "[" * 131_072 + "]" * 131_072,
    "levels with filling": "[" + ("[" * 31 + "]" * 31 + ",[") * 3_900,
    "a string that never ends": "[" * 40 + '"\\"' * 87_000,
    "quotes": '"\\' * 131_000 + "[" * 40,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_made_to_be_deep_costs_next_to_nothing(text: str) -> None:
    spent = []
    for _ in range(5):  # the fastest: others work on this machine too
        began = time.process_time()
        with pytest.raises(Rejected):
            strict_json.loads(text)
        spent.append(time.process_time() - began)

    assert min(spent) < 0.005
