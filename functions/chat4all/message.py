"""A message: what a sender said, and to whom. It never changes once it is accepted, but for its
body, which may go before it: then `ErasedPayload` stands in its place."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from chat4all.ids import ChannelName, ConversationId, FileId, MessageId, UserId

MAX_TEXT = 4096
"""Characters in a text: the limit of the most generous channel (WhatsApp)."""
MAX_CAPTION = 1024
"""Characters with a file: the limit of the most generous channel (WhatsApp)."""
MAX_PARAMETER = 1024
"""Characters of each parameter of a template; all together have as many as a text."""
MAX_METADATA_BYTES = 2048
EXACT = 2**53
"""Whole numbers up to here a double holds exactly. Of larger ones gRPC has the nearest double, so
that a message with such a number is not the same by both doors."""
ALL_CHANNELS = "all"

_frozen = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def whole(text: str) -> str:
    """The text itself. Raises ValueError for half a surrogate pair: JSON can hold one, UTF-8
    cannot, and so nothing that is stored may have it. Pydantic looks only where a text has a
    limit or a pattern."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("half a surrogate pair is no character") from error
    return text


class TextPayload(BaseModel):
    model_config = _frozen
    type: Literal["text"]
    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT)]


class TemplatePayload(BaseModel):
    """A message that the provider approved beforehand; WhatsApp opens conversations only so."""

    model_config = _frozen
    type: Literal["template"]
    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,512}$")]
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([_-][A-Za-z]{2,4})?$")]
    parameters: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=MAX_PARAMETER)], ...],
        Field(max_length=32, description=f"{MAX_TEXT} characters all together."),
    ] = ()

    @field_validator("parameters")
    @classmethod
    def _bounded(cls, parameters: tuple[str, ...]) -> tuple[str, ...]:
        if sum(map(len, parameters)) > MAX_TEXT:
            raise ValueError(f"at most {MAX_TEXT} characters are allowed all together")
        return parameters


class FilePayload(BaseModel):
    """A file that is READY, the sender's own or one that was shared with them."""

    model_config = _frozen
    type: Literal["file"]
    file_id: FileId
    caption: Annotated[str, StringConstraints(min_length=1, max_length=MAX_CAPTION)] | None = None


class FileContent(FilePayload):
    """The same with what is known of the file, so that a message can be shown by itself. What a
    person sends on a channel is fetched after the message: its size is not known before."""

    filename: str
    content_type: str
    size: int | None = None


class UnsupportedPayload(BaseModel):
    """What a person sent on a channel and we cannot carry yet. Never accepted over the API."""

    model_config = _frozen
    type: Literal["unsupported"]
    kind: str


class Erasure(StrEnum):
    """Why a body is gone."""

    RETENTION = "retention"
    """Its conversation keeps bodies for so many days, and they are over."""
    USER_ERASED = "user_erased"
    """Whoever wrote it was erased."""


class ErasedPayload(BaseModel):
    """In the place of a body that is gone, so that the history has no hole. Nobody can send it."""

    model_config = _frozen
    type: Literal["erased"] = "erased"
    reason: Erasure


Sendable = Annotated[TextPayload | TemplatePayload | FilePayload, Field(discriminator="type")]
Payload = Annotated[
    TextPayload | TemplatePayload | FileContent | UnsupportedPayload | ErasedPayload,
    Field(discriminator="type"),
]
Metadata = dict[
    Annotated[str, StringConstraints(min_length=1, max_length=64)],
    str | int | float | bool | None,
]


def bounded_metadata(metadata: Metadata) -> Metadata:
    """Raises ValueError for what is too long, and for what cannot be told as JSON in UTF-8."""
    for value in metadata.values():
        if isinstance(value, str):
            whole(value)
    if len(json.dumps(metadata, allow_nan=False)) > MAX_METADATA_BYTES:
        raise ValueError(f"metadata is limited to {MAX_METADATA_BYTES} bytes of JSON")
    return metadata


def _one_form(value: Any) -> Any:
    """2.0 is 2: JSON can write both, and some formats have only one of them."""
    whole_number = isinstance(value, float) and value.is_integer() and abs(value) <= EXACT
    return int(value) if whole_number else value


class NewMessage(BaseModel):
    """The body of `POST /v1/messages`."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, hide_input_in_errors=True
    )
    message_id: MessageId | None = None
    conversation_id: ConversationId
    sender: UserId | None = Field(
        None, alias="from", description="A member. May be left out by a user's own token."
    )
    to: Annotated[tuple[UserId, ...], Field(min_length=1, max_length=100)] | None = Field(
        None, description="Members who get it; all of them when left out."
    )
    channels: Annotated[tuple[ChannelName, ...], Field(min_length=1, max_length=16)] | None = Field(
        None,
        description="Each of these channels, or `all`. Left out: the recipient's preferred "
        "channel, then the next one if that fails.",
    )
    payload: Sendable
    metadata: Metadata = Field(default_factory=dict, max_length=32)

    @field_validator("metadata")
    @classmethod
    def _bounded(cls, metadata: Metadata) -> Metadata:
        return bounded_metadata(metadata)

    def fingerprint(self, subject: str) -> str:
        """SHA-256 of the fields as sent and of who sent them: a repeat has the same one, by
        whichever door it comes (for numbers: up to EXACT)."""
        sent = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        if "metadata" in sent:
            sent["metadata"] = {name: _one_form(value) for name, value in self.metadata.items()}
        canonical = json.dumps([subject, sent], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


class Message(BaseModel):
    """An accepted message. Times are milliseconds since 1970, as everywhere in here."""

    model_config = _frozen
    message_id: str
    conversation_id: str
    sender: str
    to: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    payload: Payload
    metadata: dict[str, Any] = Field(default_factory=dict)
    fingerprint: str
    accepted_at: int
    origin: str | None = None
    """The channel that it came in by; None when it came over the API."""
    body_until: int | None = None
    """From then on its body is gone; None for one that stays."""
    trace: str | None = None
    """The client's, as `tracing.carried` keeps it. What it says is no part of the fingerprint."""

    def erased(self, reason: Erasure) -> Message:
        """The same without its body: what was sent, the fingerprint, by which short texts could
        be guessed, and the trace, which a client chose."""
        payload = ErasedPayload(reason=reason)
        gone = {"payload": payload, "metadata": {}, "fingerprint": "", "trace": None}
        return self.model_copy(update=gone)

    def at(self, now: int) -> Message:
        """As it is to be shown at a time: without its body once that is over."""
        over = self.body_until is not None and now >= self.body_until
        if not over or isinstance(self.payload, ErasedPayload):
            return self
        return self.erased(Erasure.RETENTION)

    def recipients(self, members: frozenset[str]) -> list[str]:
        """Whom it goes to, sorted: `to` as far as they are still members, else all others."""
        chosen = members if self.to is None else members.intersection(self.to)
        return sorted(chosen - {self.sender})
