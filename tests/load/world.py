"""The people of a run: made before it, with ids that no other run has."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from infra.local.client import Api

IN_A_GROUP = (("whatsapp", 2), ("instagram", 2))
SCOPES = ("messages:write", "messages:read", "conversations", "users")
USERS_RATE = 1_000_000
"""Requests a minute: what is measured is not the limit of a user."""


@dataclass(frozen=True)
class Room:
    """A conversation, and who is written to in it."""

    conversation_id: str
    recipients: int
    inboxes: list[tuple[str, str]] = field(default_factory=list)
    """Channel and address of each. In the app there is none."""
    talker: str = ""
    hearer: str = ""
    """With `talker`, in the app: their user ids."""


@dataclass(frozen=True)
class World:
    """What the clients have to know; also as a file, for Locust."""

    api_url: str
    sockets_url: str
    client_id: str
    client_secret: str
    sender: str
    rooms: list[Room]

    def save(self, path: Path) -> None:
        """Readable by its owner only: it has a secret."""
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)))

    @property
    def recipients(self) -> dict[str, int]:
        return {room.conversation_id: room.recipients for room in self.rooms}


def prepare(api: Api, scenario: str, rooms: int) -> World:
    """Make everybody for a scenario.

    Raises:
        AssertionError: the API refused.
    """
    run = uuid.uuid4().hex[:8]
    sender = _user(api, f"agent-{run}")
    base = uuid.uuid4().int % 10**8 * 1000

    def make(number: int) -> Room:
        if scenario == "websocket":
            return _pair(api, run, number)
        kind = _group if scenario == "groups" else _private
        return kind(api, sender, run, base, number)

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make, range(rooms)))
    addresses = api.addresses
    client = (addresses.client_id, addresses.client_secret)
    if scenario == "websocket":
        body = {"name": f"load {run}", "scopes": SCOPES, "user_requests_per_minute": USERS_RATE}
        found = api.ok("POST", "/v1/clients", body)
        client = (found["client_id"], found["client_secret"])
    return World(addresses.api_url, addresses.sockets_url, *client, sender, made)


def _user(api: Api, user_id: str, **identities: str) -> str:
    return api.user(user_id, f"Name of {user_id}", **identities)


def _private(api: Api, sender: str, run: str, base: int, number: int) -> Room:
    address = f"55{base + number:011d}"
    person = _user(api, f"person-{run}-{number}", whatsapp=address)
    return Room(api.conversation(sender, person), 1, [("whatsapp", address)])


def _group(api: Api, sender: str, run: str, base: int, number: int) -> Room:
    inboxes = [
        (channel, f"55{base + number * 10 + place:011d}")
        for place, channel in enumerate(c for c, count in IN_A_GROUP for _ in range(count))
    ]
    people = [
        _user(api, f"member-{run}-{number}-{place}", **{channel: address})
        for place, (channel, address) in enumerate(inboxes)
    ]
    return Room(api.conversation(sender, *people), len(people), inboxes)


def _pair(api: Api, run: str, number: int) -> Room:
    talker = _user(api, f"talker-{run}-{number}")
    hearer = _user(api, f"hearer-{run}-{number}")
    return Room(api.conversation(talker, hearer), 1, talker=talker, hearer=hearer)
