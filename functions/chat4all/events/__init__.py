"""Events: what happened, told once per change, with an id that derives from the change.

They are made from the table's stream and from nothing else, so there is no
event without its change and no change without its event; a change that is
seen twice gives the same event id. docs/events.md is the subscribers' page.

    stream record ─▶ making ─▶ relaying ─▶ the log (a page per batch)  ─▶ reading, replays
                                   └─────▶ announcing ─▶ the topic     ─▶ webhooks, sockets
"""

from chat4all.events.ids import event_id, time_of
from chat4all.events.making import events_of
from chat4all.events.messages import accepted_event, filled
from chat4all.events.types import LOGGED, TRANSIENT, TYPES, Event

__all__ = [
    "LOGGED",
    "TRANSIENT",
    "TYPES",
    "Event",
    "accepted_event",
    "event_id",
    "events_of",
    "filled",
    "time_of",
]
