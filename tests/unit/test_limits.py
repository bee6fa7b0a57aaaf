"""A caller's minute: never more than the limit, and at least half of it, in however many
processes."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.access.limits import MAX_CALLERS, Limits, RateLimited
from chat4all.adapters.memory import FakeClock, MemoryAllowanceStore
from chat4all.caller import Caller, CallerKind
from chat4all.errors import Unavailable

pytestmark = pytest.mark.req("RNF-009")
MINUTE = 29_333_333
AT_ITS_START = MINUTE * 60_000


def a_caller(limit: int | None = 60, subject: str = "ana") -> Caller:
    return Caller(subject, CallerKind.USER, requests_per_minute=limit)


@dataclass
class Fleet:
    """Processes that share a table and a clock."""

    processes: int = 1
    clock: FakeClock = field(default_factory=lambda: FakeClock(AT_ITS_START))
    store: MemoryAllowanceStore = field(default_factory=MemoryAllowanceStore)

    def __post_init__(self) -> None:
        self.limits = [Limits(self.store, self.clock) for _ in range(self.processes)]

    def passes(self, caller: Caller, process: int = 0, count: int = 1) -> bool:
        try:
            self.limits[process % self.processes].take(caller, count)
        except RateLimited:
            return False
        return True


def test_as_many_pass_as_the_limit_says_and_no_more() -> None:
    fleet = Fleet()

    passed = [fleet.passes(a_caller(60)) for _ in range(100)]

    assert passed == [True] * 60 + [False] * 40


def test_the_next_minute_begins_anew() -> None:
    fleet = Fleet()
    fleet.clock.advance(59.9)
    assert [fleet.passes(a_caller(2)) for _ in range(3)] == [True, True, False]

    fleet.clock.advance(0.1)

    assert [fleet.passes(a_caller(2)) for _ in range(3)] == [True, True, False]


def test_callers_do_not_share_a_minute_nor_do_a_service_and_a_user_of_one_name() -> None:
    fleet = Fleet()
    service = Caller("ana", CallerKind.SERVICE, requests_per_minute=1)

    assert [fleet.passes(a_caller(1)), fleet.passes(a_caller(1))] == [True, False]
    assert fleet.passes(a_caller(1, "bo"))
    assert [fleet.passes(service), fleet.passes(service)] == [True, False]


def test_who_has_no_limit_costs_nothing() -> None:
    fleet = Fleet()

    told = [fleet.limits[0].take(a_caller(None)) for _ in range(1000)]

    assert set(told) == {None}
    assert fleet.store.writes == 0


def test_a_caller_is_told_how_much_is_left_and_for_how_long() -> None:
    fleet = Fleet()
    fleet.clock.advance(20.5)

    told = [fleet.limits[0].take(a_caller(5)) for _ in range(5)]
    with pytest.raises(RateLimited) as refused:
        fleet.limits[0].take(a_caller(5))

    assert [t and (t.limit, t.remaining, t.reset) for t in told] == [
        (5, left, 40) for left in (4, 3, 2, 1, 0)
    ]
    assert refused.value.extra == {"retry_after": 40}
    assert refused.value.allowance.remaining == 0


def test_the_wait_is_never_nothing() -> None:
    fleet = Fleet()
    fleet.clock.advance(59.999)

    told = fleet.limits[0].take(a_caller(5))

    assert told is not None and told.reset == 1


def test_a_batch_passes_as_a_whole_or_not_at_all() -> None:
    fleet = Fleet()

    assert fleet.passes(a_caller(60), count=25)
    assert fleet.passes(a_caller(60), count=25)
    assert not fleet.passes(a_caller(60), count=25)
    assert [fleet.passes(a_caller(60)) for _ in range(11)] == [True] * 10 + [False]


def test_a_batch_that_cannot_pass_takes_nothing_away_from_other_processes() -> None:
    fleet = Fleet(processes=2)

    assert fleet.passes(a_caller(20), process=0)
    assert not fleet.passes(a_caller(20), process=0, count=20)

    assert [fleet.passes(a_caller(20), process=1) for _ in range(20)] == [True] * 19 + [False]


def test_a_limit_under_the_largest_lease_is_kept() -> None:
    fleet = Fleet(processes=3)

    passed = [fleet.passes(a_caller(4), process) for process in range(3) for _ in range(9)]

    assert passed.count(True) == 4


def test_an_older_token_with_another_limit_does_not_stop_a_newer_one() -> None:
    fleet = Fleet()
    while fleet.passes(a_caller(10)):
        pass

    more = [fleet.passes(a_caller(40)) for _ in range(60)].count(True)

    assert 20 <= more <= 30


@given(
    processes=st.integers(1, 60),
    limit=st.integers(1, 200),
    spread=st.lists(st.integers(0, 59), min_size=1, max_size=400),
)
def test_however_requests_spread_the_limit_holds_and_half_of_it_passes(
    processes: int, limit: int, spread: list[int]
) -> None:
    fleet, caller = Fleet(processes), a_caller(limit)

    passed = [fleet.passes(caller, process) for process in spread]

    assert passed.count(True) <= limit
    before_the_first_refusal = passed.index(False) if False in passed else len(passed)
    assert False not in passed or before_the_first_refusal * 2 >= limit


@given(
    processes=st.integers(1, 20),
    limit=st.integers(1, 100),
    spread=st.lists(
        st.tuples(st.integers(0, 19), st.integers(1, 25), st.integers(0, 20_000)), max_size=150
    ),
)
def test_batches_and_singles_of_any_size_at_any_time_stay_within_each_minute(
    processes: int, limit: int, spread: list[tuple[int, int, int]]
) -> None:
    fleet, caller = Fleet(processes), a_caller(limit)
    passed: dict[int, int] = {}

    for process, count, pause_ms in spread:
        fleet.clock.advance(pause_ms / 1000)
        if fleet.passes(caller, process, count):
            minute = fleet.clock.now() // 60_000
            passed[minute] = passed.get(minute, 0) + count

    assert all(count <= limit for count in passed.values())


def test_a_caller_who_is_refused_everywhere_costs_one_write_in_each_process_at_most() -> None:
    fleet, caller = Fleet(processes=50), a_caller(60)
    while fleet.passes(caller, 0):
        pass
    before = fleet.store.writes

    refused = [fleet.passes(caller, process) for process in range(50) for _ in range(40)]

    assert not any(refused)
    assert fleet.store.writes - before == 49, "the one that used the minute up knows already"


def test_sixty_requests_cost_nine_writes_in_one_process() -> None:
    fleet = Fleet()

    for _ in range(60):
        assert fleet.passes(a_caller(60))

    assert fleet.store.writes == 9, "leases of 1, 2, 4, 8, 10, 10, 10, 10 and of 5 that were left"


def test_a_process_forgets_whom_it_has_not_heard_of_for_longest() -> None:
    fleet = Fleet()
    assert fleet.passes(a_caller(1, "first"))

    for number in range(MAX_CALLERS):
        fleet.limits[0].take(a_caller(1, f"other-{number}"))

    assert len(fleet.limits[0]._purses) == MAX_CALLERS
    assert not fleet.passes(a_caller(1, "first")), "the table has not forgotten"


def test_what_is_over_takes_no_room() -> None:
    fleet = Fleet()
    for number in range(100):
        fleet.limits[0].take(a_caller(1, f"other-{number}"))

    fleet.clock.advance(60)
    fleet.limits[0].take(a_caller(1))

    assert len(fleet.limits[0]._purses) == 1


def test_when_the_table_does_not_answer_nobody_passes_for_nothing() -> None:
    fleet = Fleet()
    lease = fleet.store.lease

    def down(subject: str, minute: int, wanted: int) -> int:
        raise Unavailable("table: down")

    fleet.store.lease = down  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        fleet.passes(a_caller(2))
    fleet.store.lease = lease  # type: ignore[method-assign]

    assert [fleet.passes(a_caller(2)) for _ in range(3)] == [True, True, False]
