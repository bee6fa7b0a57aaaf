"""Messages of other kinds on their whole way: Instagram's, the app's, and groups'.

They go as those of tests/support/journey.py do, and are counted by function and by queue, which is
what `scripts/capacity` reckons with.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from random import Random
from typing import Any

from chat4all.caller import Caller, CallerKind
from chat4all.conversation import Conversation, ConversationType
from chat4all.conversations import Conversations
from chat4all.delivery import CALLBACKS, INBOUND, Delivery, ToRoute, channel_queue
from chat4all.history import History
from chat4all.ids import derived_id
from chat4all.message import NewMessage, TextPayload
from chat4all.receipts import Mark
from chat4all.sending import Received
from chat4all.user import Identity, User
from infra.capacity import prices
from infra.capacity.figures import RELAYED, Figures, Kind
from tests.support.journey import CHANNEL, MARKS, SERVICE, TEXT, Journey, on_moto
from tests.support.meter import Change, item_size

CALLBACKS_OF = {"whatsapp": MARKS, "instagram": (Mark.READ,), "app": ()}
"""Instagram tells of READ alone: its answer to the send is SENT, and it has no DELIVERED."""
TEN = 10
WORDS = ("and", "the", "order", "that", "you", "asked", "for", "is", "on", "its", "way", "here")


class KindJourney(Journey):
    """Conversations of a sender and so many people. All channels' messages pass CHANNEL's queue and
    connector, which are the same code for each; only the callbacks differ."""

    def of(self, kind: Kind) -> None:
        self.kind = kind
        self.requests: Counter[str] = Counter()
        self._turn = 0
        self._sqs.meta.events.register("before-parameter-build.sqs", self._note_queue)
        self._reads = Conversations(self.conversations, self.messages, self.users, self.clock)
        self._history = History(self.messages, self.conversations, self.clock)

    def _note_queue(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        name = params["QueueUrl"].rpartition("/")[2].removesuffix(".fifo")
        queue = name.replace(CHANNEL, self.kind.channel)
        action = model.name.removesuffix("Batch").removesuffix("Message")
        if action in ("Send", "Receive", "Delete"):
            self.requests[f"{queue} {action}"] += 1

    def _some(self, queue: str, function: str, most: int) -> list[str]:
        left = self._sqs.get_queue_attributes(
            QueueUrl=self._queue.url(queue), AttributeNames=["ApproximateNumberOfMessages"]
        )
        if int(left["Attributes"]["ApproximateNumberOfMessages"]) == 0:
            return []
        return self._take(queue, function, most)

    def open_conversations(self, count: int) -> None:
        now = self.clock.now()
        for number in range(count):
            members = [f"shop-{number}", *self._people(number)]
            for place, user_id in enumerate(members):
                address = f"55119{number:04d}{place:04d}"
                identity = (Identity(channel=CHANNEL, address=address),)
                there = identity if place and self.kind.channel != "app" else ()
                self.users.put(User(user_id=user_id, identities=there, created_at=now))
            private = len(members) == 2
            self.conversations.create(
                Conversation(
                    conversation_id=_conversation(number),
                    type=ConversationType.PRIVATE if private else ConversationType.GROUP,
                    members=frozenset(members),
                    created_by="shop",
                    created_at=now,
                )
            )

    def _people(self, number: int) -> list[str]:
        return [f"person-{number}-{place}" for place in range(self.kind.people)]

    def travel(self, count: int, *, together: bool, behind: bool) -> None:
        """A message in each conversation, to READ: by one request or by one each, and in batches
        of ten or one by one behind the queues."""
        self.clock.advance(2)
        self._turn += 1
        numbers = list(range(count))
        for some in [numbers] if together else [[n] for n in numbers]:
            self._accept_some(some)
        size = TEN if behind else 1
        while bodies := self._some(INBOUND, "route_message", size):
            routed = self._routing.route([ToRoute.model_validate_json(b) for b in bodies])
            assert not routed.failed
        deliveries: list[Delivery] = []
        while bodies := self._some(channel_queue(CHANNEL), "deliver_message", size):
            taken = [Delivery.model_validate_json(body) for body in bodies]
            assert not self._delivering.deliver([Received(d, "-", "-") for d in taken])
            deliveries += taken
        for mark in CALLBACKS_OF[self.kind.channel]:
            self._receive(mark, deliveries, together)
            while bodies := self._some(CALLBACKS, "apply_callback", size):
                self._apply(bodies)
        if self.kind.channel == "app":
            self._fetch(count)

    def _accept_some(self, numbers: list[int]) -> None:
        self.ran.note("http_api", len(numbers))
        for_all = [
            NewMessage(
                message_id=derived_id("message", str(number), str(self._turn)),
                conversation_id=_conversation(number),
                sender=f"shop-{number}",
                payload=TextPayload(type="text", text=_text(number, self._turn)),
            )
            for number in numbers
        ]
        self._messaging.accept_batch(SERVICE, for_all)

    def _receive(self, mark: Mark, deliveries: list[Delivery], together: bool) -> None:
        step = TEN if together else 1
        for start in range(0, len(deliveries), step):
            self._post(mark, deliveries[start : start + step])

    def _fetch(self, count: int) -> None:
        """Each person's app fetches what is new, which delivers it, and says what was read."""
        for number in range(count):
            for user_id in self._people(number):
                caller = Caller(user_id, CallerKind.USER)
                place = _conversation(number)
                since = self._turn - 1
                self._history.page(caller, place, since=since, before=None, limit=50)
                self._reads.read(caller, place, None, self._turn)
                self.ran.counted["http_api", 1] += 2


def _conversation(number: int) -> str:
    return derived_id("conversation", str(number))


def _text(number: int, turn: int) -> str:
    """300 bytes of words, no two alike: pages of the log must not shrink more than in life."""
    chosen = Random(f"{number} {turn}")
    return " ".join(chosen.choices([*WORDS, str(chosen.random())], k=100))[: len(TEXT)]


@contextmanager
def _without_logs() -> Iterator[None]:
    """Who asks for figures wants no fact of each made-up message."""
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


@cache
def measured(kind: Kind, batching: str) -> dict[int, Figures]:
    """Figures per message, by how many changes the stream hands on at once."""
    count = 1 if batching == "1" else TEN
    if kind.people > 1 and batching != "1":
        count = 2  # to many each: enough to fill the calls behind the router
    with _without_logs(), on_moto(KindJourney) as journey:
        journey.of(kind)
        journey.open_conversations(count)
        for _ in range(2):  # the first opens what is opened once
            journey.meter.reset()
            journey.ran.counted.clear()
            journey.requests.clear()
            journey.travel(count, together=batching == "10", behind=batching != "1")
        way = deepcopy((journey.meter.changes, journey.meter.write_units, journey.meter.read_units))
        ran = Counter(journey.ran.counted)
        found: dict[int, Figures] = {}
        for relayed in RELAYED:
            journey.meter.reset()
            journey.meter.changes += way[0]
            journey.ran.counted.clear()
            events = journey.relay(relayed)
            found[relayed] = _figures(journey, count, way, ran + journey.ran.counted, len(events))
        return found


def _figures(
    journey: KindJourney,
    count: int,
    way: tuple[list[Change], float, float],
    ran: Counter[tuple[str, int]],
    events: int,
) -> Figures:
    """`way` is what the meter showed before the relay: changes, write units, read units."""
    meter, (changes, units, reads) = journey.meter, way
    invocations, items, times = (defaultdict[str, float](float) for _ in range(3))
    for (function, each), how_often in ran.items():
        spent = prices.milliseconds(function, each)
        function = function.replace("deliver_message", f"connector-{journey.kind.channel}")
        invocations[function] += how_often
        items[function] += how_often * each
        times[function] += how_often * spent
    requests = invocations["http_api"] + invocations["receive_callback"]
    kept = sum(_size(c.new) - _size(c.old) for c in [*changes, *meter.changes])
    return Figures(
        api_requests=requests / count,
        write_units=units / count,
        log_write_units=meter.write_units / count,
        read_units=(reads + meter.read_units) / count,
        invocations={name: n / count for name, n in sorted(invocations.items())},
        milliseconds={name: ms / count for name, ms in sorted(times.items())},
        items={name: n / count for name, n in sorted(items.items())},
        queue_requests={name: n / count for name, n in sorted(journey.requests.items())},
        events=events / count,
        publishes=meter.calls["sns.PublishBatch"] / count,
        stored_kb=round(kept / count / 1024, 1),  # whichever zlib there is
    )


def _size(item: dict[str, Any] | None) -> int:
    return item_size(item) if item else 0
