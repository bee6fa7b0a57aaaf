"""The log of events, and who listens to the topic."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from chat4all.events.types import Event

Wanted = Callable[[Event], bool]
NOTHING: Mapping[str, int] = {}
NO_TRACES: Mapping[str, str] = {}


class Position(NamedTuple):
    """Where reading goes on: so many events into a page. Pages sort as text: 13 digits of
    milliseconds, and for a page that is there `#` and 8 hexadecimal digits."""

    page: str
    index: int = 0  # type: ignore[assignment]  # tuples have a method of this name


class Page(NamedTuple):
    """Events that were logged together, under the id that `Position.page` has."""

    id: str
    events: Sequence[Event]


class LogPage(NamedTuple):
    """Events in the log's order, where to go on, and whether there is more by now."""

    events: list[Event]
    position: Position
    more: bool


class EventLog(Protocol):
    """What happened in the last 30 days.

    Nothing is ever missing behind what was read, as long as readers stay `READ_BEHIND_MS` (see
    `events.reading`) behind the clock: an append takes its place right before it writes, and one
    that took longer than three seconds does not count, so the batch comes again. What comes
    again may be in the log twice, with the same ids.
    """

    def append(self, events: Sequence[Event]) -> None:
        """Add events at the end, in their order. None of them may be transient, and each must be
        one that can be told (see `events.encoding`).

        Raises:
            Unavailable: not all are in the log in good time; append them all again.
        """
        ...

    def read(
        self,
        after: Position | None,
        *,
        until: int,
        limit: int,
        wanted: Wanted | None = None,
        given: Mapping[str, int] = NOTHING,
    ) -> LogPage:
        """Up to `limit` events that are `wanted`, of those logged up to `until` (ms); from the
        beginning when `after` is None. Of the pages in `given`, so many events are left out.

        It looks through a bounded number of pages: with `wanted`, a page may be empty and there
        be more.
        """
        ...

    def pages(
        self, first: str, until: int, *, fresh: bool = True, but: Container[str] = ()
    ) -> Iterator[Page]:
        """From `first` up to `until` (ms), by time, and read as they are taken; those in `but`
        are passed over. One that is not `fresh` costs half, and may lack what was just written.

        Raises:
            Unavailable: also between two pages.
        """
        ...

    def find(self, event_ids: Sequence[str]) -> dict[str, Event]:
        """Those that are there. Each is looked for from five seconds before its id's time on, for
        as long as the stream may be late.

        Raises:
            Invalid: `event_not_near`: there is too much in the log after an id's time to look
                through, so that nobody can say whether it is there. `event_ids` names it.
        """
        ...

    def at(self, ms: int) -> Position:
        """Where reading from a time begins."""
        ...


class Audience(NamedTuple):
    """Who listens. What nobody listens to goes into no queue, and costs nothing there."""

    webhooks: bool
    realtime: bool
