"""Whom the pages of the log concern, of all who listen anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chat4all.events.types import USER_ERASED, Event
from chat4all.observability import logger, without_data
from chat4all.ports import ConversationStore
from chat4all.realtime.audience import Audience
from chat4all.streaming.tail import Page

ByUser = Mapping[str, list[Event]]
"""A page's events, by the users whom they concern."""


def by_user(conversations: ConversationStore, pages: Sequence[Page]) -> dict[str, ByUser]:
    """By the pages' ids. Raises Unavailable."""
    audience = Audience(conversations, [event for page in pages for event in page.events])
    return {page.id: _of_page(audience, page) for page in pages}


def _of_page(audience: Audience, page: Page) -> ByUser:
    concerned: dict[str, list[Event]] = {}
    for event in page.events:
        for user_id in _concerns(audience, event):
            concerned.setdefault(user_id, []).append(event)
    return concerned


def _concerns(audience: Audience, event: Event) -> frozenset[str]:
    """Of an erasure nobody is told; the streams of whom it concerns end."""
    try:
        erased = {event["data"]["user_id"]} if event["type"] == USER_ERASED else set()
        return audience.of(event) | erased
    except (LookupError, TypeError, AttributeError) as error:  # written by a newer version
        logger().warning("event for nobody", event_id=event["id"], reason=without_data(error))
        return frozenset()
