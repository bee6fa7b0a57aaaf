"""Errors as problem details (RFC 9457), each with a stable `code`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chat4all.errors import Chat4AllError, Rejected

CONTENT_TYPE = "application/problem+json"
MAX_ERRORS_SHOWN = 20
MAX_WORDS = 200
"""Characters of an error: names of fields are the client's."""
QUOTE = "'"


def problem_details(status: int, code: str, title: str, detail: str) -> dict[str, Any]:
    return {
        "type": f"urn:chat4all:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
    }


def problem_of(error: Rejected) -> dict[str, Any]:
    return problem_details(error.status, error.code, error.title, error.detail) | error.extra


def unavailable_details() -> dict[str, Any]:
    """What a request is told that met a failure under us."""
    detail = "Something under us did not answer. Send the same request again: it is safe."
    return problem_details(503, "unavailable", "Service unavailable", detail)


def as_item(error: Chat4AllError) -> dict[str, Any]:
    """The same as for a request, as the outcome of one item of a batch."""
    return problem_of(error) if isinstance(error, Rejected) else unavailable_details()


def challenge(error: Rejected) -> dict[str, str]:
    """The header that says what to come back with (RFC 6750, section 3): on every 401, and on the
    403 that a wider token would get past."""
    if error.code == "insufficient_scope":
        scope = f'error="{error.code}", scope="{error.extra["scope"]}"'
        return {"WWW-Authenticate": f"Bearer {scope}"}
    if error.code == "invalid_client":  # RFC 6749, section 5.2
        return {"WWW-Authenticate": 'Basic realm="chat4all"'}
    return {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}


def wrong_fields(errors: Sequence[Mapping[str, Any]], whole: str = "body") -> list[dict[str, str]]:
    """What pydantic found, up to 20, as `{where, what}`; `whole` is the name of it all. Values are
    not repeated: they may be private."""
    return [
        {"where": ".".join(map(str, e["loc"]))[:MAX_WORDS] or whole, "what": _words(e)[:MAX_WORDS]}
        for e in errors[:MAX_ERRORS_SHOWN]
    ]


def _words(error: Mapping[str, Any]) -> str:
    """In words for whoever wrote the request: pydantic's are for who wrote the model."""
    kind, context = str(error.get("type")), error.get("ctx") or {}
    if kind in _WORDS:
        return _WORDS[kind].format_map(context)
    match kind, context:
        case "union_tag_invalid", {"discriminator": str(name), "expected_tags": tags}:
            return f"{name.strip(QUOTE)} must be one of {tags}"
        case "union_tag_not_found", {"discriminator": str(name)}:
            return f"{name.strip(QUOTE)} is missing"
    return str(error["msg"]).removeprefix("Value error, ")


_WORDS = {
    "missing": "this is missing",
    "extra_forbidden": "there is no such field",
    "too_short": "at least {min_length} are needed",
    "too_long": "at most {max_length} are allowed",
    "string_too_short": "at least {min_length} characters are needed",
    "string_too_long": "at most {max_length} characters are allowed",
    "string_pattern_mismatch": "this does not have the form {pattern}",
    "string_type": "this must be a text",
    "bool_type": "this must be true or false",
    "int_type": "this must be a whole number",
    "int_parsing": "this must be a whole number",
    "list_type": "this must be a list",
    "tuple_type": "this must be a list",
    "dict_type": "this must be an object",
    "model_type": "this must be an object",
    "model_attributes_type": "this must be an object",
    "literal_error": "this must be {expected}",
    "greater_than_equal": "this must be at least {ge}",
    "less_than_equal": "this must be at most {le}",
    "less_than": "this must be less than {lt}",
}
"""By pydantic's names of what is wrong."""
