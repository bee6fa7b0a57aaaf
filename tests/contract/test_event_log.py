"""EventLog: what was appended is read once, in its order, page by page."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from chat4all.adapters.dynamodb import Table
from chat4all.adapters.dynamodb.event_log import DynamoEventLog
from chat4all.adapters.memory import FakeClock
from chat4all.errors import Unavailable
from chat4all.events import Event, log_pages
from chat4all.ports.events import Page
from tests.contract.event_logs import NOW, Logged, an_event, event_logs
from tests.contract.worlds import ADAPTERS, Aws

pytestmark = pytest.mark.req("RF-009")
DAY_S = 86_400


@pytest.fixture(params=ADAPTERS)
def logged(request: pytest.FixtureRequest) -> Iterator[Logged]:
    yield from event_logs(request)


def test_events_come_back_whole_and_in_their_order(logged: Logged) -> None:
    events = []
    for start in range(0, 50, 5):
        events += logged.append(*range(start, start + 5))
        logged.clock.advance(0.01)

    page = logged.log.read(None, until=logged.clock.now(), limit=100)

    assert page.events == events
    assert not page.more


def test_pages_meet_whatever_their_size(logged: Logged) -> None:
    for start in range(0, 20, 4):
        logged.append(*range(start, start + 4))
        logged.clock.advance(1)

    found, position, more = logged.read(limit=3)
    while more:
        some, position, more = logged.read(position, limit=3)
        found += some

    assert found == list(range(20))


def test_what_was_logged_later_is_read_later(logged: Logged) -> None:
    logged.append(1)
    logged.clock.advance(1)
    logged.append(2)

    first, position, more = logged.read(until=NOW + 999)
    second, position, _ = logged.read(position)

    assert (first, more) == ([1], False)
    assert second == [2]


def test_a_reader_that_has_all_goes_on_from_there(logged: Logged) -> None:
    _, empty, _ = logged.read()
    logged.clock.advance(1)
    logged.append(1)

    first, position, _ = logged.read(empty)
    again, position, _ = logged.read(position)
    logged.clock.advance(3 * DAY_S)
    logged.append(2)
    second, _, more = logged.read(position)

    assert (first, again, second) == ([1], [], [2])
    assert not more


def test_a_reader_ahead_of_the_log_is_not_sent_back(logged: Logged) -> None:
    logged.append(1)
    ahead = logged.log.at(NOW + 60_000)

    found, position, more = logged.read(ahead)

    assert (found, position, more) == ([], ahead, False)


def test_reading_begins_at_a_time(logged: Logged) -> None:
    for number in range(3):
        logged.append(number)
        logged.clock.advance(1)

    found, _, _ = logged.read(logged.log.at(NOW + 1000))

    assert found == [1, 2]


def test_days_and_shards_are_one_log(logged: Logged) -> None:
    for number in range(24):
        logged.append(number)
        logged.clock.advance(DAY_S / 6)

    found, _, more = logged.read()

    assert (found, more) == (list(range(24)), False)


def test_what_is_older_than_thirty_days_is_over(logged: Logged) -> None:
    logged.append(1)
    logged.clock.advance(29 * DAY_S)
    logged.append(2)
    before, position, _ = logged.read(limit=1)
    logged.clock.advance(2 * DAY_S)

    found, _, _ = logged.read()
    from_there, _, _ = logged.read(logged.log.at(0))

    assert before == [1]
    assert (found, from_there) == ([2], [2])
    assert logged.read(position)[0] == [2]


def test_only_what_is_wanted_is_read_and_counted(logged: Logged) -> None:
    for start in range(0, 30, 10):
        logged.append(*range(start, start + 10))
        logged.clock.advance(1)

    def fifth(event: Event) -> bool:
        return bool(event["data"]["number"] % 5 == 0)

    first, position, more = logged.read(limit=4, wanted=fifth)
    second, position, end = logged.read(position, limit=4, wanted=fifth)

    assert (first, more) == ([0, 5, 10, 15], True)
    assert (second, end) == ([20, 25], False)


def test_one_answer_looks_through_so_many_pages(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_pages, "READ_PAGES", 3)
    for number in range(5):
        logged.append(number)
        logged.clock.advance(1)

    first, position, more = logged.read(wanted=lambda e: e["data"]["number"] == 4)
    second, _, end = logged.read(position, wanted=lambda e: e["data"]["number"] == 4)

    assert (first, more) == ([], True)
    assert (second, end) == ([4], False)


def test_of_some_pages_so_many_events_were_given(logged: Logged) -> None:
    for number in range(3):
        logged.append(number, number + 10)
        logged.clock.advance(1)
    first, second, third = pages(logged)

    found, position, more = logged.read(given={first.id: 2, second.id: 1})
    partly, _, _ = logged.read(logged.log.at(NOW), limit=1, given={first.id: 2, second.id: 1})

    assert (found, more) == ([11, 2, 12], False)
    assert partly == [11]
    assert third.id < position.page


def pages(logged: Logged, fresh: bool = True, but: Container[str] = ()) -> list[Page]:
    first = logged.log.at(NOW - 60_000).page
    return list(logged.log.pages(first, logged.clock.now(), fresh=fresh, but=but))


@pytest.mark.parametrize("fresh", [True, False])
def test_pages_come_whole_by_time_and_without_those_that_are_known(
    logged: Logged, fresh: bool
) -> None:
    events = []
    for number in range(20):
        events.append(logged.append(number, number + 100))
        logged.clock.advance(0.05)

    found = pages(logged, fresh)
    but = pages(logged, fresh, {page.id for page in found[::2]})
    later = list(logged.log.pages(f"{found[9].id}~", logged.clock.now(), fresh=fresh))
    earlier = list(logged.log.pages(found[0].id, NOW + 499))

    assert [page.events for page in found] == events
    assert sorted(found, key=lambda page: page.id) == found
    assert but == found[1::2]
    assert later == found[10:]
    assert earlier == found[:10]


def test_many_events_at_once_keep_their_order(logged: Logged) -> None:
    logged.append(*range(400), text="✓" * 1000)
    logged.clock.advance(1)

    found, _, _ = logged.read(limit=1000)

    assert found == list(range(400))


def test_text_that_cannot_be_compressed_fits(logged: Logged) -> None:
    chance = Random(7)
    texts = [
        "".join(chr(chance.randrange(0x20000, 0xE0000)) for _ in range(4000)) for _ in "x" * 60
    ]
    events = [an_event(number, text=text) for number, text in enumerate(texts)]
    logged.log.append(events)
    logged.clock.advance(1)

    assert logged.log.read(None, until=logged.clock.now(), limit=100).events == events


def test_half_a_surrogate_pair_becomes_a_question_mark(logged: Logged) -> None:
    logged.append(1, text="a\ud800\uffff✓")
    logged.clock.advance(1)

    [event] = logged.log.read(None, until=logged.clock.now(), limit=100).events

    assert event["data"]["text"] == "a?\uffff✓"


def test_writers_at_once_lose_nothing(logged: Logged) -> None:
    workers = 1 if logged.adapter == "moto" else 8

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda n: logged.append(n), range(40)))
    logged.clock.advance(1)

    assert sorted(logged.read()[0]) == list(range(40))


def test_a_log_that_is_not_there_is_unavailable(aws: Aws) -> None:
    log = DynamoEventLog(Table(aws.client("dynamodb"), aws.unique("gone")), FakeClock(NOW))
    calls: list[Callable[[], object]] = [
        lambda: log.append([an_event(1)]),
        lambda: log.read(None, until=NOW, limit=1),
        lambda: log.find([an_event(1)["id"]]),
    ]

    for call in calls:
        with pytest.raises(Unavailable):
            call()
