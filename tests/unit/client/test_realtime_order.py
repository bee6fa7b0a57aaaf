"""Whatever the network does to pushes, what is given out is in order, whole, and once."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infra.client.realtime_order import Ordering
from tests.support.fake_sockets import message

ANY_ORDER = st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 12)), min_size=1, max_size=60)


def given_out(ordering: Ordering, pushed: list[tuple[str, int]]) -> list[tuple[str, int]]:
    events = [e for c, seq in pushed for e in ordering.take(message(c, seq), 0.0)]
    return [(e["data"]["conversation_id"], e["data"]["seq"]) for e in events]


@given(ANY_ORDER, st.integers(0, 5))
def test_the_messages_of_a_conversation_come_by_seq_without_gaps(
    pushed: list[tuple[str, int]], had: int
) -> None:
    ordering = Ordering({"a": had, "b": had})

    found = given_out(ordering, pushed)

    for conversation in "ab":
        seqs = [seq for c, seq in found if c == conversation]
        assert seqs == list(range(had + 1, had + 1 + len(seqs)))
        there = {seq for c, seq in pushed if c == conversation}
        assert had + len(seqs) + 1 not in there
        assert ordering.seen[conversation] == had + len(seqs)


@given(ANY_ORDER)
def test_what_is_held_is_reported_as_missing(pushed: list[tuple[str, int]]) -> None:
    ordering = Ordering({"a": 0, "b": 0})

    given_out(ordering, pushed)

    behind = {c for c, seq in pushed if seq > ordering.seen[c]}
    assert ordering.missing(1.0, 0.5).keys() == behind
    assert ordering.missing(0.4, 0.5) == {}
    assert not ordering.unknown(1.0, 0.5)


def test_an_unknown_conversation_begins_at_its_first_message_or_where_it_is_settled() -> None:
    ordering = Ordering({})

    assert given_out(ordering, [("a", 2), ("a", 1), ("b", 8), ("b", 7)]) == [("a", 1), ("a", 2)]
    assert ordering.unknown(1.0, 0.5)
    settled: list[Any] = ordering.settle(1.0)

    assert [event["data"]["seq"] for event in settled] == [7, 8]
    assert ordering.seen == {"a": 2, "b": 8}
    assert not ordering.unknown(9.0, 0.5)


def test_what_is_none_of_ours_any_more_is_neither_held_nor_asked_for() -> None:
    ordering = Ordering({"a": 1})
    given_out(ordering, [("a", 4)])

    ordering.forget("a")

    assert (ordering.seen, ordering.missing(9.0, 0.5)) == ({}, {})
