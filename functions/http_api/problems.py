"""Errors as problem details (RFC 9457), each with a stable `code`; docs/errors.md lists them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response

from chat4all.access.limits import RateLimited
from chat4all.api.limiting import headers_of
from chat4all.errors import Rejected
from chat4all.problems import (
    CONTENT_TYPE,
    challenge,
    problem_details,
    problem_of,
    unavailable_details,
    wrong_fields,
)


def problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    extra: Mapping[str, Any] | None = None,
) -> Response[str]:
    return _response(problem_details(status, code, title, detail) | dict(extra or {}))


def _response(details: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response[str]:
    text = json.dumps(details, ensure_ascii=False, separators=(",", ":"))
    return Response(details["status"], CONTENT_TYPE, text, headers=dict(headers or {}))


def rejected(error: Rejected) -> Response[str]:
    headers = challenge(error)
    if isinstance(error, RateLimited):
        headers |= headers_of(error.allowance) | {"retry-after": str(error.allowance.reset)}
    return _response(problem_of(error), headers)


def unavailable() -> Response[str]:
    return _response(unavailable_details(), {"Retry-After": "1"})


def not_valid(errors: list[dict[str, Any]]) -> Response[str]:
    """What is wrong where."""
    if any(e.get("type") == "json_invalid" for e in errors):
        return problem(400, "bad_json", "Bad request", "The body is no JSON.")
    shown = wrong_fields(errors)
    first = shown[0]
    return problem(
        422,
        "invalid_request",
        "Unprocessable content",
        f"{first['where']}: {first['what']}",
        extra={"errors": shown},
    )
