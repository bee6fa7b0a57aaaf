"""Errors as problem details (RFC 9457), each with a stable `code`; docs/errors.md lists them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict, Field

from chat4all.access.limits import RateLimited
from chat4all.errors import Chat4AllError, Rejected
from chat4all.problems import CONTENT_TYPE, challenge, problem_details, wrong_fields
from http_api.limiting import headers_of


class Problem(BaseModel):
    """What a refused request is answered with."""

    model_config = ConfigDict(extra="allow")
    type: str = Field("about:blank", description="Where the code is explained.")
    title: str
    status: int
    code: str = Field(description="Stable: branch on this.")
    detail: str


def problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Response[str]:
    body = problem_details(status, code, title, detail) | dict(extra or {})
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(status, CONTENT_TYPE, text, headers=dict(headers or {}))


def rejected(error: Rejected) -> Response[str]:
    headers = challenge(error)
    if isinstance(error, RateLimited):
        headers |= headers_of(error.allowance) | {"retry-after": str(error.allowance.reset)}
    return problem(
        error.status, error.code, error.title, error.detail, headers=headers, extra=error.extra
    )


def unavailable() -> Response[str]:
    return problem(
        503,
        "unavailable",
        "Service unavailable",
        "Something under us did not answer. Send the same request again: it is safe.",
        headers={"Retry-After": "1"},
    )


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


def as_item(error: Chat4AllError) -> dict[str, Any]:
    """The same, as the outcome of one item of a batch."""
    response = rejected(error) if isinstance(error, Rejected) else unavailable()
    found: dict[str, Any] = json.loads(response.body or "{}")
    return found
