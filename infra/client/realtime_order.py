"""Order among pushes: they may come twice and in any order, and messages carry a `seq`."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

Event = dict[str, Any]
"""`{id, type, timestamp, data}`, as it was pushed."""

MESSAGE = "message.accepted"
REMEMBERED = 10_000
"""Ids of events without a place of their own: a repeat comes within minutes."""


class Ordering:
    """What is new and whose turn it is. Not for several threads at once."""

    def __init__(self, seen: Mapping[str, int]) -> None:
        """`seen`: the last `seq` that was had, by conversation."""
        self._last = dict(seen)
        self._held: dict[str, dict[int, Event]] = {}
        self._waiting_since: dict[str, float] = {}
        self._ids: OrderedDict[str, None] = OrderedDict()

    @property
    def seen(self) -> dict[str, int]:
        """The last `seq` that was given out, by conversation: up to there nothing is missing."""
        return dict(self._last)

    def take(self, event: Event, now: float) -> list[Event]:
        """What may be given out now, in order: nothing for a repeat and for what came too early.

        Where an unknown conversation begins is not known before `settle`, unless it is at 1.
        """
        if event["type"] != MESSAGE:
            return [event] if self._is_new(event["id"]) else []
        data = event["data"]
        conversation, seq = str(data["conversation_id"]), int(data["seq"])
        if seq <= self._last.get(conversation, 0):
            return []
        self._held.setdefault(conversation, {}).setdefault(seq, event)
        if seq == 1:
            self._last.setdefault(conversation, 0)
        return self._due(conversation, now)

    def missing(self, now: float, patience: float) -> dict[str, int]:
        """The conversations that have waited so long for a message, each with its last `seq`."""
        late = self._late(now, patience)
        return {conversation: self._last[conversation] for conversation in late & self._last.keys()}

    def unknown(self, now: float, patience: float) -> bool:
        """Whether a conversation has waited so long to be told where it begins."""
        return bool(self._late(now, patience) - self._last.keys())

    def wait_anew(self, now: float) -> None:
        """Somebody was asked for what is missing."""
        self._waiting_since = dict.fromkeys(self._waiting_since, now)

    def settle(self, now: float) -> list[Event]:
        """All is there that is new: an unknown conversation begins with the first that is held."""
        due: list[Event] = []
        for conversation in [c for c in self._held if c not in self._last]:
            self._last[conversation] = min(self._held[conversation]) - 1
            due += self._due(conversation, now)
        return due

    def forget(self, conversation: str) -> None:
        """It is none of this user's any more."""
        for known in (self._last, self._held, self._waiting_since):
            known.pop(conversation, None)

    def _late(self, now: float, patience: float) -> set[str]:
        return {c for c, since in self._waiting_since.items() if now - since >= patience}

    def _due(self, conversation: str, now: float) -> list[Event]:
        due: list[Event] = []
        held, last = self._held[conversation], self._last.get(conversation)
        while last is not None and (event := held.pop(last + 1, None)) is not None:
            due.append(event)
            last = self._last[conversation] = last + 1
        if not held:
            del self._held[conversation]
            self._waiting_since.pop(conversation, None)
        elif due:
            self._waiting_since[conversation] = now  # it goes on
        else:
            self._waiting_since.setdefault(conversation, now)
        return due

    def _is_new(self, event_id: str) -> bool:
        if event_id in self._ids:
            return False
        self._ids[event_id] = None
        if len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)
        return True
