"""What Meta's channels share: the Graph API's error bodies, the webhook handshake, signatures.

Error codes as published: developers.facebook.com/docs/graph-api/guides/error-handling and each
product's own table. Branch on codes, never on HTTP status or on the text.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from chat4all.channels.http import Answer
from chat4all.errors import (
    Chat4AllError,
    Forbidden,
    Invalid,
    TryLater,
    Unavailable,
    Undeliverable,
)
from chat4all.strict_json import loads_foreign

MAX_BODY_BYTES = 3 * 1024 * 1024
"""Meta's own limit for a webhook body."""

MAX_ID_BYTES = 1000
"""DynamoDB's keys have 2,048, ours say more than the id."""

Model = TypeVar("Model", bound=BaseModel)


class Graph(BaseModel):
    """A body of the Graph API: what we do not know in it is ignored, it grows."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


def _or_none(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


Field = TypeVar("Field")
Beside = Annotated[Field | None, WrapValidator(_or_none)]
"""What an update can do without: None for what is not there, and for what cannot be read. A
provider may change it any day, and no message is lost for it."""


def _fits_a_key(provider_id: str) -> str:
    if len(provider_id.encode()) > MAX_ID_BYTES:
        raise ValueError("too long for a key")
    return provider_id


ProviderId = Annotated[
    str, StringConstraints(min_length=1, max_length=512), AfterValidator(_fits_a_key)
]
"""A provider's id of a message: it becomes part of a key."""


class Group(Enum):
    """What kind of error a code is, and so what a connector does."""

    AUTH = "auth"
    ACCOUNT = "account"
    THROTTLE = "throttle"
    TRANSIENT = "transient"
    RECIPIENT = "recipient"
    CONTENT = "content"


def error_for(
    group: Group, code: str, reason: str, retry_after: float | None = None
) -> Chat4AllError:
    """The error to raise: try later, with the breaker open or not, or give up."""
    match group:
        case Group.AUTH | Group.ACCOUNT:
            return TryLater(code, reason, opens_breaker=True, retry_after=retry_after)
        case Group.THROTTLE:
            return TryLater(code, reason, throttled=True, retry_after=retry_after)
        case Group.TRANSIENT:
            return TryLater(code, reason, channel_down=True, retry_after=retry_after)
        case Group.RECIPIENT:
            return Undeliverable(code, reason, recipient=True)
        case Group.CONTENT:
            return Undeliverable(code, reason)


def refused(answer: Answer, group_of: Callable[[int, int | None], Group | None]) -> Chat4AllError:
    """What an answer that is no success means; one without a code we know is transient."""
    error = answer.body.get("error")
    error = error if isinstance(error, dict) else {}
    code, subcode = error.get("code"), error.get("error_subcode")
    if not isinstance(code, int):
        return error_for(
            Group.TRANSIENT, f"http_{answer.status}", "No error code.", answer.retry_after
        )
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    reason = str(details or error.get("message") or "")[:300]
    group = group_of(code, subcode if isinstance(subcode, int) else None)
    named = str(code) if not isinstance(subcode, int) else f"{code}/{subcode}"
    if group is None:
        group = Group.TRANSIENT if answer.status >= 500 else Group.CONTENT
    return error_for(group, named, reason, answer.retry_after)


def configured(model: type[Model], settings: Mapping[str, Any]) -> Model:
    """A channel's settings. Raises Unavailable, with names but no values: some are secret."""
    try:
        return model.model_validate(settings)
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, e["loc"])) for e in error.errors())
        raise Unavailable(f"channel settings, missing or wrong: {wrong}") from None


def handshake(query: Mapping[str, str], verify_token: str) -> str:
    """`hub.challenge`, for whoever knows our verify token."""
    token = query.get("hub.verify_token", "")
    if query.get("hub.mode") != "subscribe" or not hmac.compare_digest(
        token.encode("utf-8", "replace"), verify_token.encode()
    ):
        raise Forbidden("bad_verify_token", "The verify token is not ours.")
    return query.get("hub.challenge", "")[:1024]


def signed_body(body: bytes, headers: Mapping[str, str], app_secret: str) -> dict[str, Any]:
    """The JSON of a callback, once `X-Hub-Signature-256` holds for its raw bytes."""
    if len(body) > MAX_BODY_BYTES:
        raise Invalid("callback_too_large", f"A callback has at most {MAX_BODY_BYTES} bytes.")
    expected = hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
    given = headers.get("x-hub-signature-256", "")
    if not hmac.compare_digest(f"sha256={expected}".encode(), given.encode("utf-8", "replace")):
        raise Forbidden("bad_signature", "The signature does not fit the body.")
    try:
        found = loads_foreign(body)
    except (ValueError, RecursionError) as error:
        raise Invalid("callback_not_json", "The callback is no JSON.") from error
    if not isinstance(found, dict):
        raise Invalid("callback_not_object", "The callback is no JSON object.")
    return found


def read(model: type[Model], items: Iterable[Any]) -> list[Model]:
    """Those items that are what the model says. The provider adds new kinds at any time, and one
    that we cannot read must not stop the others."""
    found: list[Model] = []
    for item in items:
        try:
            found.append(model.model_validate(item))
        except ValidationError:
            continue
    return found


def as_list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def as_dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def split_text(text: str, fits: Callable[[str], bool], longest: int) -> list[str]:
    """Parts that fit, in order: cut at a line, else at a space, else between characters.

    `longest` is the most characters that a part can have.
    """
    parts: list[str] = []
    while text and not fits(text):
        size = longest
        while not fits(text[:size]):
            size = size * 3 // 4 if size > 8 else size - 1
        while size < min(longest, len(text)) and fits(text[: size + 1]):
            size += 1
        cut = max(text.rfind("\n", 1, size), 0) or max(text.rfind(" ", 1, size), 0)
        cut = cut if cut > size // 2 else size
        parts.append(text[:cut])
        text = text[cut:].lstrip(" \n") if cut < size else text[cut:]
    return [*parts, text] if text or not parts else parts


def _last_millisecond(seconds: Any) -> int:
    if not isinstance(seconds, int | str) or not 0 <= int(seconds) < 10**11:
        raise ValueError("no time in seconds")
    return int(seconds) * 1000 + 999


WholeSeconds = Annotated[int, BeforeValidator(_last_millisecond)]
"""A time that comes in whole seconds, number or text, as milliseconds: the last one that it can
mean, so that what happened within one second does not run backwards."""
