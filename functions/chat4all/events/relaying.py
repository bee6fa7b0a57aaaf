"""What the table's stream told, into the log and out on the topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chat4all.events.announcing import Announcer
from chat4all.events.encoding import UNREADABLE, can_be_told
from chat4all.events.messages import filled, without_body
from chat4all.events.types import LOGGED, MESSAGE_ACCEPTED, MESSAGE_RECEIVED, Event
from chat4all.message import Message
from chat4all.ports import MessageStore
from chat4all.ports.events import NO_TRACES, EventLog

_WITH_CONTENT = frozenset({MESSAGE_ACCEPTED, MESSAGE_RECEIVED})
_LOGGED = frozenset(LOGGED)


class Relaying:
    def __init__(self, log: EventLog, messages: MessageStore, announcer: Announcer) -> None:
        self._log = log
        self._messages = messages
        self._announcer = announcer

    def relay(
        self, events: Sequence[Event], traces: Mapping[str, str] = NO_TRACES
    ) -> frozenset[str]:
        """Log and announce the events of one batch, each at least once. `traces` are clients', by
        the events' ids.

        The log is first: whoever hears of an event can read it there, a few seconds later.

        Returns:
            The ids of those that cannot be told: they are no JSON, or too large. They hold up
            nothing, and whoever calls must keep what they were made from.

        Raises:
            Unavailable: relay the batch again; what was done then has the same ids.
        """
        messages = self._wanted(events)
        filled_in = [_filled(event, messages) for event in events]
        told = [event for event in filled_in if can_be_told(event)]
        kept = [_for_the_log(event, messages) for event in told if event["type"] in _LOGGED]
        if kept:
            self._log.append(kept)
        self._announcer.announce(told, traces)
        if len(told) == len(events):
            return frozenset()
        return frozenset(e["id"] for e in events) - frozenset(e["id"] for e in told)

    def _wanted(self, events: Sequence[Event]) -> Mapping[str, Message]:
        wanted = [e["data"]["message_id"] for e in events if e["type"] in _WITH_CONTENT]
        return self._contents(list(dict.fromkeys(wanted))) if wanted else {}

    def _contents(self, message_ids: Sequence[str]) -> dict[str, Message]:
        """Written before their places, so a strong read has them, but for those that expired. One
        that cannot be read is told without its content and holds nothing up."""
        try:
            return self._messages.get(message_ids, fresh=True)
        except UNREADABLE:
            if len(message_ids) == 1:
                return {}
        found: dict[str, Message] = {}
        for message_id in message_ids:
            found |= self._contents([message_id])
        return found


def _for_the_log(event: Event, messages: Mapping[str, Message]) -> Event:
    """The log keeps for a month what is in it: so it has no body that may have to go before."""
    if event["type"] not in _WITH_CONTENT:
        return event
    message = messages.get(event["data"]["message_id"])
    if message is None or message.body_until is None:
        return event
    return without_body(event)


def _filled(event: Event, messages: Mapping[str, Message]) -> Event:
    """Without the content where that is broken."""
    if event["type"] not in _WITH_CONTENT:
        return event
    message = messages.get(event["data"]["message_id"])
    try:
        return filled(event, message)
    except UNREADABLE:
        return filled(event, None)
