"""What clients say over a socket."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from chat4all import strict_json
from chat4all.errors import Invalid, TooLarge
from chat4all.ids import ConversationId
from chat4all.message import NewMessage
from chat4all.problems import wrong_fields
from chat4all.tracing import carried

MAX_FRAME_BYTES = 32 * 1024
"""API Gateway ends the connection of a client that sends a larger one."""
MAX_RESUMED = 100
"""Conversations in one question."""

Seq = Annotated[int, Field(ge=1, lt=10**15)]
RequestId = Annotated[str, Field(min_length=1, max_length=64)]


def _kept(traceparent: object) -> str | None:
    """What is no such header counts as not sent, as by the other doors."""
    return carried(traceparent) if isinstance(traceparent, str) else None


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    request_id: RequestId | None = None


class Send(_Frame):
    action: Literal["send"]
    message: NewMessage
    traceparent: Annotated[str | None, BeforeValidator(_kept)] = None
    """W3C's, as a header elsewhere: the trace that the message belongs to. Only what `carried`
    keeps of it."""


class Read(_Frame):
    action: Literal["read"]
    conversation_id: ConversationId
    up_to_seq: Seq


class Ack(_Frame):
    action: Literal["ack"]
    conversation_id: ConversationId
    up_to_seq: Seq


class Typing(_Frame):
    action: Literal["typing"]
    conversation_id: ConversationId
    typing: bool = True


class Ping(_Frame):
    action: Literal["ping"]


class Resume(_Frame):
    """By the last seq of each conversation, or by a cursor; with neither, what was never
    delivered."""

    action: Literal["resume"]
    conversations: (
        Annotated[
            dict[ConversationId, Annotated[int, Field(ge=0, lt=10**15)]],
            Field(min_length=1, max_length=MAX_RESUMED),
        ]
        | None
    ) = None
    cursor: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Resume:
        if self.conversations is not None and self.cursor is not None:
            raise ValueError("either conversations or a cursor")
        return self


class Renew(_Frame):
    action: Literal["renew"]
    token: Annotated[str, Field(max_length=8192)]


Frame = Send | Read | Ack | Typing | Ping | Resume | Renew
_frame: TypeAdapter[Frame] = TypeAdapter(Annotated[Frame, Field(discriminator="action")])


def parsed(body: str) -> Any:
    """The JSON of a frame. Raises Rejected for what is too large, and for what is none."""
    if len(body.encode("utf-8", "replace")) > MAX_FRAME_BYTES:
        raise TooLarge("body_too_large", f"A frame has at most {MAX_FRAME_BYTES} bytes.")
    return strict_json.loads(body)


def frame_of(value: Any) -> Frame:
    """Raises Invalid, saying what is wrong where, but not with which value: it may be private."""
    try:
        return _frame.validate_python(value)
    except ValidationError as error:
        shown = wrong_fields(error.errors(include_input=False, include_url=False), "frame")
        first = f"{shown[0]['where']}: {shown[0]['what']}"
        raise Invalid("invalid_request", first, errors=shown) from error


def request_id_of(value: Any) -> str | None:
    """As far as it can be made out, also of a frame that is refused."""
    found = value.get("request_id") if isinstance(value, dict) else None
    return found if isinstance(found, str) and len(found) <= 64 else None
