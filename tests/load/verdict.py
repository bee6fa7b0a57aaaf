"""After the load: was anything that was stored lost, doubled or put out of order? Read from the
histories over the API and from the sandbox's inboxes; judged by the checker of the fault tests."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from infra.local.client import Api, Sandbox
from tests.fault.checker import Entry, Event, Evidence, Finding, Had, Kind, Sent, check
from tests.load.records import Asked, Outcome, stored
from tests.load.tally import Passage
from tests.load.world import Room, World

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
AT_ONCE = 4
Inboxes = Mapping[str, Sequence[Mapping[str, Any]]]
"""By channel and address, as the sandbox has them."""
REPORTED = ("delivered", "read")


def judge(
    api: Api,
    inboxes: Inboxes,
    world: World,
    asked: Sequence[Asked],
    subscribers: Mapping[str, Sequence[Event]],
) -> list[Finding]:
    """All that is wrong. It reads every history of the run: about a second for 2,000 messages."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        histories = dict(pool.map(lambda room: _history(api, room), world.rooms))
    evidence = Evidence(
        sent=[
            Sent(a.message_id, a.conversation_id, "load", 0, a.outcome is Outcome.STORED)
            for a in asked
        ],
        histories=histories,
        inboxes={
            person: [Had(message_in(item), _told(item)) for item in items]
            for person, items in inboxes.items()
        },
        people={
            room.conversation_id: [f"{channel} {address}" for channel, address in room.inboxes]
            for room in world.rooms
        },
        subscribers=subscribers,
    )
    return [*check(evidence), *overtaken(asked, histories)]


def overtaken(
    asked: Iterable[Asked], histories: Mapping[str, Sequence[Entry]]
) -> Iterator[Finding]:
    """Messages that stand behind one that was asked for only after they had been answered. Where
    two requests were under way together, either order is right; the checker's numbered turns of one
    client cannot say that."""
    times = {one.message_id: one for one in stored(asked)}
    for conversation, entries in histories.items():
        latest = 0.0
        for entry in entries:
            one = times.get(entry.message_id)
            if one is None:
                continue
            if one.ended < latest:
                detail = "a later one stands before it"
                yield Finding(Kind.ORDER, conversation, entry.message_id, detail)
            latest = max(latest, one.began)


def read_inboxes(sandbox: Sandbox, world: World) -> Inboxes:
    """Of everybody who was written to on a channel."""
    people = [person for room in world.rooms for person in room.inboxes]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(lambda person: sandbox.inbox(person[1], person[0]), people)
        return {" ".join(person): items for person, items in zip(people, found, strict=True)}


def passages(inboxes: Inboxes) -> dict[str, list[Passage]]:
    """When providers took each message, and when we took their report that it was read: one for
    each recipient, of repeats the first."""
    found: dict[str, list[Passage]] = defaultdict(list)
    for items in inboxes.values():
        first = {message_in(item): item for item in reversed(items)}
        for message_id, item in first.items():
            read = item["statuses"].get("read")
            called_back = None if read is None else read / 1000
            found[message_id].append(Passage(item["received_at"] / 1000, called_back))
    return found


def totals(findings: Iterable[Finding]) -> dict[str, int]:
    """How many of each kind; none is 0, not left out."""
    found = Counter(finding.kind for finding in findings)
    return {str(kind): found[kind] for kind in Kind}


def _history(api: Api, room: Room) -> tuple[str, list[Entry]]:
    items = api.history(room.conversation_id, limit=100)
    entries = [
        Entry(item["message_id"], item["seq"], item["status"], _reason(item)) for item in items
    ]
    return room.conversation_id, entries


def _reason(item: Mapping[str, Any]) -> str:
    failures = [one.get("failure") for one in item.get("deliveries", ())]
    return " ".join(str(failure.get("reason") or failure) for failure in failures if failure)


def _told(item: Mapping[str, Any]) -> bool:
    return any(status in item["statuses"] for status in REPORTED)


def message_in(item: Mapping[str, Any]) -> str:
    """The id that each of our texts and captions begins with. A file's link has ids of its own."""
    caption = (item.get("media") or {}).get("caption")
    for words in (item["text"], caption, json.dumps(item["body"])):
        if found := UUID.search(words or ""):
            return found[0]
    return f"unknown: {item['id']}"


def by_subscriber(deliveries: Iterable[Mapping[str, Any]], name: str) -> dict[str, list[Event]]:
    """What webhooks told of messages that were accepted; of repeats one."""
    told: dict[str, dict[str, str]] = defaultdict(dict)
    for event in deliveries:
        if event["type"] == "message.accepted":
            told[event["data"]["message_id"]][event["id"]] = ""
    return {name: [Event(message, event) for message, ids in told.items() for event in ids]}
