"""What is broken, one function each: it breaks the stack under load, mends it, and yields. What
comes after its yield happens when all is settled, and raises AssertionError for what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.fault.field import Field
from tests.fault.world import World

Breaking = Callable[[Field, World], Iterator[None]]
LOST_ANSWER = ("instagram",)
"""Where a provider is asked again when its answer was lost: WhatsApp carries our id and its
callback settles the matter, Instagram has no place for it."""


@dataclass(frozen=True)
class Scenario:
    name: str
    breaks: Breaking
    repeats: tuple[str, ...] = ()
    """Channels on which somebody may get a message twice."""
    alone: bool = False
    """Nothing else may be going on: all before it has settled."""
    events: bool = True
    """Whether the subscriber must hear of every message."""
