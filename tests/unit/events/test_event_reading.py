"""GET /v1/events, inside: a reader with a cursor gets every event once, in order, five seconds
after it happened."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.adapters.memory import FakeClock
from chat4all.adapters.memory.event_log import MemoryEventLog
from chat4all.errors import Forbidden, Invalid
from chat4all.events import LOGGED, Event, event_id
from chat4all.events.reading import EventReading
from tests.builders import CURSORS, NOW, SERVICE, an_id, as_user

pytestmark = pytest.mark.req("RF-009")


class Told:
    """A log, a clock, and who reads."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOW)
        self.log = MemoryEventLog(self.clock, most=3)
        self.reading = EventReading(self.log, self.clock, CURSORS)
        self.all: list[Event] = []

    def happen(self, *kinds: str, conversation: int = 900) -> list[Event]:
        events = [an_event(len(self.all) + n, kind, conversation) for n, kind in enumerate(kinds)]
        self.log.append(events)
        self.all += events
        return events

    def read(self, limit: int = 50, **wanted):
        return self.reading.page(SERVICE, limit=limit, **wanted)


def an_event(number: int, kind: str, conversation: int) -> Event:
    data = {"conversation_id": an_id(conversation), "number": number}
    return {"id": event_id(NOW, str(number)), "type": kind, "timestamp": "t", "data": data}


def test_events_are_served_five_seconds_later() -> None:
    told = Told()
    events = told.happen("message.sent", "message.read")

    told.clock.advance(4.999)
    early = told.read()
    told.clock.advance(0.001)
    then = told.read(after=early.cursor)

    assert (early.events, early.more) == ([], False)
    assert then.events == events
    assert told.read(after=then.cursor).events == []


def test_a_time_to_begin_at_is_for_those_without_a_cursor() -> None:
    told = Told()
    told.happen("message.sent")
    told.clock.advance(10)
    [second] = told.happen("message.sent")
    told.clock.advance(10)

    since = told.read(since=NOW + 10_000)
    beside = told.read(since=0, after=since.cursor)

    assert since.events == [second]
    assert beside.events == []


def test_types_and_a_conversation_choose() -> None:
    told = Told()
    one = told.happen("message.sent", "message.read", "user.updated")
    two = told.happen("message.sent", conversation=901)
    told.clock.advance(10)

    assert told.read(types=["message.sent"]).events == [one[0], two[0]]
    assert told.read(conversation_id=an_id(901)).events == two
    assert told.read(conversation_id=an_id(900), types=["message.sent"]).events == [one[0]]


def test_users_may_not_read_what_happened_to_everybody() -> None:
    with pytest.raises(Forbidden):
        Told().reading.page(as_user("ana"), limit=50)


@pytest.mark.parametrize("kind", ["message.lost", "", "*", "typing", "presence", "endpoint.test"])
def test_a_type_that_is_not_kept_is_refused(kind: str) -> None:
    with pytest.raises(Invalid) as refused:
        Told().read(types=["message.sent", kind])

    assert refused.value.code == "unknown_event_type"


@pytest.mark.parametrize("cursor", ["x", "", CURSORS.encode("attempts w-1", f"{NOW}", 0)])
def test_a_cursor_of_somewhere_else_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        Told().read(after=cursor)

    assert refused.value.code == "bad_cursor"


@pytest.mark.parametrize(
    "cursor",
    [
        CURSORS.encode("events", "9999999999999", 0),
        CURSORS.encode("events", "0000000000000#ffffffff", 10**15 - 1),
        CURSORS.encode("events", f"{NOW}#00000000", 10**6),
    ],
)
def test_a_cursor_of_another_time_does_no_harm(cursor: str) -> None:
    told = Told()
    told.happen("message.sent")
    told.clock.advance(10)

    assert len(told.read(after=cursor).events) <= 1


kinds = st.lists(st.sampled_from(LOGGED[:4]), max_size=8)
steps = st.lists(
    st.one_of(
        st.tuples(kinds, st.sampled_from([900, 901])),  # a batch of the stream
        st.integers(min_value=1, max_value=20),  # a reader, and how much at once
        st.floats(min_value=0, max_value=8),  # seconds that pass
    ),
    max_size=40,
)


@given(
    steps,
    st.lists(st.sampled_from(LOGGED[:4]), max_size=3, unique=True),
    st.sampled_from([None, 900]),
)
def test_whoever_reads_page_by_page_gets_every_event_once_and_in_order(
    happening: list, types: list[str], conversation: int | None
) -> None:
    told = Told()
    wanted = {
        "types": types,
        "conversation_id": None if conversation is None else an_id(conversation),
    }
    got: list[Event] = []
    cursor = None
    for step in [*happening, 10.0]:
        if isinstance(step, tuple):
            told.happen(*step[0], conversation=step[1])
        elif isinstance(step, float):
            told.clock.advance(step)
        else:
            page = told.read(after=cursor, limit=step, **wanted)
            assert len(page.events) <= step
            got, cursor = got + page.events, page.cursor
    more = True
    while more:
        page = told.read(after=cursor, limit=3, **wanted)
        got, cursor, more = got + page.events, page.cursor, page.more

    assert got == [
        event
        for event in told.all
        if (not types or event["type"] in types)
        and (conversation is None or event["data"]["conversation_id"] == an_id(conversation))
    ]
