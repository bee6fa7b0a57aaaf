"""The end of the log, polled: each page once, soon, and none missed."""

from unittest.mock import patch

import pytest

from chat4all.adapters.memory import FakeClock
from chat4all.errors import Unavailable
from chat4all.streaming import tail as tail_module
from chat4all.streaming.tail import Tail
from tests.builders import NOW
from tests.support.late_log import LateLog

pytestmark = pytest.mark.req("RF-008")


def a_log() -> tuple[FakeClock, LateLog, Tail]:
    world = FakeClock(NOW)
    log = LateLog(world)
    return world, log, Tail(log, world)


def test_a_page_comes_with_the_next_poll_and_only_with_that() -> None:
    world, log, tail = a_log()
    page = log.write([])

    polls = []
    for _ in range(100):
        polls += tail.poll()
        world.advance(0.1)

    assert polls == [page]


def test_one_that_shows_after_a_later_one_comes_too() -> None:
    world, log, tail = a_log()
    late = log.write([], takes=200)
    world.advance(0.1)
    soon = log.write([])

    first = tail.poll()
    world.advance(0.1)
    second = tail.poll()

    assert (first, second) == ([soon], [late])


def test_one_that_shows_much_later_comes_when_it_is_settled() -> None:
    world, log, tail = a_log()
    late = log.write([], takes=2_900)
    world.advance(2)
    log.write([])
    came = {}

    for tenth in range(20, 80):
        came |= {page.id: tenth / 10 for page in tail.poll()}
        world.advance(0.1)

    assert came[late.id] <= 6


def test_after_a_standstill_the_log_comes_in_steps() -> None:
    world, log, tail = a_log()
    pages = [log.write([]) for _ in range(30)]
    world.advance(60)

    with patch.object(tail_module, "MOST_PAGES", 4):
        polls = [tail.poll() for _ in range(40)]

    assert max(map(len, polls)) <= 8
    assert sorted(page for poll in polls for page in poll) == pages


def test_a_step_that_ends_among_pages_of_one_moment_repeats_none() -> None:
    world, log, tail = a_log()
    pages = [log.write([]) for _ in range(6)]
    world.advance(5.5)

    with patch.object(tail_module, "MOST_PAGES", 4):
        polls = [*tail.poll(), *tail.poll(), *tail.poll()]

    assert polls == pages


def test_a_poll_that_fails_loses_nothing() -> None:
    world, log, tail = a_log()
    pages = [log.write([]), log.write([])]
    world.advance(7)
    log.write([], takes=-1)

    with patch.object(log, "pages", Failing(log)), pytest.raises(Unavailable):
        tail.poll()
    found = tail.poll()

    assert found[:2] == pages


class Failing:
    """Breaks off in the second pass."""

    def __init__(self, log: LateLog) -> None:
        self._pages = log.pages

    def __call__(self, first, until, *, fresh=True, but=()):
        if not fresh:
            raise Unavailable("the table")
        return self._pages(first, until, fresh=fresh, but=but)


def test_a_page_from_the_future_hides_none_of_now() -> None:
    world, log, tail = a_log()
    ahead = log.write([], skew=900)
    first = tail.poll()
    world.advance(0.1)

    now = log.write([])

    assert (first, tail.poll()) == ([ahead], [now])
