"""What is asked for, where the product has no model of its own for it; and how much at once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from chat4all.access.client import DAY_S
from chat4all.access.tokens import LIFETIME
from chat4all.file import Checksum
from chat4all.ids import FileId, UserId
from chat4all.messaging import MAX_BATCH

MAX_PAGE = 100
"""Things on a page of a listing."""
MAX_CURSOR = 512
"""Characters."""
SEQ_END = 10**15
"""Every seq is less."""
ClientId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,64}$")]
EventId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:@+-]{1,64}$")]
_strict = ConfigDict(extra="forbid", hide_input_in_errors=True)
_oauth = ConfigDict(extra="ignore", hide_input_in_errors=True)
"""RFC 6749, section 3.2: what a server does not know it ignores."""


class Batch(BaseModel):
    """Each message as for `POST /v1/messages`."""

    model_config = _strict
    messages: Annotated[list[Any], Field(min_length=1, max_length=MAX_BATCH)] = Field(
        json_schema_extra={"items": {"$ref": "#/components/schemas/NewMessage"}}
    )


class NewMember(BaseModel):
    model_config = _strict
    user_id: UserId


class ReadUpTo(BaseModel):
    model_config = _strict
    up_to_seq: int = Field(ge=1, lt=SEQ_END)
    user_id: UserId | None = Field(None, description="For services: who has read.")


class Completion(BaseModel):
    model_config = _strict
    checksum: Checksum | None = Field(
        None, description="CRC64NVME of the whole file, base64 of eight bytes: then it is checked."
    )


class CompletionOf(Completion):
    file_id: FileId


class ClientCredentials(BaseModel):
    """RFC 6749, section 4.4; HTTP Basic works too."""

    model_config = _oauth
    grant_type: Literal["client_credentials"] = "client_credentials"
    client_id: str = Field(max_length=128)
    client_secret: str = Field(max_length=128)
    scope: str | None = Field(
        None, max_length=512, description="Only these of the client's scopes; all when left out."
    )


class Refresh(BaseModel):
    """RFC 6749, section 6, of a public client."""

    model_config = _oauth
    grant_type: Literal["refresh_token"]
    refresh_token: str = Field(max_length=128)
    client_id: str | None = Field(
        None, max_length=128, description="Not looked at: the refresh token says what it is for."
    )


class Revocation(BaseModel):
    """RFC 7009, of a public client."""

    model_config = _oauth
    token: str = Field(max_length=8192)
    token_type_hint: str | None = Field(None, max_length=64)
    client_id: str | None = Field(None, max_length=128, description="Not looked at.")


class UserTokenRequest(BaseModel):
    model_config = _strict
    expires_in: int = Field(LIFETIME, ge=60, le=LIFETIME, description="Seconds.")
    refresh: bool = Field(False, description="A refresh token as well, for the user's app.")


class RotationIn(BaseModel):
    model_config = _strict
    grace_seconds: int = Field(
        DAY_S,
        ge=0,
        le=7 * DAY_S,
        description="So long the old secret works on. 0: it is out, and what it got ends with it: "
        "refresh tokens, and what its access tokens could leave behind.",
    )


class ReplayIn(BaseModel):
    """Either `event_ids`, or `since` and perhaps `until`."""

    model_config = _strict
    event_ids: Annotated[list[EventId], Field(min_length=1, max_length=100)] | None = None
    since: AwareDatetime | None = Field(None, description="RFC 3339; when it was logged.")
    until: AwareDatetime | None = Field(None, description="Now, when left out.")

    @model_validator(mode="after")
    def _one_of_both(self) -> ReplayIn:
        if (self.event_ids is None) == (self.since is None):
            raise ValueError("say either event_ids or since")
        if self.until is not None and self.since is None:
            raise ValueError("until goes with since")
        return self
