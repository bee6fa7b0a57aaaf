"""A whole Chat4All in memory: every use case, and the queues between them moved by hand."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from chat4all.adapters.memory import (
    FakeClock,
    MemoryBreakerStore,
    MemoryConversationStore,
    MemoryFileStore,
    MemoryMessageStore,
    MemoryObjectStore,
    MemoryQueue,
    MemoryStore,
    MemoryUserStore,
)
from chat4all.announcing import Announcing
from chat4all.applied import Applied
from chat4all.attachments import Attachments
from chat4all.breaker import Breaker
from chat4all.conversation import ConversationType, NewConversation
from chat4all.conversations import Conversations
from chat4all.delivering import Delivering
from chat4all.delivery import (
    INBOUND,
    Delivery,
    Outgoing,
    StatusUpdate,
    ToRoute,
    channel_queue,
)
from chat4all.downloads import Downloads
from chat4all.fetching import Fetching
from chat4all.finishing import Finishing
from chat4all.history import History
from chat4all.inbound import Inbound
from chat4all.meeting import Meeting
from chat4all.messaging import Messaging
from chat4all.receipts import Failure, Mark, Receipts, Status, message_status
from chat4all.routing import Routed, Routing
from chat4all.sharing import Sharing
from chat4all.uploads import Uploads
from chat4all.user import Identity, User, UserProfile
from chat4all.users import Users
from tests.builders import CHANNELS, NOW, SERVICE, FakeChannel, a_new_message, received


class World:
    """Every use case over one memory store, and the queues between them moved by hand."""

    def __init__(
        self,
        store: MemoryStore | None = None,
        messages: MemoryMessageStore | None = None,
        conversations: MemoryConversationStore | None = None,
        users: MemoryUserStore | None = None,
        files: MemoryFileStore | None = None,
    ) -> None:
        self.store = store or MemoryStore()
        self.clock = self.store.clock = FakeClock(NOW)
        self.queue = MemoryQueue()
        self.breakers = MemoryBreakerStore()
        self.message_store = messages or MemoryMessageStore(self.store)
        self.conversation_store = conversations or MemoryConversationStore(self.store)
        self.user_store = users or MemoryUserStore(self.store)
        self.channels = {name: FakeChannel() for name in CHANNELS}
        ms, cs, us = self.message_store, self.conversation_store, self.user_store
        self.file_store = fs = files or MemoryFileStore(self.store)
        self.objects = objects = MemoryObjectStore()
        self.uploads = Uploads(fs, objects, cs, us, self.queue, self.clock)
        self.downloads = Downloads(fs, objects, cs, self.clock, "https://api.example.com/")
        self.finishing = Finishing(fs, objects)
        self.fetching = Fetching(fs, objects, lambda channel: self.channels[channel], self.clock)
        sharing = Sharing(fs, cs, self.clock)
        self.messaging = Messaging(ms, cs, self.queue, self.clock, frozenset(CHANNELS), sharing)
        self.history = History(ms, cs, self.clock)
        self.routing = Routing(ms, cs, us, self.queue, self.clock)
        media = Announcing(fs, self.queue, self.clock)
        people = Meeting(us, self.clock, lambda: b"the key of people's ids")
        self.inbound = Inbound(ms, cs, us, self.queue, self.clock, media, people)
        self.conversations = Conversations(cs, ms, us, self.clock)
        self.users = Users(us, self.clock, frozenset(CHANNELS))
        self.delivering = {name: self.a_worker(name) for name in CHANNELS}

    def a_worker(self, channel: str) -> Delivering:
        """A connector's process: a new one knows nothing of the others but the table."""
        return Delivering(
            channel,
            self.channels[channel],
            self.message_store,
            self.queue,
            Breaker(channel, self.breakers, self.clock),
            self.clock,
            Attachments(self.file_store, self.downloads),
            jitter=lambda: 1.0,
        )

    @property
    def whatsapp(self) -> FakeChannel:
        return self.channels["whatsapp"]

    @property
    def instagram(self) -> FakeChannel:
        return self.channels["instagram"]

    # --- people and conversations ---

    def user(self, user_id: str, name: str | None = None, **identities: str) -> User:
        """A user with an address on each channel named, preferred in that order."""
        known = tuple(Identity(channel=c, address=a) for c, a in identities.items())
        return self.users.put(SERVICE, user_id, UserProfile(name=name, identities=known))

    def conversation(self, *members: str) -> str:
        for member in members:
            if member not in self.store.users:
                self.user(member)
        kind = ConversationType.PRIVATE if len(members) == 2 else ConversationType.GROUP
        new = NewConversation(type=kind, members=members)
        return self.conversations.open(SERVICE, new)[0].conversation_id

    def say(self, conversation_id: str, sender: str, words: str = "hi", **fields: Any) -> str:
        """Accepted, and waiting on `inbound`."""
        new = a_new_message(conversation_id, words, **{"from": sender, **fields})
        return self.messaging.accept(SERVICE, new).message_id

    # --- what the queues and their handlers do ---

    def route(self, limit: int = 10) -> Routed:
        """One invocation of the router; what failed is offered again."""
        bodies = self.queue.take(INBOUND)
        batch = [ToRoute.model_validate_json(body) for body in bodies]
        routed = self.routing.route(batch[:limit]) if batch else Routed([], [])
        self._put_back(INBOUND, [w.outgoing() for w in (*routed.failed, *batch[limit:])])
        return routed

    def deliver(self, channel: str = "whatsapp", limit: int = 10) -> list[Delivery]:
        """One invocation of a connector; what it wants offered again, which is then waiting."""
        name = channel_queue(channel)
        waiting = [Delivery.model_validate_json(body) for body in self.queue.take(name)]
        batch = [received(delivery) for delivery in waiting[:limit]]
        try:
            again = set(self.delivering[channel].deliver(batch)) if batch else set()
        except Exception:
            self._put_back(name, [d.outgoing() for d in waiting])
            raise
        later = [r.delivery for r in batch if r.item_id in again]
        self._put_back(name, [d.outgoing() for d in (*later, *waiting[limit:])])
        return later

    def _put_back(self, queue: str, messages: Sequence[Outgoing]) -> None:
        if messages:
            self.queue.queues.setdefault(queue, deque()).extendleft(reversed(messages))

    def drain(self) -> None:
        """Move everything along until all is delivered or has to wait."""
        moved = True
        while moved:
            before = self._waiting()
            self.route()
            for channel in CHANNELS:
                self.deliver(channel)
            moved = self._waiting() != before

    def _waiting(self) -> list[tuple[str, list[str]]]:
        return [(n, [m.body for m in q]) for n, q in sorted(self.queue.queues.items()) if q]

    def report(
        self, message_id: str, mark: Mark, *, index: int = 0, failure: Failure | None = None
    ) -> Applied:
        """A provider calls back about a delivery, with our opaque field."""
        update = StatusUpdate(
            channel=self.place(message_id).plan[index].channel,
            provider_id="from the provider",
            mark=mark,
            at=self.clock.now(),
            opaque=f"{message_id}.{index}",
            failure=failure,
        )
        return self.inbound.apply([update])

    # --- what there is to see ---

    def place(self, message_id: str) -> Receipts:
        return self.store.placed[message_id]

    def status(self, message_id: str) -> Status:
        place = self.place(message_id)
        members = self.conversation_store.members(place.conversation_id)
        return message_status(place.recipient_statuses(members))

    def seqs(self, conversation_id: str) -> list[int]:
        placed = self.store.placed.values()
        return sorted(r.seq for r in placed if r.conversation_id == conversation_id)
