"""JSON from outside. How deep it goes is known before it is parsed, and what JSON does not have,
or two readers would read in two ways, is not read at all."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from chat4all.errors import Rejected

MAX_DEPTH = 32
"""Our own bodies are five deep."""
MAX_FOREIGN_DEPTH = 200
"""Bodies that a provider signed: there is more in them than we read."""
MAX_DIGITS = 40
"""Of a whole number of a provider's; none of theirs that we read has more than 20."""

FIRST_LOOK = 8_192
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
"""Also one that does not end. It never goes back, so it takes a time in line with the text."""
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def loads(text: str) -> Any:
    """Read JSON of a client. Raises Rejected (`bad_json`) for what is no JSON, for `NaN` and
    numbers that are none, for a name that an object has twice, and for what goes too deep."""
    if deeper_than(MAX_DEPTH, text):
        raise bad_json(f"It is nested more than {MAX_DEPTH} deep, or never ends.")
    try:
        return _STRICT.decode(text)
    except _Refused as error:
        raise bad_json(str(error)) from error
    except json.JSONDecodeError as error:
        raise bad_json(f"It is no JSON: look at character {error.pos}.") from error
    except (ValueError, RecursionError) as error:
        raise bad_json("A number in it is too long.") from error


class _Refused(ValueError):
    """It is JSON by Python's reading, or two readers read it in two ways."""


def loads_foreign(body: bytes) -> Any:
    """Read JSON that a provider signed, and lose nothing of it for what is odd beside: a number
    that is none is null, a byte or half a pair of surrogates that is no character is `?`, and of
    a name that is there twice the last one counts. Raises ValueError for what is no JSON."""
    text = body.decode("utf-8", "replace")
    if deeper_than(MAX_FOREIGN_DEPTH, text):
        raise ValueError(f"nested more than {MAX_FOREIGN_DEPTH} deep, or without an end")
    found = _FOREIGN.decode(text)
    if "\\ud" in text or "\\uD" in text:  # perhaps half an emoji, cut off by a client
        whole = json.dumps(found, ensure_ascii=False).encode("utf-8", "replace").decode()
        found = _FOREIGN.decode(whole)
    return found


def deeper_than(most: int, text: str) -> bool:
    """Whether its brackets nest deeper, or do not close. Most texts have few: they are counted.

    The beginning is looked at first: what is made to be deep is deep there.
    """
    if text.count("[") + text.count("{") <= most:
        return False
    too_many = b"[" * (most + 1)
    return too_many in _left(text[:FIRST_LOOK], most) or bool(_left(text, most))


def _left(text: str, levels: int) -> bytes:
    """The brackets outside of strings, without so many levels from the innermost out."""
    outside = _STRING.sub(b"", text.encode("utf-8", "surrogatepass"))
    brackets = outside.translate(_ONE_KIND, _NO_BRACKETS)
    too_many = b"[" * (levels + 1)
    for _ in range(levels):
        if not brackets or too_many in brackets:
            break
        brackets = brackets.replace(b"[]", b"")
    return brackets


def bad_json(reason: str) -> Rejected:
    return Rejected("bad_json", f"This cannot be read. {reason}")


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused("An object in it has a name twice.")
    return found


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise _Refused("A number in it is too large.")
    return number


def _no_constant(word: str) -> NoReturn:
    raise _Refused(f"{word} is no number of JSON's.")


def _number_or_null(digits: str) -> float | None:
    try:
        return _finite(digits)
    except ValueError:
        return None


def _whole_or_null(digits: str) -> int | None:
    return int(digits) if len(digits) <= MAX_DIGITS else None


_STRICT = json.JSONDecoder(
    object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite
)
_FOREIGN = json.JSONDecoder(
    parse_constant=lambda word: None, parse_float=_number_or_null, parse_int=_whole_or_null
)
