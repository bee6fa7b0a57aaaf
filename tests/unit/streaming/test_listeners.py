"""What waits for a stream is bounded, and whoever fell behind comes out of it."""

from __future__ import annotations

import pytest

from grpc_front.streams.listeners import Behind, Listening

pytestmark = pytest.mark.req("RF-008")


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grpc_front.streams.listeners.MOST_PAGES", 3)


def test_who_does_not_take_what_came_is_told_once_and_gets_what_is_recent() -> None:
    recent: list[int] = []
    listener = Listening(lambda: recent)

    for number in range(9):
        listener.offer([number])
    recent += [7, 8]

    with pytest.raises(Behind):
        listener.taken()
    assert listener.taken() == [7, 8]


def test_more_that_is_recent_than_may_wait_puts_nobody_behind() -> None:
    listener = Listening(lambda: range(10))

    listener.offer([10, 11])

    assert listener.taken() == list(range(12))


def test_but_what_comes_after_it_counts() -> None:
    listener = Listening(lambda: range(10))

    listener.offer([10, 11, 12, 13])

    with pytest.raises(Behind):
        listener.taken()


def test_and_once_it_was_taken_no_more_may_wait_than_ever() -> None:
    listener = Listening(lambda: range(10))
    listener.taken()

    listener.offer([10, 11, 12, 13])

    with pytest.raises(Behind):
        listener.taken()
