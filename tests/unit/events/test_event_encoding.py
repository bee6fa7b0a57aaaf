"""How an event becomes JSON: nothing that is text makes it fail."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.events.encoding import MAX_EVENT_BYTES, can_be_told, encoded

pytestmark = pytest.mark.req("RF-009")
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=8,
)


@given(anything)
def test_what_can_be_told_is_json_that_every_service_takes(value: Any) -> None:
    event = {"data": value}
    if not can_be_told(event):
        with pytest.raises(ValueError):
            json.dumps(event, allow_nan=False)
        return

    text = encoded(event).decode()

    assert not {"\ufffe", "\uffff"} & set(text)
    plain = json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")
    assert json.loads(text) == json.loads(plain)


def test_an_event_has_its_limit_in_bytes() -> None:
    assert can_be_told({"a": "é" * (MAX_EVENT_BYTES // 2 - 10)})
    assert not can_be_told({"a": "é" * (MAX_EVENT_BYTES // 2)})
