"""Webhooks and their attempts as services see them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from chat4all.timestamps import iso
from chat4all.webhooks.endpoint import Attempt
from chat4all.webhooks.managing import Shown

EventId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:@+-]{1,64}$")]


class WebhookOut(BaseModel):
    webhook_id: str
    url: str
    types: list[str]
    conversation_id: str | None
    delivery: Literal["webhook", "sns"]
    description: str | None
    status: str = Field(description="ACTIVE, PAUSED, DISABLED; PENDING until SNS is confirmed.")
    disabled_reason: str | None = Field(description="gone, failing, or unsubscribed (SNS).")
    failing_since: str | None = Field(description="When the failures began that go on.")
    created_at: str

    @classmethod
    def of(cls, shown: Shown) -> WebhookOut:
        return cls(**_fields(shown))


class WebhookWithSecret(WebhookOut):
    secret: str | None = Field(description="Shown this once. null for delivery by SNS.")

    @classmethod
    def of(cls, shown: Shown) -> WebhookWithSecret:
        return cls(**_fields(shown), secret=shown.secret)


def _fields(shown: Shown) -> dict[str, object]:
    endpoint = shown.endpoint
    since = endpoint.failing_since
    return {
        **endpoint.model_dump(include=set(_SAME)),
        "types": list(endpoint.types),
        "status": shown.status,
        "disabled_reason": shown.reason,
        "failing_since": None if since is None else iso(since),
        "created_at": iso(endpoint.created_at),
    }


_SAME = ("webhook_id", "url", "conversation_id", "delivery", "description")


class WebhookPage(BaseModel):
    items: list[WebhookOut] = Field(description="All of them, the oldest first.")


class AttemptOut(BaseModel):
    event_id: str
    event_type: str
    attempt: int = Field(description="1 for the first.")
    at: str
    duration_ms: int
    status_code: int | None
    error: str | None = Field(description="null when it was taken; else a stable word.")
    next_attempt_at: str | None = Field(description="null when there is none.")
    replay_id: str | None

    @classmethod
    def of(cls, attempt: Attempt) -> AttemptOut:
        next_at = attempt.next_attempt_at
        return cls(
            **attempt.model_dump(include=set(_OF_ATTEMPT)),
            at=iso(attempt.at),
            next_attempt_at=None if next_at is None else iso(next_at),
            replay_id=attempt.replay,
        )


_OF_ATTEMPT = ("event_id", "event_type", "attempt", "duration_ms", "status_code", "error")


class AttemptPage(BaseModel):
    items: list[AttemptOut] = Field(description="The newest first.")
    next_cursor: str | None


class TestOut(BaseModel):
    event_id: str


class ReplayIn(BaseModel):
    """Either `event_ids`, or `since` and perhaps `until`."""

    model_config = ConfigDict(extra="forbid")
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


class ReplayOut(BaseModel):
    replay_id: str
    queued: int | None = Field(description="null for a range: it is read after the answer.")
