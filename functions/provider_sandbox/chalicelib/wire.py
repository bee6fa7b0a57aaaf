"""What the channels have in common: the words the sandbox uses for what passes the wire."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from .errors import GraphError


@dataclass(frozen=True, slots=True)
class Send:
    """A request to send a message, found valid.

    window_hours: the person must have written within these hours; None: no window applies.
    """

    address: str
    type: str
    text: str | None
    opaque: str | None
    window_hours: float | None


@dataclass(frozen=True, slots=True)
class Notice:
    """A valid request that sends no message (mark as read, typing), and its answer."""

    answer: dict[str, Any]


@dataclass(slots=True)
class SentMessage:
    """A message a person has received. `raw` is the body exactly as it came to the API."""

    id: str
    channel: str
    account: str
    address: str
    type: str
    text: str | None
    opaque: str | None
    raw: bytes
    received_at: int
    statuses: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A status to report. `at` is epoch seconds; `code` is the reason of a failure."""

    message: SentMessage
    status: str
    at: float
    code: int | None = None

    @property
    def key(self) -> str:
        return self.message.id


@dataclass(frozen=True, slots=True)
class PersonWrote:
    """What a person wrote to our account. Posted alone, never in a batch."""

    id: str
    account: str
    address: str
    name: str
    text: str
    reply_to: str | None
    at: float

    @property
    def key(self) -> str:
        return self.address


Callback = Receipt | PersonWrote


class Channel(Protocol):
    """One provider's wire."""

    name: str
    product: str | None
    reports: tuple[str, ...]

    def address(self, given: str) -> str:
        """The one spelling of an address; raises ValueError when it is none."""

    def read(self, body: dict[str, Any]) -> Send | Notice:
        """What a request asks for; raises GraphError when the provider would refuse it."""

    def new_id(self, account: str, address: str, inbound: bool = False) -> str: ...

    def answer(self, send: Send, message_id: str) -> dict[str, Any]: ...

    def outside_window(self) -> GraphError: ...

    def receipts(self, receipts: list[Receipt]) -> dict[str, Any]:
        """One callback body for all of them, in their order."""

    def wrote(self, written: PersonWrote) -> dict[str, Any]:
        """The callback body for what a person wrote."""
