"""Tell the topic what happened, and the topic's filters who listens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from chat4all.events.types import Event
from chat4all.ports import Clock, Publisher
from chat4all.ports.events import NO_TRACES, Audience


class Endpoints(Protocol):
    def any_active(self) -> bool:
        """Whether any webhook endpoint wants events. Strongly consistent."""
        ...


class Connections(Protocol):
    def anyone(self, now: int) -> bool:
        """Whether anybody is connected, or was a while ago. Strongly consistent."""
        ...


class Announcer:
    def __init__(
        self, publisher: Publisher, endpoints: Endpoints, connections: Connections, clock: Clock
    ) -> None:
        self._publisher = publisher
        self._endpoints = endpoints
        self._connections = connections
        self._clock = clock

    def announce(self, events: Sequence[Event], traces: Mapping[str, str] = NO_TRACES) -> None:
        """Publish events, at least once. Who listens is read after they happened: an endpoint that
        was there before an event gets it. `traces` are clients', by the events' ids.

        Raises:
            Unavailable: some may not have been published; announce all again.
        """
        if not events:
            return
        audience = Audience(
            webhooks=self._endpoints.any_active(),
            realtime=self._connections.anyone(self._clock.now()),
        )
        self._publisher.publish(events, audience, traces)
