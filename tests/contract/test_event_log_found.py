"""EventLog: single events are found by their ids, which tell their time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chat4all.errors import Invalid
from chat4all.events import Event, event_id, log_pages
from tests.contract.event_logs import NOW, Logged, an_event, event_logs
from tests.contract.worlds import ADAPTERS

pytestmark = pytest.mark.req("RF-009")


@pytest.fixture(params=ADAPTERS)
def logged(request: pytest.FixtureRequest) -> Iterator[Logged]:
    yield from event_logs(request)


def test_events_are_found_by_their_ids(logged: Logged) -> None:
    events = []
    for number in range(10):
        events += logged.append(number, number + 100)
        logged.clock.advance(40)
    wanted = [events[3], events[16], events[0]]

    found = logged.log.find([event["id"] for event in wanted])

    assert found == {event["id"]: event for event in wanted}


def test_an_event_that_was_logged_late_is_found(logged: Logged) -> None:
    late = an_event(1, NOW)
    logged.clock.advance(3600 * 5)
    logged.log.append([an_event(2, logged.clock.now()), late])

    assert logged.log.find([late["id"]]) == {late["id"]: late}


def test_a_time_that_was_rounded_is_no_matter(logged: Logged) -> None:
    early = an_event(1, NOW + log_pages.EARLY_MS)
    logged.log.append([early])

    assert logged.log.find([early["id"]]) == {early["id"]: early}


@pytest.mark.parametrize(
    "unknown",
    [
        event_id(NOW, "another"),
        event_id(0, "long ago"),
        event_id(2**47, "in the future"),
        "00000000-0000-4000-8000-000000000001",
        "no id",
    ],
)
def test_what_is_not_there_is_not_found(logged: Logged, unknown: str) -> None:
    [event] = logged.append(1)

    found = logged.log.find([unknown, event["id"], unknown])

    assert found == {event["id"]: event}


def a_second_each(logged: Logged, count: int) -> list[Event]:
    events = []
    for number in range(count):
        events += logged.append(number)
        logged.clock.advance(1)
    return events


def test_looking_for_what_is_not_there_has_an_end_and_says_so(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be further on: nobody may be told that it is not there."""
    events = a_second_each(logged, 5)
    another = event_id(NOW, "another")
    monkeypatch.setattr(log_pages, "FIND_PAGES", 4)

    with pytest.raises(Invalid) as refused:
        logged.log.find([another, events[4]["id"]])
    monkeypatch.setattr(log_pages, "FIND_PAGES", 5)
    found = logged.log.find([another, events[4]["id"]])

    assert refused.value.code == "event_not_near"
    assert refused.value.extra == {"event_ids": [another]}
    assert found == {events[4]["id"]: events[4]}


def test_each_event_is_looked_for_in_as_many_pages_whatever_the_others_took(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_pages, "FIND_PAGES", 6)
    events = a_second_each(logged, 40)

    found = logged.log.find([event["id"] for event in events[::8]])

    assert found == {event["id"]: event for event in events[::8]}


def test_a_whole_search_has_an_end_too(logged: Logged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_pages, "FIND_PAGES_IN_ALL", 10)
    events = a_second_each(logged, 40)

    with pytest.raises(Invalid) as refused:
        logged.log.find([event["id"] for event in events[::8]])

    assert refused.value.code == "event_not_near"


def test_what_the_others_took_is_not_read_again(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_pages, "FIND_PAGES_IN_ALL", 20)
    events = a_second_each(logged, 20)

    found = logged.log.find([event["id"] for event in events])

    assert len(found) == 20
