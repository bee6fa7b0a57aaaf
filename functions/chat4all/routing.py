"""Give messages their place in the conversation, and send them to their channels.

The queue hands a conversation to one router at a time; the conditions below
hold even when it does not. A message that has its place keeps it and is
routed again with the same deduplication ids: a crash after sequencing loses
nothing and repeats nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chat4all.conversation import ConversationType, Head, activity_hour
from chat4all.delivery import Outgoing, ToRoute, channel_queue, delivery_of
from chat4all.errors import Chat4AllError, Raced, Unavailable
from chat4all.measuring import came, unreachable
from chat4all.message import Message
from chat4all.metrics import Metric, count
from chat4all.planning import display_name, plan_deliveries
from chat4all.ports import (
    Clock,
    ConversationStore,
    MessageStore,
    Queue,
    RoutingView,
    UserStore,
)
from chat4all.receipts import Failure, Mark, Receipts
from chat4all.user import APP_CHANNEL, Identity, User

RACES = 3
NO_IDENTITY = Failure(code="no_identity", reason="The recipient has no address on this channel.")


@dataclass(frozen=True)
class Routed:
    """What became of a batch: the places that are taken, the messages to be offered again."""

    placed: list[Receipts]
    failed: list[ToRoute]


class Routing:
    def __init__(
        self,
        messages: MessageStore,
        conversations: ConversationStore,
        users: UserStore,
        queue: Queue,
        clock: Clock,
    ) -> None:
        self._messages = messages
        self._conversations = conversations
        self._users = users
        self._queue = queue
        self._clock = clock

    def route(self, batch: Sequence[ToRoute]) -> Routed:
        """Sequence and forward a batch; what fails, fails with all that follows it in its
        conversation, so that order holds when it is offered again.
        """
        try:
            return Routed(self._route(batch), [])
        except (Raced, Unavailable):
            pass  # one conversation must not hold back the others: each for itself, then
        by_conversation: dict[str, list[ToRoute]] = defaultdict(list)
        for wanted in batch:
            by_conversation[wanted.conversation_id].append(wanted)
        placed: list[Receipts] = []
        failed: list[ToRoute] = []
        for group in by_conversation.values():
            try:
                placed += self._retry(group)
            except Chat4AllError:
                failed += group
        if failed:
            count(Metric.RETRIES, len(failed), step="route")
        return Routed(placed, failed)

    def _retry(self, group: Sequence[ToRoute]) -> list[Receipts]:
        for _ in range(RACES):
            try:
                return self._route(group)
            except Raced:
                continue
        raise Raced(group[0].conversation_id)

    def _route(self, batch: Sequence[ToRoute]) -> list[Receipts]:
        wanted = {w.message_id: w for w in batch}
        hinted = list(dict.fromkeys(user for w in batch for user in w.concerns))
        view = self._messages.routing_view(
            list(wanted), list(dict.fromkeys(w.conversation_id for w in batch)), hinted
        )
        missing = {
            w.message_id
            for w in batch
            if w.message_id not in view.messages
            or w.conversation_id not in view.conversations
            or w.conversation_id not in view.heads
        }
        if missing:
            raise Raced(f"not in the table: {', '.join(sorted(missing))}")
        users = dict(view.users)
        unread = _concerned(view).difference(hinted)
        if unread:
            users |= self._users.get(sorted(unread))
        placed = dict(view.receipts)
        fresh = [view.messages[i] for i in wanted if i not in placed]
        if fresh:
            new, heads = self._place(fresh, view, users)
            self._note_activity(view, heads)
            self._messages.sequence(heads, new)
            came("routed", fresh)
            unreachable(new)
            placed |= {receipts.message_id: receipts for receipts in new}
        in_order = [placed[i] for i in wanted]
        self._forward(in_order, view, users)
        self._note_last_conversation(in_order, users)
        return in_order

    def _place(
        self, fresh: Sequence[Message], view: RoutingView, users: Mapping[str, User]
    ) -> tuple[list[Receipts], dict[str, tuple[int, Head]]]:
        """Seqs from each head on, in the order of arrival, and the heads as they are then.

        Times follow the seqs: routers' clocks differ, and whoever looks for what came after some
        time must find it after some seq.
        """
        clock = self._clock.now()
        placed: list[Receipts] = []
        heads: dict[str, tuple[int, Head]] = {}
        for message in fresh:
            conversation_id = message.conversation_id
            if conversation_id not in heads:
                there = view.heads[conversation_id]
                heads[conversation_id] = (
                    there.last_seq,
                    there.model_copy(update={"said": {}}),
                )
            read, head = heads[conversation_id]
            seq, now = head.last_seq + 1, max(clock, head.last_activity)
            heads[conversation_id] = (
                read,
                Head(
                    conversation_id=conversation_id,
                    last_seq=seq,
                    last_message_id=message.message_id,
                    last_activity=now,
                    said={**head.said, message.sender: seq},
                ),
            )
            members = view.conversations[conversation_id].members
            plan = plan_deliveries(message, message.recipients(members), users)
            nowhere = [i for i, p in enumerate(plan) if p.address is None]
            placed.append(
                Receipts(
                    message_id=message.message_id,
                    conversation_id=conversation_id,
                    seq=seq,
                    sender=message.sender,
                    origin=message.origin,
                    sequenced_at=now,
                    accepted_at=message.accepted_at,
                    plan=plan,
                    times={(i, Mark.FAILED): now for i in nowhere},
                    failures=dict.fromkeys(nowhere, NO_IDENTITY),
                    trace=message.trace,
                )
            )
        return placed, heads

    def _note_activity(self, view: RoutingView, heads: Mapping[str, tuple[int, Head]]) -> None:
        """Members' listings are ordered by the hour: they are written when it changes."""
        for conversation_id, (_, head) in heads.items():
            hour = activity_hour(head.last_activity)
            if activity_hour(view.heads[conversation_id].last_activity) != hour:
                members = sorted(view.conversations[conversation_id].members)
                self._conversations.touch(conversation_id, members, hour)

    def _forward(
        self, placed: Sequence[Receipts], view: RoutingView, users: Mapping[str, User]
    ) -> None:
        by_channel: dict[str, list[Outgoing]] = defaultdict(list)
        for receipts in placed:
            message = view.messages[receipts.message_id]
            conversation = view.conversations[receipts.conversation_id]
            label = None
            if conversation.type is ConversationType.GROUP:
                label = display_name(message.sender, users)
            for index, planned in enumerate(receipts.plan):
                if planned.channel == APP_CHANNEL or planned.choice:
                    continue
                delivery = delivery_of(message, receipts, index, label)
                if delivery is not None:
                    by_channel[planned.channel].append(delivery.outgoing())
        for channel, outgoing in by_channel.items():
            self._queue.send(channel_queue(channel), outgoing)

    def _note_last_conversation(
        self, placed: Sequence[Receipts], users: Mapping[str, User]
    ) -> None:
        """A person's next words belong where they were last spoken to. Written on change only."""
        latest: dict[tuple[str, Identity], str] = {}
        for receipts in placed:
            for planned in receipts.plan:
                spoken_to = planned.channel != APP_CHANNEL and planned.choice == 0
                if spoken_to and planned.address is not None:
                    identity = Identity(
                        channel=planned.channel,
                        address=planned.address,
                        account=planned.account,
                    )
                    latest[planned.user_id, identity] = receipts.conversation_id
        for (user_id, identity), conversation_id in latest.items():
            if user_id not in users:
                continue  # erased since this was planned
            known = users[user_id].last_conversations
            if known.get("/".join(identity.key)) != conversation_id:
                self._users.spoke_in(user_id, identity, conversation_id)


def _concerned(view: RoutingView) -> set[str]:
    """Everybody whose name or addresses the batch needs."""
    found: set[str] = set()
    for message in view.messages.values():
        conversation = view.conversations[message.conversation_id]
        found.update(message.recipients(conversation.members))
        if conversation.type is ConversationType.GROUP:
            found.add(message.sender)
    return found
