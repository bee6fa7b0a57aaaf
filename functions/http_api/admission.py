"""What a request passes before any route sees it: its size, its caller, its form, how many
came before it. In this order: nobody learns what a route wants who may not call it, nothing is
parsed of what is too large, and what is refused here costs the caller nothing of their minute."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from chat4all import strict_json
from chat4all.access.rules import Who
from chat4all.api.access import rule_for
from chat4all.api.admission import may, spend
from chat4all.api.limiting import headers_of
from chat4all.errors import NotFound, Rejected, TooLarge
from http_api.requests import caller_of

MAX_BODY_BYTES = 256 * 1024
FORMS = ("/auth/token", "/auth/revoke")
"""Where OAuth's clients send forms."""
READ_ONLY = ("GET", "HEAD")


def admit(event: Mapping[str, Any]) -> dict[str, str]:
    """Headers for the answer, whatever it will be.

    Raises:
        Rejected: the request goes no further.
        Unavailable: the table did not say whether the caller's minute is used up, or whether its
            client is still one.
    """
    if len((event.get("body") or "").encode("utf-8", "replace")) > MAX_BODY_BYTES:
        raise TooLarge("body_too_large", f"A body has at most {MAX_BODY_BYTES} bytes.")
    http = event["requestContext"]["http"]
    rule = rule_for(http["method"], event["rawPath"])
    if rule is None:
        raise NotFound("route_not_found", "There is no such route.")
    caller = None if rule.who is Who.ANYONE else caller_of(event)
    if caller is not None:
        may(rule, caller)
    if event.get("body") and event["rawPath"] not in FORMS and _is_form(event):
        raise UnsupportedMediaType()
    if event.get("body") and http["method"] not in READ_ONLY and _is_json(event):
        strict_json.loads(_text(event))
    if caller is None or http["method"] in READ_ONLY:
        return {}
    return headers_of(spend(caller))


def _is_form(event: Mapping[str, Any]) -> bool:
    """As curl sends it when nobody says otherwise; only tokens are asked for so."""
    content_type = (event.get("headers") or {}).get("content-type", "")
    return str(content_type).lower().startswith("application/x-www-form-urlencoded")


def _is_json(event: Mapping[str, Any]) -> bool:
    """What whoever parses it next takes for JSON."""
    if event["rawPath"] in FORMS:
        return not _is_form(event)
    content_type = str((event.get("headers") or {}).get("content-type", ""))
    return not content_type.strip() or content_type.strip().startswith("application/json")


def _text(event: Mapping[str, Any]) -> str:
    if not event.get("isBase64Encoded"):
        return str(event["body"])
    try:
        return base64.b64decode(event["body"], validate=True).decode()
    except ValueError as error:
        raise strict_json.bad_json("It is no UTF-8.") from error


class UnsupportedMediaType(Rejected):
    status = 415
    title = "Unsupported media type"

    def __init__(self) -> None:
        detail = "Send JSON, and say so: content-type: application/json."
        super().__init__("unsupported_media_type", detail)
