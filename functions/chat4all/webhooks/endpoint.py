"""Endpoints: who wants which events and where; the jobs that travel to them; what came of each."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from chat4all.delivery import Outgoing
from chat4all.events import Event
from chat4all.events.types import ENDPOINT_TEST, TRANSIENT
from chat4all.ids import ConversationId, deduplication_id
from chat4all.webhooks.signing import mended

ATTEMPTS = "attempts"
"""The FIFO queue of attempts that are due, one group an endpoint."""
EVERYTHING = ("*",)
"""All types of the event log. Transient ones come only to those who name them."""
MAX_ENDPOINTS = 100

_frozen = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
TypeName = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Types = Annotated[tuple[TypeName, ...], Field(min_length=1, max_length=32)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
Description = Annotated[str, StringConstraints(max_length=256)]
By = Literal["webhook", "sns"]


class EndpointStatus(StrEnum):
    """ACTIVE ◀─▶ PAUSED, by its owner; ACTIVE ─▶ DISABLED, by us; and back by its owner."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    DISABLED = "DISABLED"


class Secret(BaseModel):
    """`expires_at` (ms) is None for the one that holds; a rotated one signs beside it until then.

    Its value is in no repr, and so in no log and no traceback.
    """

    model_config = _frozen
    value: str = Field(repr=False)
    expires_at: int | None = None


def distinct(types: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, in the order given. Raises ValueError for `*` beside others."""
    if "*" in types and len(types) > 1:
        raise ValueError("`*` stands alone")
    return tuple(dict.fromkeys(types))


class NewEndpoint(BaseModel):
    """The body of `POST /v1/webhooks`."""

    model_config = _frozen
    url: Url
    types: Types = Field(description='Event types, or ["*"] for all but the transient ones.')
    conversation_id: ConversationId | None = Field(
        None, description="Only events of this conversation."
    )
    delivery: By = "webhook"
    description: Description | None = None

    _distinct = field_validator("types")(distinct)


class EndpointPatch(BaseModel):
    """The body of `PATCH /v1/webhooks/{id}`: what is left out stays as it is."""

    model_config = _frozen
    url: Url | None = None
    types: Types | None = None
    status: Literal["ACTIVE", "PAUSED"] | None = None
    description: Description | None = Field(None, description="null takes it away.")

    @field_validator("types")
    @classmethod
    def _distinct(cls, types: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if types is None else distinct(types)


class Endpoint(BaseModel):
    model_config = _frozen
    webhook_id: str
    url: str
    types: tuple[str, ...]
    conversation_id: str | None = None
    delivery: By = "webhook"
    description: str | None = None
    status: EndpointStatus = EndpointStatus.ACTIVE
    disabled_reason: str | None = None
    """`gone`: it answered 410. `failing`: for five days nothing else came of it."""
    secrets: tuple[Secret, ...] = ()
    failing_since: int | None = None
    resting_until: int | None = None
    """Nothing answers there: attempts before this time (ms) are not made."""
    created_at: int
    subscription_arn: str | None = None
    version: int = 1
    """Counts its changes: of two that are made from the same one, the second is refused."""

    @property
    def is_posted_to(self) -> bool:
        """By us: neither paused nor disabled, and not by SNS."""
        return self.status is EndpointStatus.ACTIVE and self.delivery == "webhook"

    def rests(self, now: int) -> bool:
        return self.resting_until is not None and now < self.resting_until

    def wants(self, event: Event) -> bool:
        kind, data = event["type"], event["data"]
        named = kind not in TRANSIENT if self.types == EVERYTHING else kind in self.types
        return named and self.conversation_id in (None, data.get("conversation_id"))

    def signing(self, now: int) -> list[str]:
        """The secrets that sign at this time (ms), the current one first."""
        held = sorted(self.secrets, key=lambda s: s.expires_at is not None)
        return [s.value for s in held if s.expires_at is None or s.expires_at > now]


class AttemptJob(BaseModel):
    """One attempt to post one event to one endpoint. It carries no secret and no address."""

    model_config = _frozen
    kind: Literal["attempt"] = "attempt"
    webhook_id: str
    event: Event
    attempt: int = Field(1, ge=1)
    first_at: int
    """When the event was first queued for this endpoint (ms)."""
    replay: str | None = None
    rested: int = Field(0, ge=0)
    """How often an attempt was put off because the endpoint rests."""
    due: int | None = None
    """Not before this time (ms): it waits in hops, because no schedule could be made."""
    trace: str | None = Field(None, exclude_if=lambda kept: kept is None)
    """A client's, as `tracing.carried` keeps it."""

    @field_validator("event")
    @classmethod
    def _whole(cls, event: Event) -> Event:
        if not (isinstance(event.get("id"), str) and isinstance(event.get("type"), str)):
            raise ValueError("an event has an id and a type")
        return mended(event)

    @property
    def key(self) -> str:
        """The same for the same attempt, for ever; at most 64 characters."""
        event_id = str(self.event["id"])
        numbers = f"{self.attempt}.{self.rested}"
        return deduplication_id(self.webhook_id, event_id, numbers, self.replay or "")

    @property
    def numbers(self) -> tuple[str, str, str]:
        """What tells it from other attempts at the same event."""
        return self.webhook_id, f"{self.attempt}.{self.rested}", self.replay or ""

    @property
    def is_test(self) -> bool:
        return bool(self.event["type"] == ENDPOINT_TEST)

    def outgoing(self) -> Outgoing:
        return Outgoing(
            body=self.model_dump_json(),
            group=self.webhook_id,
            deduplication_id=self.key,
            trace=self.trace,
        )


class ReplayJob(BaseModel):
    """Queue what the log has between two moments for one endpoint, a page at a time.

    `after` is a position in the log: where the page before ended. `until` is in ms.
    """

    model_config = _frozen
    kind: Literal["replay"] = "replay"
    webhook_id: str
    replay: str
    after: tuple[str, int] | None
    until: int


class Attempt(BaseModel):
    """What came of one attempt: kept for thirty days. `error` is None when it was taken."""

    model_config = _frozen
    webhook_id: str
    event_id: str
    event_type: str
    attempt: int
    at: int
    duration_ms: int
    status_code: int | None = None
    error: str | None = None
    next_attempt_at: int | None = None
    replay: str | None = None


def trial(event_id: str, timestamp: str, webhook_id: str) -> Event:
    """The event that `POST …/test` sends. It is not in the log."""
    data: dict[str, Any] = {"webhook_id": webhook_id, "message": "This is a test of your endpoint."}
    return {"id": event_id, "type": ENDPOINT_TEST, "timestamp": timestamp, "data": data}
