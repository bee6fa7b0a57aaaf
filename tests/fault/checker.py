"""Whether a stack kept its promises while it was being broken. Pure: what clients, people and
subscribers saw goes in, findings come out.

LOST        accepted, and not in the history, or not with somebody who must have it
INVENTED    in a history or with somebody, and never sent
TWICE       more than once in a history
GAP         a history whose seq is not 1, 2, 3 …
ORDER       a history against the order in which one client's messages were accepted, or what
            somebody received against the history
REPEATED    more than once with somebody; fine where a provider's answer was lost
UNENDED     neither DELIVERED nor READ nor FAILED with a reason, though the provider told more
UNTOLD      a subscriber never heard of it, or heard of it under two ids
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    LOST = "lost"
    INVENTED = "invented"
    TWICE = "twice"
    GAP = "gap"
    ORDER = "order"
    REPEATED = "repeated"
    UNENDED = "unended"
    UNTOLD = "untold"


@dataclass(frozen=True)
class Finding:
    kind: Kind
    where: str
    """A conversation, a person or a subscriber."""
    message_id: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} in {self.where}: {self.message_id} {self.detail}".rstrip()


@dataclass(frozen=True)
class Sent:
    """A line of a client's own log."""

    message_id: str
    conversation: str
    client: str
    """One that waits for each answer before its next request."""
    turn: int
    """Its requests are numbered. Messages of one request that had to be repeated share a turn."""
    accepted: bool
    """Without an answer that it saw, the message may be there or not, and once at most."""


@dataclass(frozen=True)
class Entry:
    """A message in a history."""

    message_id: str
    seq: int
    status: str
    reason: str = ""
    """Why it is FAILED."""


@dataclass(frozen=True)
class Had:
    """A message with somebody, in the order in which it came."""

    message_id: str
    told: bool = True
    """Whether the provider has told us that it was delivered or read, or is still going to."""


@dataclass(frozen=True)
class Event:
    """What a subscriber heard about a message."""

    message_id: str
    event_id: str


@dataclass(frozen=True)
class Evidence:
    sent: Sequence[Sent]
    histories: Mapping[str, Sequence[Entry]]
    """By conversation."""
    inboxes: Mapping[str, Sequence[Had]]
    """By person."""
    people: Mapping[str, Collection[str]]
    """Who must have the messages of a conversation, whoever sent them."""
    subscribers: Mapping[str, Sequence[Event]] = field(default_factory=dict)
    """Each wants to hear of every message of these conversations."""


def check(evidence: Evidence, repeats: Collection[str] = ()) -> list[Finding]:
    """All that is wrong. `repeats`: people whom a provider may have been asked to tell twice."""
    return [
        *_histories(evidence),
        *_order_of_acceptance(evidence),
        *_inboxes(evidence, repeats),
        *_ends(evidence),
        *_subscribers(evidence),
    ]


def _histories(evidence: Evidence) -> Iterator[Finding]:
    sent = {one.message_id: one for one in evidence.sent}
    for conversation, entries in evidence.histories.items():
        times = Counter(entry.message_id for entry in entries)
        for message_id, count in times.items():
            if count > 1:
                yield Finding(Kind.TWICE, conversation, message_id, f"{count} times")
            if message_id not in sent or sent[message_id].conversation != conversation:
                yield Finding(Kind.INVENTED, conversation, message_id)
        for place, entry in enumerate(entries, 1):
            if entry.seq != place:
                detail = f"seq {entry.seq} at place {place}"
                yield Finding(Kind.GAP, conversation, entry.message_id, detail)
                break  # all that follow are shifted by it
    for one in evidence.sent:
        entries = evidence.histories.get(one.conversation, ())
        if one.accepted and all(entry.message_id != one.message_id for entry in entries):
            yield Finding(Kind.LOST, one.conversation, one.message_id, "accepted")


def _order_of_acceptance(evidence: Evidence) -> Iterator[Finding]:
    turns: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for one in evidence.sent:
        if one.accepted:
            turns[one.conversation, one.client][one.message_id] = one.turn
    for (conversation, client), known in turns.items():
        latest = 0
        for entry in evidence.histories.get(conversation, ()):
            turn = known.get(entry.message_id, latest)
            if turn < latest:
                detail = f"{client} had sent it before others that it follows"
                yield Finding(Kind.ORDER, conversation, entry.message_id, detail)
            latest = max(latest, turn)


def _inboxes(evidence: Evidence, repeats: Collection[str]) -> Iterator[Finding]:
    places = {
        entry.message_id: (conversation, entry)
        for conversation, entries in evidence.histories.items()
        for entry in entries
    }
    unanswered = {one.message_id for one in evidence.sent}
    for person, inbox in evidence.inboxes.items():
        times = Counter(had.message_id for had in inbox)
        for message_id, count in times.items():
            if message_id not in places and message_id not in unanswered:
                yield Finding(Kind.INVENTED, person, message_id)
            if count > 1 and person not in repeats:
                yield Finding(Kind.REPEATED, person, message_id, f"{count} times")
        latest: dict[str, int] = {}
        for message_id in times:  # by its first time
            if message_id not in places:
                continue
            conversation, entry = places[message_id]
            if entry.seq < latest.get(conversation, 0):
                detail = f"seq {entry.seq} after {latest[conversation]}"
                yield Finding(Kind.ORDER, person, message_id, detail)
            latest[conversation] = max(latest.get(conversation, 0), entry.seq)
    yield from _missing(evidence)


def _missing(evidence: Evidence) -> Iterator[Finding]:
    having = {
        person: {had.message_id for had in inbox} for person, inbox in evidence.inboxes.items()
    }
    for conversation, entries in evidence.histories.items():
        for entry in entries:
            if entry.status == "FAILED":
                continue
            for person in evidence.people.get(conversation, ()):
                if entry.message_id not in having.get(person, ()):
                    yield Finding(Kind.LOST, person, entry.message_id, entry.status)


def _ends(evidence: Evidence) -> Iterator[Finding]:
    silent = {
        had.message_id for inbox in evidence.inboxes.values() for had in inbox if not had.told
    }
    for conversation, entries in evidence.histories.items():
        for entry in entries:
            if not ended(entry, entry.message_id in silent):
                yield Finding(Kind.UNENDED, conversation, entry.message_id, entry.status)


def ended(entry: Entry, silent: bool = False) -> bool:
    """Whether nothing more is to come. `silent`: the provider keeps to itself how it went on."""
    if entry.status == "FAILED":
        return bool(entry.reason)
    return entry.status in ("DELIVERED", "READ") or (entry.status == "SENT" and silent)


def _subscribers(evidence: Evidence) -> Iterator[Finding]:
    for subscriber, events in evidence.subscribers.items():
        ids: defaultdict[str, set[str]] = defaultdict(set)
        for event in events:
            ids[event.message_id].add(event.event_id)
        for entries in evidence.histories.values():
            for entry in entries:
                if entry.message_id not in ids:
                    yield Finding(Kind.UNTOLD, subscriber, entry.message_id)
        for message_id, found in ids.items():
            if len(found) > 1:
                yield Finding(Kind.UNTOLD, subscriber, message_id, f"{len(found)} ids")
