"""Reading JSON that somebody else wrote, with messages that name the faulty field."""

import json
import math
from typing import Any

from .errors import BadInput


def as_bytes(raw: str | bytes) -> bytes:
    """A request's body; Chalice hands it over as text when it is called without a server."""
    return raw.encode() if isinstance(raw, str) else raw


def object_from(raw: bytes) -> dict[str, Any]:
    """The JSON object in a request body; an empty body is an empty object.

    Raises:
        BadInput: it is not JSON, or not an object.
    """
    try:
        value = json.loads(raw or b"{}")
    except ValueError as problem:
        raise BadInput(f"the body is not JSON: {problem}") from problem
    if not isinstance(value, dict):
        raise BadInput("the body must be a JSON object")
    return value


def only(given: dict[str, Any], allowed: set[str], where: str) -> None:
    unknown = sorted(set(given) - allowed)
    if unknown:
        known = ", ".join(sorted(allowed))
        raise BadInput(f"{where} does not know {', '.join(unknown)}; it knows {known}")


def text_in(given: dict[str, Any], name: str, default: str | None = None) -> str:
    """A non-empty string; a missing one is `default`, or an error when there is none."""
    value = given.get(name, default)
    if not isinstance(value, str) or (not value and value != default):
        raise BadInput(f"{name} must be a non-empty string")
    return value


def number(value: object, name: str, low: float = 0.0) -> float:
    fine = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not fine or not math.isfinite(value) or value < low:  # type: ignore[arg-type, operator]
        raise BadInput(f"{name} must be a number, at least {low:g}")
    return float(value)  # type: ignore[arg-type]


def whole(value: object, name: str, low: int = 0) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < low:
        raise BadInput(f"{name} must be a whole number, at least {low}")
    return value
