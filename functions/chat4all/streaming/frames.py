"""What a stream of messages pushes, and how messages become events of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chat4all.events import Event, accepted_event
from chat4all.events.types import MESSAGE_ACCEPTED
from chat4all.history import MessageView


@dataclass(frozen=True)
class Pushed:
    """A frame: an event, where a message of the user's own stands, or, when it is neither, that
    all has come that was missed."""

    event: Event | None = None
    status: MessageView | None = None
    cursor: str | None = None
    """A stream that begins with it goes on after this frame."""


def placed(views: Iterable[MessageView]) -> Iterator[tuple[int, Event]]:
    """With their seqs."""
    for view in views:
        if view.receipts:
            yield view.receipts.seq, accepted_event(view.receipts, view.message, whole=True)


def turn(event: Event) -> tuple[str, int]:
    """Within a conversation times follow seqs; the log's pages follow neither."""
    return event["timestamp"], event["data"]["seq"]


def lacks_content(event: Event) -> bool:
    return event["type"] == MESSAGE_ACCEPTED and event["data"].get("payload") is None
