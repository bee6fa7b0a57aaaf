"""Webhooks and their attempts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chat4all.api.views.base import View
from chat4all.timestamps import iso
from chat4all.webhooks.endpoint import Attempt
from chat4all.webhooks.managing import Shown


class WebhookOut(View):
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


class WebhookPage(View):
    items: list[WebhookOut] = Field(description="All of them, the oldest first.")


class AttemptOut(View):
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


class AttemptPage(View):
    items: list[AttemptOut] = Field(description="The newest first.")
    next_cursor: str | None


class TestOut(View):
    event_id: str


class ReplayOut(View):
    replay_id: str
    queued: int | None = Field(description="null for a range: it is read after the answer.")
