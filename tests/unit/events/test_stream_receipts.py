"""The stream reads a receipts item by hand, for speed: it reads what the store reads."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from chat4all.adapters.dynamodb import items, streams
from chat4all.adapters.dynamodb.table import from_wire, to_wire
from chat4all.receipts import Mark, Receipts

pytestmark = pytest.mark.req("RF-009")
indices = st.integers(0, 12)
stamps = st.integers(0, 10**13)
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "times": st.dictionaries(st.tuples(indices, st.sampled_from(Mark)), stamps, max_size=6),
    "parts": st.just({}),  # counted in the item, never written with it
}


def anything(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Every field that there is is filled by its type: one that is added is tried without more."""
    fields = model.model_fields
    return st.builds(
        model.model_construct,
        **{n: BY_NAME[n] if n in BY_NAME else of(f.annotation) for n, f in fields.items()},
    )


def of(kind: Any) -> st.SearchStrategy[Any]:
    if kind is Any or kind is str:
        return words
    if kind in (int, bool):
        return stamps if kind is int else st.booleans()
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return anything(kind)
    inner = get_args(kind)
    if type(None) in inner:
        return st.none() | of(next(a for a in inner if a is not type(None)))
    if inner and inner[-1] is ...:
        return st.lists(of(inner[0]), max_size=3).map(tuple)
    return st.dictionaries(indices, of(inner[1]), max_size=3)


@given(anything(Receipts))
def test_the_stream_reads_a_receipts_item_as_the_store_does(receipts: Receipts) -> None:
    item = {k: v for k, v in items.receipts_item(receipts).items() if v is not None}

    stored = items.receipts_of(from_wire(to_wire(item)))
    read = streams.receipts_of(item)

    assert stored == receipts, "else the item does not hold all of it"
    for name in Receipts.model_fields:
        assert getattr(read, name) == getattr(stored, name), name
    for planned, wanted in zip(read.plan, stored.plan, strict=True):
        assert planned.model_dump() == wanted.model_dump()
