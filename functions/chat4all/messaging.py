"""Accept messages.

A message is accepted when it is stored and on its way: one conditional put on
its id, then one send to `inbound`. Its place in the conversation comes from
the router (`routing`), so that nobody's next message can overtake one that
was answered.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chat4all import facts
from chat4all.caller import Caller
from chat4all.conversation import Conversation, ConversationType
from chat4all.delivery import INBOUND, MAX_HINTS, ToRoute
from chat4all.errors import Chat4AllError, Conflict, Forbidden, Invalid, Unavailable
from chat4all.ids import new_id
from chat4all.measuring import came
from chat4all.message import ALL_CHANNELS, FileContent, FilePayload, Message, NewMessage, Payload
from chat4all.metrics import Metric, timed
from chat4all.ports import Clock, ConversationStore, MessageStore, Queue
from chat4all.sharing import Sharing
from chat4all.user import APP_CHANNEL

MAX_BATCH = 25
"""Messages in one request: what one BatchExecuteStatement takes."""


@dataclass(frozen=True)
class Accepted:
    message_id: str
    replayed: bool = False


class Messaging:
    def __init__(
        self,
        messages: MessageStore,
        conversations: ConversationStore,
        queue: Queue,
        clock: Clock,
        channels: frozenset[str],
        sharing: Sharing,
    ) -> None:
        self._messages = messages
        self._conversations = conversations
        self._queue = queue
        self._clock = clock
        self._channels = channels | {APP_CHANNEL, ALL_CHANNELS}
        self._sharing = sharing

    def accept(self, caller: Caller, new: NewMessage) -> Accepted:
        """Store a message and put it on its way; a repeat is answered as the first time.

        Raises:
            NotFound: no such conversation for this caller.
            Invalid, Forbidden: the sender, a recipient or a channel is not possible.
            Conflict: the id belongs to another message.
            Unavailable: it may or may not be stored; sending it again with its id completes it.
        """
        [outcome] = self.accept_batch(caller, [new])
        if isinstance(outcome, Chat4AllError):
            raise outcome
        return outcome

    @timed(Metric.LATENCY, segment="accept")
    def accept_batch(
        self, caller: Caller, batch: Sequence[NewMessage]
    ) -> list[Accepted | Chat4AllError]:
        """As `accept`, for up to 25 at once: in their order, an outcome for each."""
        began = time.time()
        outcomes: dict[int, Accepted | Chat4AllError] = {}
        known = self._conversations.get(list(dict.fromkeys(n.conversation_id for n in batch)))
        messages: dict[int, Message] = {}
        first: dict[str, int] = {}
        repeats: dict[int, int] = {}
        for number, new in enumerate(batch):
            try:
                message = self._check(caller, new, known.get(new.conversation_id))
            except Chat4AllError as error:
                outcomes[number] = error
                continue
            if message.message_id in first:
                repeats[number] = first[message.message_id]
            else:
                first[message.message_id] = number
            messages[number] = message
        stored = {n: m for n, m in messages.items() if n not in repeats}
        outcomes |= self._store(stored, known, began)
        for number, earlier in repeats.items():
            outcomes[number] = _repeat_of(
                messages[number], messages[earlier].fingerprint, outcomes[earlier]
            )
        return [outcomes[number] for number in range(len(batch))]

    def _check(self, caller: Caller, new: NewMessage, there: Conversation | None) -> Message:
        conversation = caller.may_see(there)
        sender = caller.acting_as(new.sender, "from")
        if sender not in conversation.members:
            raise Forbidden("sender_not_member", "The sender is no member of the conversation.")
        strangers = sorted(set(new.to or ()) - conversation.members)
        if strangers:
            raise Invalid(
                "recipient_not_member", f"No member of the conversation: {', '.join(strangers)}."
            )
        unknown = sorted(set(new.channels or ()) - self._channels)
        if unknown:
            raise Invalid(
                "unknown_channel",
                f"No such channel: {', '.join(unknown)}. There are: "
                f"{', '.join(sorted(self._channels))}.",
            )
        now = self._clock.now()
        return Message(
            message_id=new.message_id or new_id(),
            conversation_id=new.conversation_id,
            sender=sender,
            to=new.to,
            channels=new.channels,
            payload=self._payload(caller, sender, new),
            metadata=new.metadata,
            fingerprint=new.fingerprint(caller.subject),
            accepted_at=now,
            body_until=conversation.body_until(now),
            trace=caller.trace,
        )

    def _payload(self, caller: Caller, sender: str, new: NewMessage) -> Payload:
        """As sent; a file with what is known of it. The conversation's members may fetch it then:
        noted before the message is stored, so that nobody gets one without its file."""
        if not isinstance(new.payload, FilePayload):
            return new.payload
        file = self._sharing.sendable(sender, new.payload.file_id, by_service=caller.is_service)
        self._sharing.share(file.file_id, new.conversation_id)
        return FileContent(
            **new.payload.model_dump(),
            filename=file.filename,
            content_type=file.content_type,
            size=file.size,
        )

    def _store(
        self, messages: dict[int, Message], known: Mapping[str, Conversation], began: float
    ) -> dict[int, Accepted | Chat4AllError]:
        if not messages:
            return {}
        outcomes: dict[int, Accepted | Chat4AllError] = {}
        to_route: list[ToRoute] = []
        fresh: list[Message] = []
        repeated: list[Message] = []
        try:
            there = self._messages.add(list(messages.values()))
            unplaced = self._unplaced([m.message_id for m in there if m is not None])
            for (number, message), existing in zip(messages.items(), there, strict=True):
                if existing is not None and existing.fingerprint != message.fingerprint:
                    outcomes[number] = _taken()
                    continue
                outcomes[number] = Accepted(message.message_id, replayed=existing is not None)
                (repeated if existing else fresh).append(existing or message)
                if existing is None or message.message_id in unplaced:
                    stored = existing or message
                    to_route.append(to_route_of(stored, known[message.conversation_id]))
            if to_route:
                self._queue.send(INBOUND, [t.outgoing() for t in to_route])
        except Unavailable as error:
            return {
                number: outcome if isinstance(outcome := outcomes.get(number), Conflict) else error
                for number in messages
            }
        came("accepted", fresh)
        for message in fresh:
            facts.accepted(message, began, replayed=False)
        for message in repeated:
            facts.accepted(message, began, replayed=True)
        return outcomes

    def _unplaced(self, message_ids: Sequence[str]) -> set[str]:
        """Those that were stored and perhaps never enqueued: a crash came between."""
        if not message_ids:
            return set()
        return set(message_ids) - self._messages.receipts(message_ids, fresh=True).keys()


def to_route_of(message: Message, conversation: Conversation) -> ToRoute:
    """The queue's message, with whom it concerns as far as that is few and known now."""
    concerns = message.recipients(conversation.members)
    if conversation.type is ConversationType.GROUP:
        concerns.append(message.sender)  # by name
    return ToRoute(
        message_id=message.message_id,
        conversation_id=message.conversation_id,
        concerns=tuple(concerns) if len(concerns) <= MAX_HINTS else (),
        trace=message.trace,
    )


def _taken() -> Conflict:
    """Bare on purpose: it tells nothing of the other message."""
    return Conflict("message_id_taken", "This message_id belongs to a different message.")


def _repeat_of(
    message: Message, fingerprint: str, outcome: Accepted | Chat4AllError
) -> Accepted | Chat4AllError:
    if isinstance(outcome, Accepted) and message.fingerprint == fingerprint:
        return Accepted(outcome.message_id, replayed=True)
    return outcome if isinstance(outcome, Chat4AllError) else _taken()
