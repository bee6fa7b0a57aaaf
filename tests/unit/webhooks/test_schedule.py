"""Waits between attempts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.webhooks.schedule import (
    FIVE_DAYS_MS,
    LONGEST_RETRY_AFTER,
    WAITS,
    Schedule,
    jitter,
    retry_after_seconds,
)

plain = Schedule(jitter=lambda: 1.0)


def test_the_published_schedule_is_followed() -> None:
    waits = [plain.next_at(attempt, 0, 0) for attempt in range(1, 9)]

    assert waits == [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, *[36_000_000] * 2, None]


@given(st.lists(st.floats(0.9, 1.1), min_size=7, max_size=7))
def test_all_waits_together_are_the_schedules_sum_within_the_jitter(factors: list[float]) -> None:
    now, left = 0, iter(factors)
    schedule = Schedule(jitter=lambda: next(left))

    for attempt in range(1, len(WAITS)):
        now = schedule.next_at(attempt, now, 0) or 0

    assert 0.9 * sum(WAITS) - 1 <= now / 1000 <= 1.1 * sum(WAITS) + 1


def test_the_jitter_is_a_tenth_at_the_most() -> None:
    assert all(0.9 <= jitter() <= 1.1 for _ in range(1000))
    assert len({jitter() for _ in range(10)}) > 1


@given(st.integers(1, 7), st.floats(0, 10**9), st.integers(0, FIVE_DAYS_MS))
def test_nobody_comes_before_retry_after_nor_behind_the_five_days(
    attempt: int, asked: float, age: int
) -> None:
    at = Schedule().next_at(attempt, age, 0, asked)

    if at is not None:
        assert at <= FIVE_DAYS_MS
        assert at - age >= round(min(asked, LONGEST_RETRY_AFTER) * 1000)
        assert at - age <= max(1.1 * WAITS[attempt], LONGEST_RETRY_AFTER) * 1000 + 1


def test_a_short_retry_after_hurries_nobody() -> None:
    assert plain.next_at(2, 0, 0, 1.0) == 300_000


def test_a_schedule_is_read_from_the_environment() -> None:
    assert Schedule.parse("0,1,2").waits == (0, 1, 2)
    assert Schedule.parse("").waits == WAITS


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Fri, 02 Jan 1970 00:00:00 GMT", 86_400.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Mon, 01 Jan 1900 00:00:00 -0000", 0.0),
        ("", None),
        (None, None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("9" * 400, 999_999_999.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, 0.0) == seconds
