"""From records to counts a second and percentiles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.load.heard import Heard, Mark
from tests.load.records import Asked
from tests.load.tally import (
    Journey,
    Passage,
    by_second,
    counts,
    journeys,
    latency_over_time,
    percentile,
    summary,
)

pytestmark = pytest.mark.req("RNF-001")


def asked(number: int, due: float, status: int = 202, **more: float) -> Asked:
    times = {"began": due + 0.1, "ended": due + 0.3, **more}
    return Asked(f"m-{number}", "c-1", due=due, status=status, **times)  # type: ignore[arg-type]


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_at_least_the_share_is_at_or_below_its_percentile(
    values: list[float], share: float
) -> None:
    found = percentile(values, share)

    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) < share * len(values) + 1e-9


def test_percentiles_of_a_hundred_are_what_they_are_called() -> None:
    hundred = [float(n) for n in range(100, 0, -1)]

    found = [percentile(hundred, share) for share in (0.5, 0.9, 0.99, 1.0)]

    assert found == [50.0, 90.0, 99.0, 100.0]


def test_nothing_has_no_percentile() -> None:
    assert percentile([], 0.5) is None


def test_latency_counts_from_when_a_message_was_due_not_from_when_it_was_sent() -> None:
    late = asked(1, due=1000.0, began=1004.0, ended=1004.5)

    [journey] = journeys([late], Heard(), {}, {"c-1": 1}, start=1000.0)

    assert journey.took("sent") == 4000.0
    assert journey.took("stored") == 4500.0
    assert journey.took("read") is None


def test_a_message_is_with_the_providers_when_it_is_with_the_last_one() -> None:
    first, second = Passage(1001.0, 1002.0), Passage(1004.0, None)

    [both] = journeys([asked(1, 1000)], Heard(), {"m-1": [first, second]}, {"c-1": 2}, 1000.0)
    [half] = journeys([asked(1, 1000)], Heard(), {"m-1": [first]}, {"c-1": 2}, 1000.0)

    assert (both.provider, both.called_back) == (4.0, None)
    assert (half.provider, half.called_back) == (None, None)


def test_refused_is_neither_stored_nor_unanswered_nor_lost() -> None:
    heard = Heard()
    heard.note("m-1", "ana", Mark.READ, 1002.0)
    all_asked = [asked(1, 1000), asked(2, 1000, status=429)]
    all_asked += [asked(3, 1000, status=0), asked(4, 1000, status=502)]

    found = journeys(all_asked, heard, {}, {"c-1": 1}, start=1000.0)

    sums = summary(found, busy=4)
    assert counts(found) == sums["counts"]
    assert {n: sums["counts"][n] for n in ("sent", "stored", "read", "refused")} == {
        "sent": 4,
        "stored": 1,
        "read": 1,
        "refused": 1,
    }
    assert (sums["unanswered"], sums["busy_answers"]) == (2, 4)
    assert sums["latency_ms"]["read"]["p99"] == 2000.0


def test_each_second_has_a_row_also_those_without_anything() -> None:
    found = [
        Journey("m-1", "c-1", due=0.2, sent=0.2, stored=0.9, read=3.1),
        Journey("m-2", "c-1", due=0.8, sent=0.9, stored=1.1),
    ]

    rows = by_second(found)

    assert [row["second"] for row in rows] == [0, 1, 2, 3]
    assert [row["sent"] for row in rows] == [2, 0, 0, 0]
    assert [row["stored"] for row in rows] == [1, 1, 0, 0]
    assert [row["read"] for row in rows] == [0, 0, 0, 1]


def test_latency_over_time_goes_by_when_messages_were_due() -> None:
    found = [
        Journey("m-1", "c-1", due=0.0, sent=0.0, read=9.0),
        Journey("m-2", "c-1", due=4.0, sent=4.0, read=4.5),
        Journey("m-3", "c-1", due=4.9, sent=4.9),
    ]

    rows = latency_over_time(found, "read", width=2.0)

    assert [(row["at"], row["p50"]) for row in rows] == [(1.0, 9000.0), (5.0, 500.0)]


def test_the_rate_is_from_the_first_one_due_to_the_last_one_there() -> None:
    found = [
        Journey(f"m-{n}", "c-1", due=n / 10, sent=n / 10, read=n / 10 + 10.1) for n in range(100)
    ]

    rates = summary(found, busy=0)["per_second"]

    assert rates["read"] == pytest.approx(5.0)
    assert rates["sent"] == pytest.approx(100 / 9.9)
    assert rates["stored"] is None
