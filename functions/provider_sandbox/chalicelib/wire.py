"""What the channels have in common: the words the sandbox uses for what passes the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from .errors import GraphError, MediaFailed
from .media_rules import MediaRule


@dataclass(frozen=True, slots=True)
class Media:
    """The media of a message to a person; replaced whole, so a reader needs no lock.

    There is either a link or the id of an upload. Size and SHA-256 (hex) are of the bytes
    that were fetched or uploaded; they are unknown until the state is `fetched`.
    """

    type: str
    link: str | None = None
    id: str | None = None
    mime_type: str | None = None
    filename: str | None = None
    caption: str | None = None
    size: int | None = None
    sha256: str | None = None
    state: Literal["fetching", "fetched", "failed"] = "fetching"
    error: str | None = None


@dataclass(frozen=True, slots=True)
class WrittenMedia:
    """The media of a message from a person, whose words are the message's text: WhatsApp's
    caption. `url` is where Instagram hands the bytes out; WhatsApp does so by the id."""

    type: str
    id: str
    url: str
    mime_type: str
    filename: str | None
    sha256: bytes
    size: int


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
    media: Media | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A valid request that sends no message (mark as read, typing), and its answer."""

    answer: dict[str, Any]


@dataclass(slots=True)
class SentMessage:
    """A message a person has received. `raw` is the body exactly as it came to the API. `planned`:
    the statuses that are reported; None while that is not known, as its media are fetched first.
    """

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
    planned: list[str] | None = None
    media: Media | None = None

    def awaited(self) -> list[str] | None:
        """Planned statuses that our receiver has not taken yet."""
        if self.planned is None:
            return None
        return [status for status in self.planned if status not in self.statuses]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A status to report. `at` is epoch seconds; `code` is the reason of a failure, which
    `details` tell more of if they are known."""

    message: SentMessage
    status: str
    at: float
    code: int | None = None
    details: str | None = None

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
    text: str | None
    reply_to: str | None
    at: float
    media: WrittenMedia | None = None

    @property
    def key(self) -> str:
        return self.address


Callback = Receipt | PersonWrote


class Channel(Protocol):
    """One provider's wire.

    text_beside_media: one message from a person may have both; else its text is a caption.
    reports_failures: a failure that shows after acceptance is told by a status. Where it is
    not, media are fetched before the answer.
    """

    name: str
    product: str | None
    reports: tuple[str, ...]
    reports_failures: bool
    text_beside_media: bool
    media_rules: Mapping[str, MediaRule]

    def address(self, given: str) -> str:
        """The one spelling of an address; raises ValueError when it is none."""

    def read(self, body: dict[str, Any]) -> Send | Notice:
        """What a request asks for; raises GraphError when the provider would refuse it."""

    def new_id(self, account: str, address: str, inbound: bool = False) -> str: ...

    def answer(self, send: Send, message_id: str) -> dict[str, Any]: ...

    def outside_window(self) -> GraphError: ...

    def media_refused(self, problem: MediaFailed) -> GraphError:
        """The code and the words with which this provider tells of media it cannot send."""

    def receipts(self, receipts: list[Receipt]) -> dict[str, Any]:
        """One callback body for all of them, in their order."""

    def wrote(self, written: PersonWrote) -> dict[str, Any]:
        """The callback body for what a person wrote."""
