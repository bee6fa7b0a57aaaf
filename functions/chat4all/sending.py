"""Send one delivery to its channel, part by part, and say what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from chat4all.attachments import Attachments
from chat4all.delivery import Delivery
from chat4all.errors import TryLater, Unavailable, Undeliverable
from chat4all.ports import Clock, Connector, MessageStore
from chat4all.receipts import Receipts, Reference

MAX_AGE_MS = 24 * 3_600_000
"""A delivery that did not work for a day is over: no channel's window is longer."""
SLOWEST_SEND = 14.0
"""Seconds that one send may take at the most: connecting and reading, see channels.http."""
EXPIRED = Undeliverable("expired", "It is over a day old.", retriable=True)


@dataclass(frozen=True)
class Received:
    """A delivery as the queue gave it."""

    delivery: Delivery
    receipt_handle: str
    item_id: str
    receives: int = 1
    """How often it was, this time included."""


@dataclass(frozen=True)
class Outcome:
    """What the channel said: taken, with its reference; never; or not now."""

    received: Received
    reference: Reference | None = None
    failed: Undeliverable | None = None
    later: TryLater | None = None
    began: float = 0.0
    """Seconds since 1970, and how many it took."""
    took: float = 0.0


class Sending:
    def __init__(
        self,
        channel: str,
        connector: Connector,
        messages: MessageStore,
        attachments: Attachments,
        clock: Clock,
    ) -> None:
        self._channel = channel
        self._connector = connector
        self._messages = messages
        self._attachments = attachments
        self._clock = clock

    def send(
        self,
        received: Received,
        receipts: Mapping[str, Receipts],
        seconds_left: Callable[[], float],
    ) -> Outcome:
        began, clock = time.time(), time.perf_counter()
        outcome = self._sent(received, receipts, seconds_left)
        return replace(outcome, began=began, took=time.perf_counter() - clock)

    def _sent(
        self,
        received: Received,
        receipts: Mapping[str, Receipts],
        seconds_left: Callable[[], float],
    ) -> Outcome:
        delivery = received.delivery
        place = receipts.get(delivery.message_id)
        if place is None:
            return Outcome(received, failed=Undeliverable("message_gone", "It is not stored."))
        if self._clock.now() - delivery.accepted_at > MAX_AGE_MS:
            return Outcome(received, failed=EXPIRED)
        try:
            reference = self._send_parts(delivery, place, seconds_left)
        except Undeliverable as error:
            return Outcome(received, failed=error)
        except TryLater as error:
            return Outcome(received, later=error)
        except Unavailable as error:  # one that fails must not take along what others were sent
            return Outcome(received, later=TryLater("unavailable", str(error), attempted=False))
        return Outcome(received, reference=reference)

    def _send_parts(
        self, delivery: Delivery, place: Receipts, seconds_left: Callable[[], float]
    ) -> Reference:
        """Send what the provider has not taken yet, part by part; the last one's reference."""
        sendable, attachment = self._attachments.resolve(delivery, self._connector)
        kind = sendable.payload.type
        if kind == "erased" or place.plan[delivery.index].address is None:
            raise Undeliverable("erased", "Its body, or its recipient, was erased meanwhile.")
        if attachment is None and kind not in self._connector.capabilities.payloads:
            reason = f"This channel does not carry payloads of type {kind}."
            raise Undeliverable("payload_not_supported", reason, recipient=True)
        parts = self._connector.split(sendable, attachment)
        taken = place.parts.get(delivery.index, 0)
        for number in range(taken, len(parts) - 1):
            provider_id = self._connector.send(sendable, parts[number], final=False)
            reference = self._reference(delivery, provider_id, final=False)
            try:
                self._messages.record_part(
                    delivery.message_id, delivery.index, number + 1, reference
                )
            except Unavailable as error:
                raise TryLater("not_recorded", str(error), maybe_sent=True) from error
            if seconds_left() < SLOWEST_SEND:
                raise TryLater("out_of_time", "Its other parts follow.", attempted=False)
        provider_id = self._connector.send(sendable, parts[-1], final=True)
        return self._reference(delivery, provider_id)

    def _reference(self, delivery: Delivery, provider_id: str, *, final: bool = True) -> Reference:
        return Reference(
            channel=self._channel,
            provider_id=provider_id,
            message_id=delivery.message_id,
            conversation_id=delivery.conversation_id,
            index=delivery.index,
            final=final,
        )
