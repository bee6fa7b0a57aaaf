"""Messages on their whole way, from accept to READ, on moto: the real use cases, the real adapters,
a connector that costs nothing, and what each step costs.

One conversation per message, all under way in this hour: what a conversation costs once, when it
is opened, is not a message's.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar
from unittest.mock import patch

import boto3
from moto import mock_aws

from chat4all.adapters.dynamodb import (
    DynamoBreakerStore,
    DynamoConnectionStore,
    DynamoConversationStore,
    DynamoEndpointStore,
    DynamoEventLog,
    DynamoFileStore,
    DynamoMessageStore,
    DynamoUserStore,
    Table,
)
from chat4all.adapters.dynamodb.streams import events_of_record
from chat4all.adapters.memory import FakeClock, MemoryObjectStore
from chat4all.adapters.sns import SnsPublisher
from chat4all.adapters.sqs import SqsQueue
from chat4all.announcing import Announcing
from chat4all.attachments import Attachments
from chat4all.breaker import Breaker
from chat4all.caller import Caller, CallerKind
from chat4all.conversation import Conversation, ConversationType
from chat4all.delivering import Delivering
from chat4all.delivery import (
    CALLBACKS,
    INBOUND,
    Delivery,
    InboundUpdate,
    MediaPayload,
    StatusUpdate,
    ToRoute,
    channel_queue,
)
from chat4all.downloads import Downloads
from chat4all.events.announcing import Announcer
from chat4all.events.relaying import Relaying
from chat4all.ids import derived_id
from chat4all.inbound import Inbound
from chat4all.meeting import Meeting
from chat4all.message import NewMessage, TextPayload
from chat4all.messaging import Accepted, Messaging
from chat4all.ports import Attachment, Capabilities, Download, Part
from chat4all.receipts import Mark
from chat4all.routing import Routing
from chat4all.sending import Received
from chat4all.sharing import Sharing
from chat4all.user import Identity, User
from tests.support.aws_table import create_table
from tests.support.meter import Change, Meter
from tests.support.moto_partiql import moto_runs_our_partiql

CHANNEL = "whatsapp"
TABLE = "chat4all-cost"
TEXT = (
    "A text of three hundred bytes, as people write them when they have something to say. " * 4
)[:300]
SERVICE = Caller("shop", CallerKind.SERVICE)
MARKS = (Mark.SENT, Mark.DELIVERED, Mark.READ)
TOLD = ("RECEIPTS", "MEMBER#")
"""Items whose changes become a message's events; the template's filter lets others through too."""


class FreeChannel:
    """Takes everything at once. Its ids are as long as WhatsApp's."""

    capabilities = Capabilities(True, True, frozenset({"text"}))

    def takes(self, content_type: str, size: int) -> bool:
        raise NotImplementedError

    def split(self, delivery: Delivery, attachment: Attachment | None = None) -> list[Part]:
        return [TEXT]

    def download(self, wanted: MediaPayload) -> AbstractContextManager[Download]:
        raise NotImplementedError

    def send(self, delivery: Delivery, part: Part, *, final: bool) -> str:
        theirs = derived_id("theirs", delivery.message_id, str(delivery.index)).replace("-", "")
        return f"wamid.{theirs}HBgNNTUxMTk5OTk5FQIAERgA"

    def handshake(self, query: Mapping[str, str]) -> str:
        raise NotImplementedError

    def parse(
        self, body: bytes, headers: Mapping[str, str]
    ) -> Sequence[StatusUpdate | InboundUpdate]:
        raise NotImplementedError


@dataclass(frozen=True)
class Invocations:
    """How often each function ran, with how many messages or updates in it."""

    counted: Counter[tuple[str, int]]

    def note(self, function: str, items: int) -> None:
        self.counted[function, items] += 1


AnyJourney = TypeVar("AnyJourney", bound="Journey")


class Journey:
    """The functions' work, with a meter on every client."""

    def __init__(self, meter: Meter, dynamodb: Any, sqs: Any, sns: Any) -> None:
        self.meter = meter
        self.ran = Invocations(Counter())
        self.clock = FakeClock()
        self._numbers = count(1)
        self._sqs = sqs
        self.table = table = Table(dynamodb, TABLE)
        self.messages = messages = DynamoMessageStore(table, self.clock)
        self.conversations = DynamoConversationStore(table)
        self.users = DynamoUserStore(table)
        for name in (INBOUND, CALLBACKS, channel_queue(CHANNEL)):
            made = sqs.create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true"})
        prefix = made["QueueUrl"].rpartition("/")[0] + "/"
        self._queue = queue = SqsQueue(sqs, prefix)
        stores = (messages, self.conversations)
        files = DynamoFileStore(table)
        sharing = Sharing(files, self.conversations, self.clock)
        self._messaging = Messaging(*stores, queue, self.clock, frozenset({CHANNEL}), sharing)
        self._routing = Routing(*stores, self.users, queue, self.clock)
        media = Announcing(files, queue, self.clock)
        people = Meeting(self.users, self.clock, lambda: b"not asked: everybody is known")
        self._inbound = Inbound(*stores, self.users, queue, self.clock, media, people)
        downloads = Downloads(files, MemoryObjectStore(), self.conversations, self.clock)
        breaker = Breaker(CHANNEL, DynamoBreakerStore(table), self.clock)
        self._delivering = Delivering(
            CHANNEL,
            FreeChannel(),
            messages,
            queue,
            breaker,
            self.clock,
            Attachments(files, downloads),
            lambda: 1.0,
        )
        topic = sns.create_topic(Name="events")["TopicArn"]
        listeners = (DynamoEndpointStore(table), DynamoConnectionStore(table))
        announcer = Announcer(SnsPublisher(sns, topic), *listeners, self.clock)
        self._relaying = Relaying(DynamoEventLog(table, self.clock), messages, announcer)

    def open_conversations(self, count: int) -> None:
        """Pairs of a shop and a person on the channel."""
        now = self.clock.now()
        for number in range(count):
            person = Identity(channel=CHANNEL, address=f"55119{number:08d}")
            shop, customer = f"shop-{number}", f"person-{number}"
            self.users.put(User(user_id=shop, created_at=now))
            self.users.put(User(user_id=customer, identities=(person,), created_at=now))
            self.conversations.create(
                Conversation(
                    conversation_id=derived_id("conversation", str(number)),
                    type=ConversationType.PRIVATE,
                    members=frozenset({shop, customer}),
                    created_by="shop",
                    created_at=now,
                )
            )

    def send(self, count: int) -> None:
        """A message in each of so many conversations, in one batch all the way to READ."""
        self.clock.advance(2)  # the breaker's state is old by then
        self._accept(count)
        bodies = self._take(INBOUND, "route_message")
        assert not self._routing.route([ToRoute.model_validate_json(b) for b in bodies]).failed
        bodies = self._take(channel_queue(CHANNEL), "deliver_message")
        deliveries = [Delivery.model_validate_json(body) for body in bodies]
        assert not self._delivering.deliver([Received(d, "-", "-") for d in deliveries])
        for mark in MARKS:
            self._call_back(mark, deliveries)

    def _accept(self, count: int) -> None:
        """The ids are the same in each run: how well a page of the log compresses is up to them."""
        self.ran.note("http_api", count)
        outcomes = self._messaging.accept_batch(
            SERVICE,
            [
                NewMessage(
                    message_id=derived_id("message", str(next(self._numbers))),
                    conversation_id=derived_id("conversation", str(number)),
                    sender=f"shop-{number}",
                    payload=TextPayload(type="text", text=TEXT),
                )
                for number in range(count)
            ],
        )
        assert all(isinstance(outcome, Accepted) for outcome in outcomes)

    def _call_back(self, mark: Mark, deliveries: Sequence[Delivery]) -> None:
        self._post(mark, deliveries)
        self._apply(self._take(CALLBACKS, "apply_callback"))

    def _post(self, mark: Mark, deliveries: Sequence[Delivery]) -> None:
        updates = [
            StatusUpdate(
                channel=CHANNEL,
                provider_id=FreeChannel().send(delivery, "", final=True),
                mark=mark,
                at=self.clock.now(),
                opaque=delivery.opaque,
            )
            for delivery in deliveries
        ]
        self.ran.note("receive_callback", len(updates))
        self._queue.send(CALLBACKS, [update.outgoing() for update in updates])

    def _apply(self, bodies: Sequence[str]) -> None:
        applied = self._inbound.apply([StatusUpdate.model_validate_json(b) for b in bodies])
        assert not applied.unknown

    def _take(self, queue: str, function: str, most: int = 10) -> list[str]:
        """What Lambda's poller does for one invocation: one receive, one delete for all."""
        url = self._queue.url(queue)
        taken = self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=most)["Messages"]
        self._sqs.delete_message_batch(
            QueueUrl=url,
            Entries=[
                {"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(taken)
            ],
        )
        self.ran.note(function, len(taken))
        return [message["Body"] for message in taken]

    def relay(self, batch: int) -> list[dict[str, Any]]:
        """What the stream brought since, that the template's filter lets through; the events."""
        changes = [c for c in self.meter.changes if c.new and c.new["sk"]["S"].startswith(TOLD)]
        self.meter.changes.clear()
        told: list[dict[str, Any]] = []
        for start in range(0, len(changes), batch):
            some = changes[start : start + batch]
            events = [e for c in some for e in events_of_record(_record(c, self.clock.now()))]
            self._relaying.relay(events)
            self.ran.note("relay_changes", len(some))
            told += events
        return told


def _record(change: Change, at: int) -> dict[str, Any]:
    images = {"OldImage": change.old, "NewImage": change.new}
    found = {name: image for name, image in images.items() if image is not None}
    return {"dynamodb": {"ApproximateCreationDateTime": at / 1000, **found}}


@contextmanager
def nobodys_settings() -> Iterator[None]:
    """No profile, endpoint or configuration of the caller's reaches botocore."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    kept |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    with patch.dict(os.environ, kept, clear=True):
        yield


@contextmanager
def on_moto(made: type[AnyJourney]) -> Iterator[AnyJourney]:
    """A journey before its first step: an empty table."""
    with nobodys_settings(), mock_aws(), moto_runs_our_partiql():
        session = boto3.Session("test", "test", region_name="us-east-1")
        create_table(session.client("dynamodb"), TABLE)
        meter = Meter(session.client("dynamodb"))
        clients = (meter.attach(session.client(name)) for name in ("dynamodb", "sqs", "sns"))
        yield made(meter, *clients)


@contextmanager
def a_journey(conversations: int) -> Iterator[Journey]:
    """Conversations that have had a message each; the meter stands at nothing."""
    with on_moto(Journey) as journey:
        journey.open_conversations(conversations)
        journey.send(conversations)
        journey.meter.reset()
        journey.ran.counted.clear()
        yield journey
