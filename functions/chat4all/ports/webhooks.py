"""Endpoints, their attempts, what waits for them, and the way to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from chat4all.webhooks.addresses import Destination
from chat4all.webhooks.endpoint import Attempt, Endpoint


class EndpointStore(Protocol):
    """Strongly consistent throughout: what was registered is told of the very next event."""

    def add(self, endpoint: Endpoint) -> None: ...

    def get(self, webhook_id: str) -> Endpoint | None: ...

    def list(self) -> Sequence[Endpoint]:
        """All of them, the oldest first."""
        ...

    def update(self, endpoint: Endpoint, **changes: Any) -> Endpoint:
        """The endpoint as it is then. A change to None takes the value away.

        Raises:
            Raced: it is not as `endpoint` any more, or gone.
        """
        ...

    def delete(self, webhook_id: str) -> None:
        """No error if there is none."""
        ...

    def any_active(self) -> bool:
        """Whether there is one that we post to."""
        ...


class AttemptKey(NamedTuple):
    """Where a listing goes on."""

    at: int
    event_id: str
    attempt: int


class AttemptStore(Protocol):
    def add(self, attempts: Sequence[Attempt]) -> None: ...

    def page(
        self, webhook_id: str, before: AttemptKey | None, limit: int
    ) -> tuple[list[Attempt], AttemptKey | None]:
        """The newest first, and where to go on if there are more."""
        ...


class Later(NamedTuple):
    body: str
    seconds: int


class Delayed(Protocol):
    """A standard queue, `webhooks` or `erasures`: what it gets becomes due after at most fifteen
    minutes."""

    def send(self, messages: Sequence[Later]) -> None:
        """Raises Unavailable: some may have been taken, so a repeat may double them."""
        ...


class Scheduler(Protocol):
    def at(self, name: str, when: int, body: str) -> None:
        """Put a body on the queue `webhooks` at a time (ms), within about a minute.

        A name that is known already changes nothing. At most 64 characters. Raises Unavailable,
        also when there are too many or they come too fast.
        """
        ...


class Offered(Protocol):
    """The messages that this invocation was given from the queue `attempts`."""

    def remove(self, receipt_handles: Sequence[str]) -> None:
        """Take them off before the invocation ends. Best effort: its end does it, too."""
        ...


class SubscriptionState(StrEnum):
    """PENDING until the subscriber has confirmed; GONE when they ended it or never confirmed."""

    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    GONE = "GONE"


class EventFilter(NamedTuple):
    """What a subscription lets through: nothing while it is paused."""

    types: tuple[str, ...]
    conversation_id: str | None = None
    paused: bool = False


class Subscriptions(Protocol):
    """Plain HTTP(S) subscriptions of the topic: the topic's service posts and retries itself."""

    def subscribe(self, url: str, wanted: EventFilter) -> str:
        """The subscription's ARN. Raises Raced if the URL has one already."""
        ...

    def change(self, arn: str, wanted: EventFilter) -> None:
        """No error if the subscription is gone."""
        ...

    def state(self, arn: str) -> SubscriptionState: ...

    def unsubscribe(self, arn: str) -> None:
        """No error if it is gone. One that was never confirmed ends by itself."""
        ...


class Resolver(Protocol):
    def resolve(self, host: str, port: int) -> Sequence[str]:
        """All addresses of a name, now; none when it has none or nobody can say."""
        ...


class Posted(NamedTuple):
    """The answer, or the word for why there is none. `retry_after` in seconds."""

    status_code: int | None = None
    error: str | None = None
    retry_after: float | None = None


class Poster(Protocol):
    def post(
        self, to: Destination, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> Posted:
        """POST to one of the destination's addresses, and to no other; redirects are not
        followed. It ends within so many seconds, however slowly the answer drips."""
        ...
