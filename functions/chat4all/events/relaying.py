"""What the table's stream told, into the log and out on the topic."""

from __future__ import annotations

from collections.abc import Sequence

from chat4all.events.announcing import Announcer
from chat4all.events.encoding import UNREADABLE, can_be_told
from chat4all.events.messages import filled
from chat4all.events.types import LOGGED, MESSAGE_ACCEPTED, MESSAGE_RECEIVED, Event
from chat4all.message import Message
from chat4all.ports import MessageStore
from chat4all.ports.events import EventLog

_WITH_CONTENT = frozenset({MESSAGE_ACCEPTED, MESSAGE_RECEIVED})
_LOGGED = frozenset(LOGGED)


class Relaying:
    def __init__(self, log: EventLog, messages: MessageStore, announcer: Announcer) -> None:
        self._log = log
        self._messages = messages
        self._announcer = announcer

    def relay(self, events: Sequence[Event]) -> frozenset[str]:
        """Log and announce the events of one batch, each at least once.

        The log is first: whoever hears of an event can read it there, a few seconds later.

        Returns:
            The ids of those that cannot be told: they are no JSON, or too large. They hold up
            nothing, and whoever calls must keep what they were made from.

        Raises:
            Unavailable: relay the batch again; what was done then has the same ids.
        """
        told = [event for event in self._with_content(events) if can_be_told(event)]
        kept = [event for event in told if event["type"] in _LOGGED]
        if kept:
            self._log.append(kept)
        self._announcer.announce(told)
        if len(told) == len(events):
            return frozenset()
        return frozenset(e["id"] for e in events) - frozenset(e["id"] for e in told)

    def _with_content(self, events: Sequence[Event]) -> Sequence[Event]:
        wanted = [e["data"]["message_id"] for e in events if e["type"] in _WITH_CONTENT]
        if not wanted:
            return events
        messages = self._contents(list(dict.fromkeys(wanted)))
        return [
            _filled(event, messages.get(event["data"]["message_id"]))
            if event["type"] in _WITH_CONTENT
            else event
            for event in events
        ]

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


def _filled(event: Event, message: Message | None) -> Event:
    """Without the content where that is broken."""
    try:
        return filled(event, message)
    except UNREADABLE:
        return filled(event, None)
