"""What travels on the queues of files."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from chat4all.delivery import MediaPayload, Outgoing

_frozen = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

UPLOADS = "uploads"
MEDIA = "media"


class FetchMedia(BaseModel):
    """On `media`: a person's file that wants to be fetched from its provider."""

    model_config = _frozen
    file_id: str
    channel: str
    media: MediaPayload
    message_id: str | None = None
    """The message that it came with: to its trace this belongs."""

    def outgoing(self) -> Outgoing:
        return Outgoing(
            body=self.model_dump_json(exclude_none=True),
            group=self.file_id,
            deduplication_id=self.file_id,
        )


class FinishUpload(BaseModel):
    """On `uploads`: an upload that its client says is complete."""

    model_config = _frozen
    file_id: str
    trace: str | None = None
    """The client's, if it gave one when it said so."""

    def outgoing(self) -> Outgoing:
        return Outgoing(
            body=self.model_dump_json(exclude_none=True),
            group=self.file_id,
            deduplication_id=self.file_id,
            trace=self.trace,
        )
