"""Clock, queues, topic, keys, settings, breakers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from chat4all.delivery import Outgoing
from chat4all.ports.events import NO_TRACES, Audience


class Clock(Protocol):
    def now(self) -> int:
        """Milliseconds since 1970."""
        ...


class Queue(Protocol):
    def send(self, queue: str, messages: Sequence[Outgoing]) -> None:
        """Durably enqueue all, in order.

        Raises:
            Unavailable: some may not have been taken; sending all again is safe for five minutes.
        """
        ...

    def hide(self, queue: str, receipt_handles: Sequence[str], seconds: int) -> None:
        """Offer these again after so long. Best effort: else the visibility time-out does it."""
        ...


class Publisher(Protocol):
    def publish(
        self,
        events: Sequence[Mapping[str, Any]],
        audience: Audience,
        traces: Mapping[str, str] = NO_TRACES,
    ) -> None:
        """Hand events to the topic, for those who listen; with a `traceparent` where `traces` has
        one for an event's id. Raises Unavailable if any was refused."""
        ...


class Signer(Protocol):
    """An RSA key that never leaves its store."""

    def sign(self, message: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256."""
        ...

    def public_key(self) -> bytes:
        """DER, SubjectPublicKeyInfo."""
        ...


class ChannelSettings(Protocol):
    def get(self, channel: str) -> Mapping[str, Any]:
        """A channel's base URL and credentials. Raises Unavailable when it is not configured."""
        ...


class BreakerState(NamedTuple):
    """`open_until` in ms; failures since the last success."""

    failures: int = 0
    open_until: int = 0


class BreakerStore(Protocol):
    def get(self, channel: str) -> BreakerState: ...

    def fail(self, channel: str, *, open_until: int | None) -> BreakerState:
        """Count a failure; open the breaker if told until when."""
        ...

    def reset(self, channel: str) -> None: ...
