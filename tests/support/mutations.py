"""JSON spoilt in the ways in which a provider's, or an impostor's, may be."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

Path = tuple[str | int, ...]

JUNK: list[Any] = [
    *(None, True, False, 0, -1, 2**63, 10**15, 10**4000, 1.5, 1e308, math.nan, math.inf),
    *("", " ", "0", "-1", "9" * 30, "x" * 600, "é" * 300, "😀" * 511, "y" * 70_000),
    *("\ud800", "a\udfff", "\x00", "\uffff", "\u202e", "１２３", "a b", "\n"),
    *([], {}, [[]], [None], ["x"], {"id": {}}, {"": ""}, {"\ud800": "\ud800"}),
]


def deep(levels: int, inner: Any = 1) -> Any:
    for level in range(levels):
        inner = {"a": inner} if level % 2 else [inner]
    return inner


def paths(value: Any, begin: Path = ()) -> Iterator[Path]:
    """Where something is in it, itself first."""
    yield begin
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths(inner, (*begin, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from paths(inner, (*begin, number))


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


@st.composite
def spoilt(
    draw: st.DrawFn,
    value: Any,
    most: int = 3,
    keep: Callable[[Path], bool] = lambda path: False,
) -> Any:
    """A copy with up to so many things wrong. What `keep` names, and what is above it, stays."""
    value = copy.deepcopy(value)
    for _ in range(draw(st.integers(1, most))):
        there = [path for path in paths(value) if path and not keep(path)]
        if not there:
            return value
        path = draw(st.sampled_from(there))
        holder, last = at(value, path[:-1]), path[-1]
        match draw(st.sampled_from(["drop", "junk", "nest", "double", "swap", "add", "text"])):
            case "drop":
                del holder[last]
            case "junk":
                holder[last] = copy.deepcopy(draw(st.sampled_from(JUNK)))
            case "nest":
                holder[last] = deep(draw(st.integers(1, 40)), holder[last])
            case "double" if isinstance(holder, list):
                holder.insert(int(last), copy.deepcopy(holder[int(last)]))
            case "swap":
                other = draw(st.sampled_from(there))
                holder[last] = copy.deepcopy(at(value, other))
            case "text":
                holder[last] = draw(st.text(st.characters(), max_size=30))
            case _ if isinstance(holder, dict):
                name = draw(st.sampled_from(["id", "type", "text", "errors", "x" * 300]))
                if not keep((*path[:-1], name)):
                    holder[name] = copy.deepcopy(draw(st.sampled_from(JUNK)))
    return value


def as_bytes(value: Any) -> bytes:
    """As a careless sender writes it: `NaN` and halves of surrogate pairs among it."""
    return json.dumps(value, separators=(",", ":")).encode()


@st.composite
def torn(draw: st.DrawFn, bodies: Sequence[bytes]) -> bytes:
    """Bytes changed, lost or added, without an eye for JSON."""
    raw = bytearray(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(raw)))
        match draw(st.sampled_from(["flip", "cut", "insert"])):
            case "flip" if place < len(raw):
                raw[place] ^= draw(st.integers(1, 255))
            case "cut":
                del raw[place : place + draw(st.integers(1, 40))]
            case _:
                raw[place:place] = draw(st.binary(max_size=8) | st.just(b'"') | st.just(b"[" * 99))
    return bytes(raw)
