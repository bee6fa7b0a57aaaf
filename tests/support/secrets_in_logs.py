"""What must never be in a log line: how secrets look, and what the table knows of people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

LOOKS = {
    "a JWT": re.compile(r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}"),
    "a refresh token": re.compile(r"c4r_[\w-]{8,}"),
    "a webhook's secret": re.compile(r"whsec_[\w+/=-]{8,}"),
    "a signed URL": re.compile(r"X-Amz-(?:Signature|Credential|Security-Token)", re.IGNORECASE),
    "a link to a file": re.compile(r"/f/[\w-]{16,}"),
    "a bearer": re.compile(r"bearer[ .]+[\w-]{8,}", re.IGNORECASE),
}
PERSONAL = {
    "text": "what somebody wrote",
    "caption": "what somebody wrote",
    "metadata": "what a client keeps with something",
    "name": "a name",
    "address": "somebody's address",
    "secret": "a secret",
    "secrets": "a secret",
    "url": "a subscriber's URL",
}
"""Fields of the table's items, and of the JSON in them."""
JSON_TEXTS = ("payload", "metadata", "plan")
BEGINNING = 6
"""Characters that a value must have to be looked for. Shorter ones are in logs by chance."""
AT_LEAST = {"text": 8, "caption": 8, "metadata": 8, "url": 12}


class Leak(NamedTuple):
    log: str
    what: str
    line: str
    """Its beginning only: what leaked must not leak again, into a test's report."""


class Known:
    """Values that no line may hold, found by how they begin: they may be ten thousand."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._by_beginning: dict[str, list[tuple[str, str]]] = {}
        for value, what in values.items():
            if len(value) < BEGINNING:
                raise ValueError(f"{what} of {len(value)} characters: too short to look for")
            self._by_beginning.setdefault(value[:BEGINNING], []).append((value, what))

    def within(self, line: str) -> Iterator[str]:
        """What each of those that the line holds is."""
        for at in range(len(line) - BEGINNING + 1):
            for value, what in self._by_beginning.get(line[at : at + BEGINNING], ()):
                if line.startswith(value, at):
                    yield what


def of_items(items: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What items of the table say of people, and what it is; also as a JSON line would say it.
    Ids of users are no secret: in the app they are addresses, too."""
    found: dict[str, str] = {}
    ids: set[str] = set()
    for item in items:
        whole = {**item, **{name: _read(item[name]) for name in JSON_TEXTS if item.get(name)}}
        for kind, value in _personal(whole):
            if len(value) >= AT_LEAST.get(kind, BEGINNING):
                found[value] = found[json.dumps(value)[1:-1]] = PERSONAL[kind]
        kept_under, _, last = str(item.get("pk", "")).rpartition("#")
        if kept_under == "USER":
            ids.add(last)
        elif kept_under.startswith("IDENT#"):
            found[last] = PERSONAL["address"]
        elif kept_under.startswith("PROVIDER#"):
            found[last] = "a provider's id: WhatsApp's have the person's number in them"
    return {v: what for v, what in found.items() if len(v) >= BEGINNING and v not in ids}


def leaks(lines: Iterable[tuple[str, str]], known: Mapping[str, str]) -> list[Leak]:
    """Lines, each with its log's name, that hold a secret by its looks or one that is known."""
    values = Known(known)
    found = []
    for log, line in lines:
        looks = [what for what, look in LOOKS.items() if look.search(line)]
        found += [Leak(log, what, line[:40]) for what in {*looks, *values.within(line)}]
    return found


def _personal(value: Any, kind: str = "") -> Iterator[tuple[str, str]]:
    """Strings in fields that tell of people, however deep, with the field's name."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _personal(inner, name if name in PERSONAL else kind)
    elif isinstance(value, list | set | tuple):
        for inner in value:
            yield from _personal(inner, kind)
    elif isinstance(value, str) and kind:
        yield kind, value


def _read(text: Any) -> Any:
    return json.loads(text) if isinstance(text, str) else text
