"""The world with sockets in it: clients that connect, speak and hear, and an index that is late."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from chat4all.access.limits import Limits
from chat4all.access.tokens import USER_SCOPES, Verified
from chat4all.adapters.memory import MemoryAllowanceStore, MemoryMessageStore, MemoryStore
from chat4all.adapters.memory.realtime import MemoryConnectionStore, MemorySockets
from chat4all.caller import Caller, CallerKind
from chat4all.errors import Unauthenticated
from chat4all.events import Event, accepted_event
from chat4all.realtime.acting import Acting
from chat4all.realtime.connecting import Connecting
from chat4all.realtime.presence import Presence
from chat4all.realtime.pushing import Pushing
from chat4all.realtime.resuming import Resuming
from chat4all.realtime.syncing import Syncing
from chat4all.receipts import Receipts
from tests.builders import CURSORS
from tests.world import World


class LateStore(MemoryMessageStore):
    """What is in `late` is stored, and neither the index nor a replica shows it."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.late: set[str] = set()

    def history(self, conversation_id: str, **wanted: Any) -> list[tuple[int, str]]:
        limit = wanted.pop("limit")
        rows = super().history(conversation_id, limit=10**6, **wanted)
        return [row for row in rows if row[1] not in self.late][:limit]

    def receipts(self, message_ids: Sequence[str], *, fresh: bool = False) -> dict[str, Receipts]:
        found = super().receipts(message_ids, fresh=fresh)
        return {i: r for i, r in found.items() if fresh or i not in self.late}


class FakeVerifier:
    """A token is `user` or `kind:subject`, and `|` before its scopes if it has not all that a user
    can have; `expired` is one that has expired."""

    def __init__(self, world: RealtimeWorld) -> None:
        self._world = world
        self.requests_per_minute: int | None = None

    def verify(self, token: str) -> Verified:
        if token == "expired":
            raise Unauthenticated("invalid_token", "Signature has expired")
        who, narrow, given = token.partition("|")
        kind, _, subject = who.rpartition(":")
        scopes = frozenset(given.split() if narrow else USER_SCOPES)
        caller = Caller(subject, CallerKind(kind or "user"), scopes, self.requests_per_minute)
        return Verified(caller, self._world.clock.now() // 1000 + 900)


class FakeAnnouncer:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def announce(self, events: Sequence[Event]) -> None:
        self.events += events


class RealtimeWorld(World):
    def __init__(self) -> None:
        store = MemoryStore()
        self.late = LateStore(store)
        super().__init__(store, messages=self.late)
        self.connections = MemoryConnectionStore()
        self.sockets = MemorySockets()
        self.announcer = FakeAnnouncer()
        self.verifier = FakeVerifier(self)
        self.slept: list[float] = []
        ms, cs = self.message_store, self.conversation_store
        self.syncing = Syncing(ms, cs, self.clock)
        self.resuming = Resuming(ms, cs, self.syncing, CURSORS, sleep=self.sleep)
        limits = Limits(MemoryAllowanceStore(), self.clock)
        self.connecting = Connecting(
            self.connections, self.verifier, self.user_store, limits, self.clock
        )
        self.acting = Acting(
            self.connections,
            self.sockets,
            self.connecting,
            self.messaging,
            self.conversations,
            self.resuming,
            self.announcer,
            limits,
            self.clock,
        )
        self.pushing = Pushing(self.connections, cs, self.sockets, self.clock, sleep=self.sleep)
        self.presence = Presence(self.connections, self.conversations, self.user_store, self.clock)
        for user_id in ("ana", "bo"):
            self.user(user_id)

    def sleep(self, seconds: float) -> None:
        """Nothing is late for more than a second; whatever is written by then is shown."""
        self.slept.append(seconds)
        self.clock.advance(seconds)
        if sum(self.slept) >= 1:
            self.late.late.clear()

    def connect(self, user_id: str, connection_id: str | None = None) -> str:
        """A client of a user, long enough ago that its handshake is over."""
        name = connection_id or f"{user_id}-1"
        if user_id not in self.store.users:
            self.user(user_id)
        self.connecting.connect(name, user_id)
        return name

    def says(self, connection_id: str, action: str, **fields: Any) -> list[dict[str, Any]]:
        """What a client hears after a frame."""
        return self.says_raw(connection_id, json.dumps({"action": action, **fields}))

    def says_raw(self, connection_id: str, body: str) -> list[dict[str, Any]]:
        heard = len(self.heard(connection_id))
        self.acting.act(connection_id, body)
        return self.heard(connection_id)[heard:]

    def heard(self, connection_id: str) -> list[dict[str, Any]]:
        return self.sockets.posted.get(connection_id, [])

    def accepted(self, message_id: str) -> Event:
        """The event that the stream gives of a message that has its place."""
        return accepted_event(self.place(message_id), self.store.messages[message_id])

    def talk(self, conversation_id: str, sender: str, messages: int = 1) -> list[str]:
        """So many messages, each with its place, a tenth of a second apart."""
        ids = []
        for _ in range(messages):
            ids.append(self.say(conversation_id, sender))
            self.route()
            self.clock.advance(0.1)
        return ids


def seqs(events: Sequence[Event]) -> list[int]:
    return [e["data"]["seq"] for e in events if e["type"] == "message.accepted"]
