"""What a request passes before any route sees it: its size, its caller, its form. In this order:
nobody learns what a route wants who may not call it, and nothing is parsed of what is too large."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chat4all.access import Who
from chat4all.errors import NotFound, Rejected, TooLarge
from http_api.access import rule_for
from http_api.requests import caller_of

MAX_BODY_BYTES = 256 * 1024
READ_ONLY = ("GET", "HEAD")


def admit(event: Mapping[str, Any]) -> dict[str, str]:
    """Headers for the answer, whatever it will be.

    Raises:
        Rejected: the request goes no further.
    """
    if len((event.get("body") or "").encode("utf-8", "replace")) > MAX_BODY_BYTES:
        raise TooLarge("body_too_large", f"A body has at most {MAX_BODY_BYTES} bytes.")
    http = event["requestContext"]["http"]
    rule = rule_for(http["method"], event["rawPath"])
    if rule is None:
        raise NotFound("route_not_found", "There is no such route.")
    if rule.who is not Who.ANYONE:
        rule.admit(caller_of(event))
    if event.get("body") and event["rawPath"] != "/auth/token" and _is_form(event):
        raise UnsupportedMediaType()
    return {}


def _is_form(event: Mapping[str, Any]) -> bool:
    """As curl sends it when nobody says otherwise; only tokens are asked for so."""
    content_type = (event.get("headers") or {}).get("content-type", "")
    return str(content_type).lower().startswith("application/x-www-form-urlencoded")


class UnsupportedMediaType(Rejected):
    status = 415
    title = "Unsupported media type"

    def __init__(self) -> None:
        detail = "Send JSON, and say so: content-type: application/json."
        super().__init__("unsupported_media_type", detail)
