"""The log of events."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from chat4all.api.views.events import EventPage
from chat4all.bootstrap.events import event_reading
from chat4all.caller import Caller
from chat4all.timestamps import ms_of


def page(
    caller: Caller,
    *,
    after: str | None = None,
    since: datetime | None = None,
    types: Collection[str] = (),
    conversation_id: str | None = None,
    limit: int = 50,
) -> EventPage:
    """What happened, for those who missed something: after a cursor, else since a time."""
    found = event_reading().page(
        caller,
        after=after,
        since=None if since is None else ms_of(since),
        types=types,
        conversation_id=conversation_id,
        limit=limit,
    )
    return EventPage(items=found.events, next_cursor=found.cursor, has_more=found.more)
