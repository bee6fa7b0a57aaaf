"""What WhatsApp accepts as the content of a message, and the code it refuses the rest with.

100 malformed or too long, 131008 missing, 131009 bad value, 131051 unknown type.
"""

import re
from collections.abc import Callable
from typing import Any

from .errors import GraphError
from .media_rules import WHATSAPP
from .wire import Media

Part = dict[str, Any]


def phone_number(given: object) -> str:
    """The digits of a phone number; `+`, spaces, dots, dashes and brackets are taken out."""
    digits = re.sub(r"[+\s().-]", "", given) if isinstance(given, str) else ""
    if not (digits.isascii() and digits.isdigit() and 5 <= len(digits) <= 20):
        raise ValueError(f"{given!r} is not a phone number")
    return digits


def check_content(body: Part) -> str:
    """The type of the message in a send; raises GraphError unless its content is valid."""
    kind = body.get("type", "text")
    rule = _RULES.get(kind) if isinstance(kind, str) else None
    if rule is None:
        raise GraphError(131051, f"Message type is not supported: {kind}")
    context = body.get("context")
    if context is not None:
        _required(_object(context, "context"), "message_id", "context")
    if body.get(kind) is None:
        raise GraphError(131008, f"The parameter {kind} is required")
    rule(body[kind], kind)
    return str(kind)


def _object(value: object, where: str) -> Part:
    if not isinstance(value, dict):
        raise GraphError(100, f"{where} must be an object")
    return value


def _objects(value: object, where: str, most: int) -> list[Part]:
    if not isinstance(value, list) or not value:
        raise GraphError(131008, f"{where} must be a list that is not empty")
    if len(value) > most:
        raise GraphError(131009, f"{where} may have at most {most} items")
    return [_object(item, where) for item in value]


def _required(part: Part, name: str, where: str) -> str:
    value = part.get(name)
    if value is None or value == "":
        raise GraphError(131008, f"The parameter {where}.{name} is required")
    if not isinstance(value, str):
        raise GraphError(100, f"{where}.{name} must be a string")
    return value


def _short(value: object, name: str, most: int, code: int = 100) -> None:
    if value is not None and not (isinstance(value, str) and len(value) <= most):
        raise GraphError(code, f"{name} must be a string of at most {most} characters")


def _text(given: object, kind: str) -> None:
    _short(_required(_object(given, kind), "body", kind), "text.body", 4096)


def _media(given: object, kind: str) -> None:
    part = _object(given, kind)
    if not (part.get("id") or part.get("link")):
        raise GraphError(131008, f"{kind} needs an id or a link")
    if part.get("link") is not None and not str(part["link"]).startswith(("http://", "https://")):
        raise GraphError(131009, f"{kind}.link must be an http(s) URL")
    _short(part.get("caption"), f"{kind}.caption", 1024)
    _short(part.get("filename"), f"{kind}.filename", 240)
    if part.get("caption") is not None and not WHATSAPP[kind].captioned:
        raise GraphError(100, f'Unexpected key "caption" on param "{kind}"')
    if part.get("filename") is not None and kind != "document":
        raise GraphError(100, f'Unexpected key "filename" on param "{kind}"')


def media_of(body: Part, kind: str) -> Media | None:
    """The media of a send that was found valid; an id goes before a link."""
    if kind not in WHATSAPP:
        return None
    part = body[kind]
    named = {name: part.get(name) for name in ("filename", "caption")}
    if part.get("id"):
        return Media(kind, id=str(part["id"]), **named)
    return Media(kind, link=part["link"], **named)


def _template(given: object, kind: str) -> None:
    part = _object(given, kind)
    _required(part, "name", kind)
    _required(_object(part.get("language") or {}, "template.language"), "code", "template.language")
    if not isinstance(part.get("components", []), list):
        raise GraphError(100, "template.components must be a list")


def _reaction(given: object, kind: str) -> None:
    part = _object(given, kind)
    _required(part, "message_id", kind)
    if not isinstance(part.get("emoji"), str):  # an empty one takes the reaction back
        raise GraphError(131008, "The parameter reaction.emoji is required")


def _location(given: object, kind: str) -> None:
    part = _object(given, kind)
    for name, limit in (("latitude", 90.0), ("longitude", 180.0)):
        if part.get(name) is None:
            raise GraphError(131008, f"The parameter location.{name} is required")
        try:
            inside = abs(float(part[name])) <= limit
        except (TypeError, ValueError):
            inside = False
        if not inside:
            raise GraphError(131009, f"location.{name} is not a {name}")


def _contacts(given: object, kind: str) -> None:
    for contact in _objects(given, kind, most=257):
        name = _object(contact.get("name") or {}, "contacts.name")
        _required(name, "formatted_name", "contacts.name")


def _interactive(given: object, kind: str) -> None:
    part = _object(given, kind)
    form = _required(part, "type", kind)
    action = _object(part.get("action") or {}, "interactive.action")
    words = _object(part.get("body") or {}, "interactive.body")
    _short(_required(words, "text", "interactive.body"), "interactive.body.text", 4096)
    if form == "button":
        for button in _objects(action.get("buttons"), "interactive.action.buttons", most=3):
            reply = _object(button.get("reply") or {}, "reply")
            _required(reply, "id", "reply")
            _short(_required(reply, "title", "reply"), "reply.title", 20, code=131009)
    elif form == "list":
        _required(action, "button", "interactive.action")
        sections = _objects(action.get("sections"), "interactive.action.sections", most=10)
        rows = [row for one in sections for row in _objects(one.get("rows"), "rows", most=10)]
        if len(rows) > 10:
            raise GraphError(131009, "a list may have at most 10 rows in all its sections")
        for row in rows:
            _required(row, "id", "row")
            _short(_required(row, "title", "row"), "row.title", 24, code=131009)
    elif form not in ("cta_url", "location_request_message", "flow", "product", "product_list"):
        raise GraphError(131009, f"interactive.type is not known: {form}")


_RULES: dict[str, Callable[[object, str], None]] = {
    "text": _text,
    "template": _template,
    "interactive": _interactive,
    "reaction": _reaction,
    "location": _location,
    "contacts": _contacts,
    **dict.fromkeys(WHATSAPP, _media),
}
