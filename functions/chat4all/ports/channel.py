"""What a channel must be able to do, and what is handed to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from chat4all.delivery import Delivery, InboundUpdate, MediaPayload, StatusUpdate


class Capabilities(NamedTuple):
    """What a channel can do. A connector declares it; the core decides nothing by name.

    `payloads` are the types that it carries. Files go over every channel: see `Connector.takes`.
    """

    reports_delivered: bool
    reports_read: bool
    payloads: frozenset[str]


@dataclass(frozen=True)
class Attachment:
    """A file for a channel. `url` is public and outlives the provider's fetch."""

    filename: str
    content_type: str
    size: int
    url: str


@dataclass(frozen=True)
class Media:
    """One part of a message that is a file, with the words that belong to it."""

    attachment: Attachment
    caption: str | None = None


Part = str | Media
"""What is sent in one call: a text, or a file."""


@dataclass(frozen=True)
class Download:
    """A person's file as it comes from the provider, and what the provider says of it now.

    `content_type` is None where the announcement knew it as well; `sha256` is hex.
    """

    content_type: str | None
    size: int | None
    sha256: str | None
    chunks: Iterator[bytes]


class Connector(Protocol):
    """One channel. What a channel must be able to do, and nothing of ours besides."""

    capabilities: Capabilities

    def takes(self, content_type: str, size: int) -> bool:
        """Whether the channel carries such a file itself; people get a link to others."""
        ...

    def split(self, delivery: Delivery, attachment: Attachment | None = None) -> Sequence[Part]:
        """What to send, in order: one part, or more when it is over the channel's limit.

        `attachment` is given for a file that the channel takes.
        """
        ...

    def send(self, delivery: Delivery, part: Part, *, final: bool) -> str:
        """Hand one part to the provider; its id for it.

        Raises:
            TryLater: it was not taken, or we cannot know.
            Undeliverable: it never will be.
        """
        ...

    def download(self, wanted: MediaPayload) -> AbstractContextManager[Download]:
        """Open a file that a person sent; nothing of it is held in memory.

        Raises, also while it is read:
            TryLater: the provider did not give it now.
            Undeliverable: it never will.
        """
        ...

    def handshake(self, query: Mapping[str, str]) -> str:
        """The answer to a provider that verifies our webhook URL. Raises Forbidden."""
        ...

    def parse(
        self, body: bytes, headers: Mapping[str, str]
    ) -> Sequence[StatusUpdate | InboundUpdate]:
        """What a callback says, once its signature is verified on the raw bytes.

        `headers` have lower-case names. Raises Forbidden for a bad signature, Invalid for a
        body that is none of the channel's.
        """
        ...
