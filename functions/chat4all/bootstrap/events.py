"""Events: their relay and their log."""

from __future__ import annotations

from functools import cache

from chat4all.adapters.aws import client
from chat4all.adapters.sqs import DeadLetters
from chat4all.bootstrap.access import cursors
from chat4all.bootstrap.parts import announcer, clock, event_log, message_store, settings
from chat4all.events.reading import EventReading
from chat4all.events.relaying import Relaying


@cache
def relaying() -> Relaying:
    return Relaying(event_log(), message_store(), announcer())


@cache
def relay_dead_letters() -> DeadLetters:
    return DeadLetters(client("sqs"), settings().relay_dead_letter_queue_url)


@cache
def event_reading() -> EventReading:
    return EventReading(event_log(), clock(), cursors())
