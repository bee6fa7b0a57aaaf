"""Read the log: for those who missed something, and for those who would rather ask."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from chat4all.caller import Caller
from chat4all.cursors import Cursors
from chat4all.errors import Invalid
from chat4all.events.cursor import LogCursor
from chat4all.events.types import LOGGED, Event
from chat4all.ports import Clock
from chat4all.ports.events import EventLog, Wanted

READ_BEHIND_MS = 5_000
"""What is this old shows to every reader, so nothing ever appears behind a cursor."""


@dataclass(frozen=True)
class EventPage:
    """`cursor` is always there: it goes on where this page ended, now or later."""

    events: list[Event]
    cursor: str
    more: bool


class EventReading:
    def __init__(self, log: EventLog, clock: Clock, cursors: Cursors) -> None:
        self._log = log
        self._clock = clock
        self._cursors = cursors

    def page(
        self,
        caller: Caller,
        *,
        after: str | None = None,
        since: int | None = None,
        types: Collection[str] = (),
        conversation_id: str | None = None,
        limit: int,
    ) -> EventPage:
        """Events up to five seconds ago, in the order of the log: after a cursor, else since a time
        (ms), else all that are kept. No types mean all of them.

        Raises:
            Forbidden: a user asks; events tell of everybody.
            Invalid: the cursor or a type is none of this log's.
        """
        caller.must_be_service()
        begin = self._begin(after, since)
        page = self._log.read(
            begin.after,
            until=self._clock.now() - READ_BEHIND_MS,
            limit=limit,
            wanted=wanted_of(types, conversation_id),
            given=begin.beyond,
        )
        cursor = begin.moved(page.position).encoded(self._cursors)
        return EventPage(page.events, cursor, page.more)

    def _begin(self, after: str | None, since: int | None) -> LogCursor:
        if after is not None:
            return LogCursor.decoded(self._cursors, after)
        return LogCursor(self._log.at(since or 0))


def wanted_of(types: Collection[str], conversation_id: str | None) -> Wanted | None:
    """What tells the events that somebody asks for; None for all. Raises Invalid."""
    for unknown in sorted(set(types) - set(LOGGED)):
        raise Invalid("unknown_event_type", f"`{unknown}` is no type of event that is kept.")
    if not types and conversation_id is None:
        return None

    def wanted(event: Event) -> bool:
        return (not types or event["type"] in types) and (
            conversation_id is None or event["data"].get("conversation_id") == conversation_id
        )

    return wanted
