"""The simulator, against what queueing theory says, and against what SQS and Lambda promise."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from math import factorial
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.capacity import doc, report, scenarios
from infra.capacity.cell import Cell, Setup
from infra.capacity.scenarios import Played
from infra.capacity.simulation import Account, Clock, Message, Served, Station

pytestmark = pytest.mark.req("RNF-001")


def mean_wait(
    servers: int, rate: float, seconds: Callable[[Random], float], seed: int = 1
) -> float:
    """Mean seconds in the queue, of 60,000 messages that each are a group of their own."""
    random, clock, waits = Random(seed), Clock(), list[float]()

    def serve(batch: Sequence[Message]) -> Served:
        waits.append(clock.now - batch[0].entered)
        return seconds(random), []

    station = Station(clock, serve, lambda message: None, most=servers, batch=1)
    when = 0.0
    for number in range(60_000):
        when += random.expovariate(rate)
        clock.at(when, station.offer, Message(when, number))
    clock.run(when)
    return sum(waits) / len(waits)


def test_one_server_with_random_times_waits_as_theory_says() -> None:
    """M/M/1: ρ / (1 - ρ) times the mean service."""
    found = mean_wait(1, 0.7, lambda random: random.expovariate(1))

    assert found == pytest.approx(0.7 / 0.3, rel=0.08)


def test_one_server_with_even_times_waits_half_as_long() -> None:
    """M/D/1: ρ / (2 (1 - ρ))."""
    found = mean_wait(1, 0.8, lambda random: 1.0)

    assert found == pytest.approx(0.8 / (2 * 0.2), rel=0.08)


def test_many_servers_wait_as_erlang_says() -> None:
    """M/M/c: the chance to wait, by Erlang's formula, times the mean wait of who does."""
    servers, load = 5, 4.0
    found = mean_wait(servers, load, lambda random: random.expovariate(1))

    busy = load**servers / factorial(servers) * servers / (servers - load)
    chance = busy / (sum(load**k / factorial(k) for k in range(servers)) + busy)
    assert found == pytest.approx(chance / (servers - load), rel=0.08)


messages = st.lists(st.tuples(st.floats(0, 10), st.integers(0, 3)), max_size=60)


@settings(deadline=None)
@given(messages=messages, servers=st.integers(1, 4), window=st.integers(1, 30), seed=st.integers())
def test_groups_keep_their_order_whatever_fails(
    messages: list[tuple[float, int]], servers: int, window: int, seed: int
) -> None:
    random, clock, done = Random(seed), Clock(), defaultdict[object, list[float]](list)
    in_flight: set[object] = set()

    def serve(batch: Sequence[Message]) -> Served:
        groups = {message.group for message in batch}
        assert not groups & in_flight, "one batch of a group at a time"
        in_flight.update(groups)
        took, fails = random.random(), random.choice([None, *groups])
        clock.at(clock.now + took, in_flight.difference_update, groups)
        return took, [(m, random.random()) for m in batch if m.group == fails]

    station = Station(
        clock, serve, lambda m: done[m.group].append(m.born), most=servers, window=window
    )
    for born, group in sorted(messages):
        clock.at(born, station.offer, Message(born, group))
    clock.run(1e6)

    assert station.depth == 0
    assert sum(map(len, done.values())) == len(messages)
    assert all(times == sorted(times) for times in done.values())


def test_a_batch_takes_a_groups_messages_first() -> None:
    clock, batches = Clock(), list[list[object]]()

    def serve(batch: Sequence[Message]) -> Served:
        batches.append([message.group for message in batch])
        return 1.0, []

    station = Station(clock, serve, lambda message: None, most=1, batch=4)
    for group in ["first", *"aaabbb"]:
        station.offer(Message(0, group))
    clock.run(10)

    assert batches == [["first"], list("aaab"), list("bb")]


def test_a_long_group_at_the_head_hides_the_groups_behind_it() -> None:
    """As SQS looks for groups in its first messages only."""
    clock, waited = Clock(), dict[object, float]()

    def serve(batch: Sequence[Message]) -> Served:
        return 1.0, []

    def ended(message: Message) -> None:
        waited[message.group] = clock.now

    station = Station(clock, serve, ended, most=10, batch=1, window=20)
    for group in ["hot"] * 30 + ["other"]:
        station.offer(Message(0, group))
    clock.run(100)

    assert waited["other"] == 12  # when eleven of the first 31 are gone, and a second
    assert waited["hot"] == 30


def test_executions_come_as_fast_as_lambda_starts_them() -> None:
    clock, running = Clock(), list[int]()
    station = Station(
        clock, lambda batch: (1e9, []), lambda m: None, most=10, start=1, faster=2, batch=1
    )

    for number in range(50):
        station.offer(Message(0, number))
    for second in range(7):
        clock.at(second + 0.5, lambda: running.append(station.running))
    clock.run(10)

    assert running == [1, 3, 5, 7, 9, 10, 10]


def test_every_message_is_delivered_failed_or_waiting() -> None:
    setup = Setup(
        seconds=300,
        rate=lambda now: 50,
        highest=50,
        usual=40,  # less than comes: it has to wait
        slice=10,
        down=(60, 120),
    )

    outcome = Cell(setup).run()  # raises if not

    assert outcome.counts["sent"] == pytest.approx(300 * 5, rel=0.1)
    assert outcome.counts["delivered"] < outcome.counts["sent"]


def test_a_run_is_the_same_again() -> None:
    setup = Setup(seconds=60, rate=lambda now: 50, highest=50, usual=50, hot=0.1)

    assert Cell(setup).run().delays == Cell(setup).run().delays


def test_an_outage_of_one_provider_is_not_felt_elsewhere() -> None:
    setup = Setup(seconds=600, rate=lambda now: 20, highest=20, usual=20, down=(100, 500))

    outcome = Cell(setup).run()

    assert max(outcome.age["whatsapp"]) > 300
    assert scenarios.percentile(scenarios.delays(outcome, "instagram"), 0.99) < 2
    assert scenarios.percentile(scenarios.delays(outcome, "app"), 0.99) < 1


def test_functions_share_the_executions_of_the_account() -> None:
    clock, account, done = Clock(), Account(3), list[object]()
    begun = [
        Station(
            clock,
            lambda batch: (1.0, []),
            lambda m: done.append(m.group),
            most=3,
            batch=1,
            account=account,
        )
        for _ in range(2)
    ]

    for number in range(6):
        begun[number % 2].offer(Message(0, number))
    clock.run(0.5)
    assert [station.running for station in begun] == [2, 1]
    clock.run(10)

    assert sorted(map(str, done)) == list("012345")
    assert account.free == 3


def test_a_full_function_does_not_keep_the_others_from_running() -> None:
    """Who waits for an execution gets one in turn, however long another's queue is."""
    clock, account, served = Clock(), Account(2), list[str]()

    def station(name: str) -> Station:
        return Station(
            clock,
            lambda batch: (1.0, []),
            lambda m: served.append(name),
            most=2,
            batch=1,
            account=account,
        )

    busy, calm = station("busy"), station("calm")
    for number in range(100):
        busy.offer(Message(0, number))
    calm.offer(Message(0, "one"))
    clock.run(3)

    assert "calm" in served


@pytest.mark.parametrize("name", list(scenarios.setups()))
def test_the_page_has_what_the_scenarios_give(name: str) -> None:
    told = doc.block(doc.PAGE.read_text(), "scenarios")

    played = Played(name, Cell(scenarios.setups()[name]).run(), 0)

    for page in scenarios.pages([played]):
        assert report.markdown([page]).splitlines()[-1] in told
