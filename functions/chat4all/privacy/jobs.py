"""What travels on the queue `erasures`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from chat4all.ports.webhooks import Later

END = 10**15
"""Behind every seq."""

_frozen = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Step(StrEnum):
    PROFILE = "profile"
    FILES = "files"
    CONVERSATIONS = "conversations"


class EraseUser(BaseModel):
    """Erase a person, from here on."""

    model_config = _frozen
    kind: Literal["user"] = "user"
    user_id: str
    requested_at: int
    """Milliseconds since 1970."""
    again: bool = False
    """The second pass: what was written by tokens that still lived."""
    step: Step = Step.PROFILE
    after: str | None = None
    """Where the listing of files goes on."""
    conversation_id: str = ""
    """The conversation under way, or none; they are gone through by their ids."""
    before_seq: int = END
    """How far down its messages are done."""

    def later(self, seconds: int = 0) -> Later:
        return Later(self.model_dump_json(), seconds)


class DeleteFile(BaseModel):
    """Delete the bytes of a file that is DELETED."""

    model_config = _frozen
    kind: Literal["file"] = "file"
    file_id: str

    def later(self) -> Later:
        return Later(self.model_dump_json(), 0)


Job = Annotated[EraseUser | DeleteFile, Field(discriminator="kind")]
_job: TypeAdapter[EraseUser | DeleteFile] = TypeAdapter(Job)


def job_of(body: str) -> EraseUser | DeleteFile:
    """Raises ValidationError for what is none."""
    return _job.validate_json(body)
