"""Errors over HTTP: problem details (RFC 9457), each with a stable `code`."""

from __future__ import annotations

from typing import Any

CONTENT_TYPE = "application/problem+json"


def problem_details(status: int, code: str, title: str, detail: str) -> dict[str, Any]:
    return {
        "type": f"urn:chat4all:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
    }
