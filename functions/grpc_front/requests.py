"""What is asked for, where the operations take it as single values: ids, pages, filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar

from google.protobuf.message import Message
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from chat4all.api.requests import MAX_CURSOR, MAX_PAGE, SEQ_END, ClientId
from chat4all.errors import Invalid
from chat4all.events.cursor import MAX_LENGTH as MAX_EVENTS_CURSOR
from chat4all.ids import ConversationId, FileId, IdempotencyKey, MessageId, UserId, WebhookId
from chat4all.problems import wrong_fields
from chat4all.realtime.sync_cursor import MAX_LENGTH as MAX_SYNC_CURSOR
from chat4all.uploads import MAX_URLS
from grpc_front.converting import wrong

MAX_TYPES = 32
Model = TypeVar("Model", bound=BaseModel)
Limit = Annotated[int, Field(ge=1, le=MAX_PAGE)]
Cursor = Annotated[str, StringConstraints(max_length=MAX_CURSOR)]
SyncCursor = Annotated[str, StringConstraints(max_length=MAX_SYNC_CURSOR)]
EventType = Annotated[str, StringConstraints(max_length=64)]
Words = Annotated[str, StringConstraints(max_length=128)]


class Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Nothing(Asked):
    pass


class OfUser(Asked):
    user_id: UserId


class OfMessage(Asked):
    message_id: MessageId


class OfConversation(Asked):
    conversation_id: ConversationId


class OfMember(OfConversation):
    user_id: UserId


class OfFile(Asked):
    file_id: FileId


class OfWebhook(Asked):
    webhook_id: WebhookId


class OfClient(Asked):
    client_id: ClientId


class Page(Asked):
    limit: Limit = 50
    cursor: Cursor | None = None


class AttemptsPage(OfWebhook, Page):
    pass


class MessagesPage(OfConversation, Page):
    since: int = Field(0, ge=0, lt=SEQ_END)
    before: int | None = Field(None, ge=1, lt=SEQ_END)


class ConversationsPage(Page):
    limit: Limit = 20
    user_id: UserId | None = None


class Sync(Page):
    cursor: SyncCursor | None = None
    user_id: UserId | None = None


class Keyed(Asked):
    idempotency_key: IdempotencyKey | None = None


class Parts(OfFile):
    first: int = Field(1, ge=1, le=10_000)
    count: int = Field(MAX_URLS, ge=1, le=MAX_URLS)


class Content(OfFile):
    inline: bool = False


class EventsPage(Asked):
    cursor: Annotated[str, StringConstraints(max_length=MAX_EVENTS_CURSOR)] | None = None
    since: AwareDatetime | None = None
    types: Annotated[tuple[EventType, ...], Field(max_length=MAX_TYPES)] = ()
    conversation_id: ConversationId | None = None
    limit: Limit = 50


class AuditPage(Page):
    action: Words | None = None
    actor: Words | None = None
    target: Words | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


def read(model: type[Model], given: Mapping[str, Any], inside: str = "") -> Model:
    """What was asked for, as far as its form goes. `inside` is the field that it came in.

    Raises:
        Invalid: something is missing, unknown or out of its limits; by the .proto file's names.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        found = wrong_fields(error.errors(include_input=False, include_url=False), "request")
        for each in found:
            way = each["where"].split(".")
            way = ["sender" if name == "from" else name for name in way]
            each["where"] = ".".join([inside, *way] if inside else way)
        first = found[0]
        what = f"{first['where']}: {first['what']}"
        raise Invalid("invalid_request", what, errors=found) from error


def taken_away(given: Mapping[str, Any], clearable: Sequence[str]) -> dict[str, Any]:
    """What a change names, and None for what its `clear` takes away.

    Raises:
        Invalid: that cannot be taken away, or there is something else in its place.
    """
    changed = dict(given)
    for name in changed.pop("clear", []):
        if name not in clearable:
            raise wrong(("clear",), f"only {', '.join(clearable)} can be taken away")
        if changed.get(name) is not None:
            raise wrong(("clear",), f"{name} is set, too")
        changed[name] = None
    return changed


def part(message: Message, name: str) -> Message:
    """A field that must be there. Raises Invalid."""
    if not message.HasField(name):
        raise wrong((name,), "this is missing")
    found: Message = getattr(message, name)
    return found
