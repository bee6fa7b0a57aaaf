"""Queues and the topic."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from chat4all.delivery import Outgoing
from chat4all.errors import Unavailable
from chat4all.ports.events import NO_TRACES, Audience


class MemoryQueue:
    """FIFO queues that keep what was sent; a repeated deduplication id is taken once."""

    def __init__(self) -> None:
        self.queues: dict[str, deque[Outgoing]] = {}
        self.hidden: list[tuple[str, str, int]] = []
        self.down = False
        self._seen: set[tuple[str, str, str]] = set()

    def send(self, queue: str, messages: Sequence[Outgoing]) -> None:
        if self.down:
            raise Unavailable(f"queue {queue}")
        for message in messages:
            key = (queue, message.group, message.deduplication_id)
            if key not in self._seen:
                self._seen.add(key)
                self.queues.setdefault(queue, deque()).append(message)

    def hide(self, queue: str, receipt_handles: Sequence[str], seconds: int) -> None:
        self.hidden += [(queue, handle, seconds) for handle in receipt_handles]

    def forget_duplicates(self) -> None:
        """As SQS does after five minutes."""
        self._seen.clear()

    def take(self, queue: str) -> list[str]:
        """The bodies that wait, in order; they are gone then."""
        waiting = self.queues.pop(queue, deque())
        return [message.body for message in waiting]


class MemoryPublisher:
    """Keeps what was published, and for whom."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []
        self.audiences: list[Audience] = []
        self.traces: dict[str, str] = {}
        self.down = False

    def publish(
        self,
        events: Sequence[Mapping[str, Any]],
        audience: Audience,
        traces: Mapping[str, str] = NO_TRACES,
    ) -> None:
        if self.down:
            raise Unavailable("events topic")
        self.events += events
        self.audiences.append(audience)
        self.traces |= traces
