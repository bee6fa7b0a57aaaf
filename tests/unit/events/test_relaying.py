"""Relaying: what the stream told is logged, then announced, with what messages say."""

from collections.abc import Sequence

import pytest

from chat4all.adapters.memory import (
    FakeClock,
    MemoryMessageStore,
    MemoryPublisher,
    MemoryStore,
)
from chat4all.adapters.memory.event_log import MemoryEventLog
from chat4all.errors import Unavailable
from chat4all.events import Event, accepted_event
from chat4all.events.announcing import Announcer
from chat4all.events.relaying import Relaying
from chat4all.message import Message
from chat4all.ports.events import Audience
from chat4all.timestamps import iso
from tests.builders import NOW, a_message, an_id
from tests.event_samples import AWAY, HERE, PLACE, a_place, events

pytestmark = pytest.mark.req("RF-009")


class Somebody:
    """Endpoints and connections: whether there are any."""

    def __init__(self) -> None:
        self.active = self.connected = False
        self.asked: list[int] = []

    def any_active(self) -> bool:
        return self.active

    def anyone(self, now: int) -> bool:
        self.asked.append(now)
        return self.connected


class UnreadableMessages(MemoryMessageStore):
    """Some items are none that anybody can read."""

    broken: str = ""

    def get(self, message_ids: Sequence[str], *, fresh: bool = False) -> dict[str, Message]:
        assert fresh, "a replica may not have the message yet"
        if self.broken in message_ids:
            raise KeyError("payload")
        return super().get(message_ids, fresh=fresh)


class Relay:
    def __init__(self) -> None:
        clock = FakeClock(NOW)
        self.messages = UnreadableMessages(MemoryStore())
        self.log, self.topic, self.somebody = MemoryEventLog(clock), MemoryPublisher(), Somebody()
        self.announcer = Announcer(self.topic, self.somebody, self.somebody, clock)
        self.relaying = Relaying(self.log, self.messages, self.announcer)

    def __call__(self, *told: list[Event]) -> None:
        self.relaying.relay([event for some in told for event in some])


def sequenced(*numbers: int) -> list[Event]:
    found: list[Event] = []
    for number in numbers:
        found += events(None, a_place(message_id=an_id(number), seq=number))
    return found


def test_a_batch_is_one_page_of_the_log_and_one_announcement() -> None:
    relay = Relay()
    relay.messages.add([a_message(1), a_message(2)])

    relay(sequenced(1, 2))

    assert len(relay.log.kept) == len(relay.topic.audiences) == 1
    assert relay.log.events == relay.topic.events
    texts = [event["data"]["payload"]["text"] for event in relay.log.events]
    assert texts == ["message 1", "message 2"]


def test_what_is_relayed_is_what_everybody_else_makes_of_it() -> None:
    relay = Relay()
    message = a_message(1, metadata={"order": 7})
    relay.messages.add([message])

    relay(events(None, a_place()))

    assert relay.log.events == [accepted_event(PLACE, message)]
    assert relay.log.events[0]["data"]["metadata"] == {"order": 7}


def test_a_message_that_has_expired_is_told_without_its_payload() -> None:
    relay = Relay()

    relay(sequenced(1))

    [event] = relay.topic.events
    assert event["data"]["payload"] is None
    assert "payload_omitted" not in event["data"]


def test_the_log_has_no_body_that_may_have_to_go_before_its_pages() -> None:
    relay = Relay()
    passing = a_message(1, body_until=NOW + 86_400_000, metadata={"order": 7})
    relay.messages.add([passing, a_message(2)])

    relay(sequenced(1, 2))

    live, stays = relay.topic.events
    logged, also_stays = relay.log.events
    assert live["data"]["payload"] == {"type": "text", "text": "message 1"}
    assert live["data"]["metadata"] == {"order": 7}
    assert (logged["data"]["payload"], logged["data"]["payload_omitted"]) == (None, True)
    assert live["data"]["body_until"] == iso(NOW + 86_400_000)
    assert "body_until" not in stays["data"]
    assert "metadata" not in logged["data"]
    assert (logged["id"], also_stays) == (live["id"], stays)


def test_a_message_that_nobody_can_read_holds_nothing_up() -> None:
    relay = Relay()
    relay.messages.add([a_message(1), a_message(2)])
    relay.messages.broken = an_id(1)

    relay(sequenced(1, 2))

    payloads = [event["data"]["payload"] for event in relay.log.events]
    assert payloads == [None, {"type": "text", "text": "message 2"}]


def test_what_is_transient_is_announced_and_not_kept() -> None:
    relay = Relay()

    relay(events(AWAY, HERE))

    assert [event["type"] for event in relay.topic.events] == ["presence"]
    assert relay.log.kept == []


@pytest.mark.req("RNF-003")
def test_a_log_that_is_down_keeps_the_batch_back_and_a_repeat_has_the_same_ids() -> None:
    relay = Relay()
    relay.log.down = True

    with pytest.raises(Unavailable):
        relay(sequenced(1))
    told = list(relay.topic.events)
    relay.log.down = False
    relay(sequenced(1))

    assert told == []
    assert relay.topic.events == relay.log.events


@pytest.mark.req("RNF-003")
def test_a_topic_that_is_down_gets_what_the_log_has_already() -> None:
    relay = Relay()
    relay.topic.down = True

    with pytest.raises(Unavailable):
        relay(sequenced(1))
    relay.topic.down = False
    relay(sequenced(1))

    [first, again] = relay.log.events
    assert first == again == relay.topic.events[0]


def test_nothing_is_read_or_written_for_nothing() -> None:
    relay = Relay()

    relay([])

    assert (relay.log.kept, relay.topic.audiences, relay.somebody.asked) == ([], [], [])


@pytest.mark.parametrize("active", [False, True])
@pytest.mark.parametrize("connected", [False, True])
def test_the_topic_learns_who_listens_once_a_batch(active: bool, connected: bool) -> None:
    relay = Relay()
    relay.somebody.active, relay.somebody.connected = active, connected

    relay.announcer.announce(sequenced(1, 2, 3))

    assert relay.topic.audiences == [Audience(webhooks=active, realtime=connected)]
    assert relay.somebody.asked == [NOW]
