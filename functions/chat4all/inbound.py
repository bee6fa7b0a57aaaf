"""Apply what providers call back with: receipts for what we sent, and what people write to us."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

from chat4all import facts
from chat4all.announcing import Announcing
from chat4all.applied import Applied, tell
from chat4all.conversation import Conversation, ConversationType, private_id
from chat4all.delivery import (
    INBOUND,
    InboundUpdate,
    MediaPayload,
    StatusUpdate,
    ToRoute,
    parse_opaque,
)
from chat4all.errors import UserErased
from chat4all.ids import derived_id
from chat4all.measuring import came
from chat4all.meeting import Meeting
from chat4all.message import FileContent, Message, Payload
from chat4all.metrics import Metric, count
from chat4all.planning import display_name, forward
from chat4all.ports import Clock, ConversationStore, MessageStore, Queue, UserStore
from chat4all.receipts import Failure, Mark, Receipt, Receipts, Reference, Status
from chat4all.user import Identity, User

UNKNOWN = ("", 0)
"""A delivery that no message has."""


class Inbound:
    def __init__(
        self,
        messages: MessageStore,
        conversations: ConversationStore,
        users: UserStore,
        queue: Queue,
        clock: Clock,
        media: Announcing,
        people: Meeting,
    ) -> None:
        self._messages = messages
        self._conversations = conversations
        self._users = users
        self._queue = queue
        self._clock = clock
        self._media = media
        self._people = people

    def apply(self, updates: Sequence[StatusUpdate]) -> Applied:
        """Record receipts: each once, whatever their order, one read and one write for all."""
        began = time.time()
        targets = self._targets(updates)
        places = self._messages.receipts(list({t[0] for t in targets.values() if t}))
        unknown: list[int] = []
        new: dict[tuple[str, int, Mark], Receipt] = {}
        for position, update in enumerate(updates):
            target = targets.get(position, UNKNOWN)
            if target is None:
                continue
            message_id, index = target
            place = places.get(message_id)
            if place is None or index >= len(place.plan):
                unknown.append(position)
                continue
            if place.plan[index].channel != update.channel:  # who vouches for one, for that alone
                unknown.append(position)
                continue
            if (index, update.mark) not in place.times:
                new.setdefault(
                    (message_id, index, update.mark), self._receipt(update, place, index)
                )
        if new:
            tell(self._messages.record(list(new.values())), places, began, self._clock.now())
        if unknown:
            count(Metric.RETRIES, len(unknown), step="callback")
        return Applied(len(new), unknown)

    def _targets(self, updates: Sequence[StatusUpdate]) -> dict[int, tuple[str, int] | None]:
        """Position → message and delivery: by our opaque field, else by the provider's id.

        None is for what is ours and no news: an earlier part of a split text, or what came in.
        """
        found: dict[int, tuple[str, int] | None] = {}
        by_channel: dict[str, dict[str, list[int]]] = {}
        for position, update in enumerate(updates):
            ours = parse_opaque(update.opaque) if update.opaque else None
            if ours is not None:
                found[position] = ours
            else:
                ids = by_channel.setdefault(update.channel, {})
                ids.setdefault(update.provider_id, []).append(position)
        for channel, ids in by_channel.items():
            for provider_id, reference in self._messages.references(channel, list(ids)).items():
                for position in ids[provider_id]:
                    failed = updates[position].mark is Mark.FAILED
                    found[position] = None
                    if reference.index is not None and (reference.final or failed):
                        found[position] = (reference.message_id, reference.index)
        return found

    def _receipt(self, update: StatusUpdate, place: Receipts, index: int) -> Receipt:
        failure = update.failure
        if update.mark is Mark.FAILED:
            failure = failure or Failure(code="failed", reason="The provider gave no reason.")
            following = place.next_choice(index)
            arrived = place.delivery_status(index) in (Status.DELIVERED, Status.READ)
            if failure.next_choice and following is not None and not arrived:
                forward(self._queue, self._messages, place, following, self._label(place))
            else:
                failure = failure.model_copy(update={"next_choice": False})
            if place.plan[index].address is None:  # erased since: their number may be in words
                failure = failure.model_copy(update={"reason": ""})
        return Receipt(
            message_id=place.message_id,
            index=index,
            mark=update.mark,
            at=min(update.at, self._clock.now()),
            failure=failure,
        )

    def _label(self, place: Receipts) -> str | None:
        """In a group, the text says who spoke."""
        found = self._conversations.get([place.conversation_id]).get(place.conversation_id)
        if found is None or found.type is not ConversationType.GROUP:
            return None
        return display_name(place.sender, self._users.get([place.sender]))

    def receive(self, update: InboundUpdate) -> str:
        """A person wrote: give it a sender and a conversation and put it on its way; its id.

        Every id derives from the provider's, so that a repeat changes nothing. Providers repeat
        for days: what is known by then makes no user, no file and no body again, since whoever
        wrote it may have been erased.

        Raises:
            Unavailable, Raced: nothing is lost; offer it again.
        """
        began = time.time()
        message_id = derived_id("message", update.channel, update.provider_id)
        known = self._messages.get([message_id], fresh=True).get(message_id)
        sender: User | None
        if known is None:
            message, sender = self._accept(update, message_id)
        else:
            message, sender = known, self._users.get([known.sender]).get(known.sender)
        if sender is not None:
            self._note(update, message)
            if known is None or not self._messages.receipts([message_id], fresh=True):
                self._note_last_conversation(update, sender, message.conversation_id)
        to_route = ToRoute(message_id=message_id, conversation_id=message.conversation_id)
        self._queue.send(INBOUND, [to_route.outgoing()])
        facts.accepted(message, began, replayed=known is not None)
        return message_id

    def _accept(self, update: InboundUpdate, message_id: str) -> tuple[Message, User]:
        """Store it, with all that it needs to be there before it; and who wrote it."""
        user = self._people.sender(update)
        conversation = self._conversation(update, user)
        payload: Payload
        if isinstance(update.payload, MediaPayload):
            payload = self._media.announce(update, update.payload, user.user_id)
        else:
            payload = update.payload
        now = self._clock.now()
        message = Message(
            message_id=message_id,
            conversation_id=conversation.conversation_id,
            sender=user.user_id,
            payload=payload,
            fingerprint="",
            accepted_at=now,
            origin=update.channel,
            body_until=conversation.body_until(now),
        )
        [there] = self._messages.add([message])
        if there is None:
            came("accepted", [message])
        return there or message, user

    def _note(self, update: InboundUpdate, message: Message) -> None:
        """What is kept beside the message, while its sender is there."""
        if isinstance(message.payload, FileContent):
            self._media.share(message.payload, message.conversation_id)
        reference = Reference(
            channel=update.channel,
            provider_id=update.provider_id,
            message_id=message.message_id,
            conversation_id=message.conversation_id,
        )
        self._messages.record([], [reference])

    def _note_last_conversation(
        self, update: InboundUpdate, user: User, conversation_id: str
    ) -> None:
        """Their next words belong where these went; not for a repeat of what has its place, since
        they may have been written to elsewhere by then. Written on change only."""
        for identity in user.identities:
            if (identity.channel, identity.address) == (update.channel, update.address) and (
                identity.account in (None, update.account)
            ):
                last = user.last_conversations.get("/".join(identity.key))
                if last != conversation_id:
                    self._users.spoke_in(user.user_id, identity, conversation_id)

    def _conversation(self, update: InboundUpdate, user: User) -> Conversation:
        """Where it belongs: with what it replies to, else where this identity last spoke, else
        the person's latest conversation, else a new one with the account's inbox."""
        candidates: list[str] = []
        if update.reply_to is not None:
            known = self._messages.references(update.channel, [update.reply_to])
            candidates += [reference.conversation_id for reference in known.values()]
        for account in (update.account, None):
            identity = Identity(channel=update.channel, address=update.address, account=account)
            last = user.last_conversations.get("/".join(identity.key))
            candidates += [last] if last else []
        found = self._conversations.get(candidates) if candidates else {}
        for candidate in candidates:
            if candidate in found and user.user_id in found[candidate].members:
                return found[candidate]
        recent = self._latest(user.user_id)
        return recent or self._inbox_conversation(update, user)

    def _latest(self, user_id: str) -> Conversation | None:
        recent, _ = self._conversations.recent(user_id, from_hour=None, at_least=1)
        heads = self._conversations.heads(list(recent))
        exist = self._conversations.get(list(heads)) if heads else {}
        latest = max(exist, key=lambda i: heads[i].last_activity, default=None)
        return None if latest is None else exist[latest]

    def _inbox_conversation(self, update: InboundUpdate, user: User) -> Conversation:
        now = self._clock.now()
        inbox_id = f"inbox.{update.channel}.{update.account}"[:64]
        if inbox_id not in self._users.get([inbox_id]):
            inbox = User(user_id=inbox_id, name=f"Inbox {update.account}", created_at=now)
            with suppress(UserErased):  # whoever erased it still hears what people write
                self._users.put(inbox)
        conversation = Conversation(
            conversation_id=private_id(inbox_id, user.user_id),
            type=ConversationType.PRIVATE,
            members=frozenset((inbox_id, user.user_id)),
            created_by=inbox_id,
            created_at=now,
        )
        return self._conversations.create(conversation)
