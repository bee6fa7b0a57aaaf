"""Hand queued messages to their channel, at least once, and each person's in their order."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import inf

from chat4all import facts
from chat4all.attachments import Attachments
from chat4all.breaker import Breaker
from chat4all.delivery import Delivery, channel_queue
from chat4all.errors import TryLater, Undeliverable
from chat4all.measuring import not_taken, recorded, took
from chat4all.metrics import Metric, count
from chat4all.planning import forward
from chat4all.ports import Clock, Connector, MessageStore, Queue
from chat4all.receipts import Failure, Mark, Receipt, Receipts
from chat4all.sending import SLOWEST_SEND, Outcome, Received, Sending

AT_ONCE = 10
"""People served side by side: a batch has at most so many."""
MAX_ATTEMPTS = 12
FIRST_WAIT = 2.0
LONGEST_WAIT = 900.0
LOOK_AGAIN, LONGEST_LOOK = 1.0, 120.0
"""Seconds between looks at something of ours that is not ready, or at a channel that is left alone:
more with the message's age, so that a day has fewer of them than the queue allows receives."""
SETTLE_WAIT = 15.0
"""Seconds for a provider's callback to tell us about a send whose answer was lost."""


class Delivering:
    def __init__(
        self,
        channel: str,
        connector: Connector,
        messages: MessageStore,
        queue: Queue,
        breaker: Breaker,
        clock: Clock,
        attachments: Attachments,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._channel = channel
        self._messages = messages
        self._queue = queue
        self._breaker = breaker
        self._clock = clock
        self._sending = Sending(channel, connector, messages, attachments, clock)
        self._jitter = jitter
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="send")

    def deliver(
        self, batch: Sequence[Received], seconds_left: Callable[[], float] = lambda: inf
    ) -> list[str]:
        """Hand a batch to the channel; the item ids of what must be offered again.

        Goes in waves: the next message of each person side by side, then what
        happened is recorded in one write before anybody's following one is
        taken. So a crash repeats at most one message per person, and a
        redelivered batch skips what is recorded. When a message has to wait,
        all that follows it for that person waits as long. No wave is begun
        that might not end in the time that is left.
        """
        wait = self._breaker.closed_in()
        if wait is not None:
            oldest = min(received.delivery.accepted_at for received in batch)
            self._put_off(batch, max(wait, self._look_again_in(oldest)))
            return [received.item_id for received in batch]
        receipts = self._messages.receipts([r.delivery.message_id for r in batch], fresh=True)
        groups: dict[str, deque[Received]] = {}
        for received in batch:
            delivery = received.delivery
            person = f"{delivery.conversation_id}#{delivery.user_id}"
            groups.setdefault(person, deque()).append(received)
        again: list[str] = []
        done: set[str] = set()
        while groups:
            if seconds_left() < SLOWEST_SEND:
                rest = [received for group in groups.values() for received in group]
                self._put_off(rest, 1)
                return [*again, *(received.item_id for received in rest)]
            heads = [group[0] for group in groups.values()]
            todo = [
                r
                for r in heads
                if r.delivery.opaque not in done and not _settled(r.delivery, receipts)
            ]
            outcomes = self._send_all(todo, receipts, seconds_left)
            postponed = self._record(outcomes, receipts)
            done |= {r.delivery.opaque for r in todo}
            for person in list(groups):
                if person in postponed:
                    followers = list(groups.pop(person))
                    self._put_off(followers, postponed[person])
                    again += [r.item_id for r in followers]
                    continue
                groups[person].popleft()
                if not groups[person]:
                    del groups[person]
        return again

    def _send_all(
        self,
        wave: Sequence[Received],
        receipts: Mapping[str, Receipts],
        seconds_left: Callable[[], float],
    ) -> list[Outcome]:
        if len(wave) == 1:
            return [self._sending.send(wave[0], receipts, seconds_left)]
        return list(self._pool.map(lambda r: self._sending.send(r, receipts, seconds_left), wave))

    def _record(
        self, outcomes: Sequence[Outcome], receipts: Mapping[str, Receipts]
    ) -> dict[str, float]:
        """Keep what happened; person → seconds, for those who have to wait.

        What the providers took comes first: nothing that fails after it may have it sent again.
        """
        now = self._clock.now()
        sent = [o for o in outcomes if o.failed is None and o.later is None]
        if sent:
            references = [outcome.reference for outcome in sent if outcome.reference]
            marks = [_receipt(o.received.delivery, Mark.SENT, now) for o in sent]
            recorded(self._channel, self._messages.record(marks, references))
            for outcome in sent:
                self._tell(outcome, receipts, "sent")
                took(
                    "accept_to_provider", self._channel, outcome.received.delivery.accepted_at, now
                )
        failures: list[Receipt] = []
        waits: dict[str, float] = {}
        for outcome in outcomes:
            delivery, failed = outcome.received.delivery, outcome.failed
            if error := failed or outcome.later:
                not_taken(self._channel, error)
            if outcome.later is not None:
                wait = self._wait(delivery, outcome.later)
                if wait is not None:
                    count(Metric.RETRIES, step="deliver")
                    self._tell(outcome, receipts, "later", outcome.later.code)
                    waits[f"{delivery.conversation_id}#{delivery.user_id}"] = wait
                    continue
                failed = Undeliverable(
                    "gave_up",
                    f"{MAX_ATTEMPTS} attempts: {outcome.later.reason}",
                    recipient=True,
                    retriable=True,
                )
            if failed is not None:
                failure = self._fail_over(delivery, failed, receipts)
                failures.append(_receipt(delivery, Mark.FAILED, now, failure))
                self._tell(outcome, receipts, "failed", failed.code)
        if failures:
            recorded(self._channel, self._messages.record(failures))
        if sent:
            self._breaker.succeeded()
        return waits

    def _tell(
        self,
        outcome: Outcome,
        receipts: Mapping[str, Receipts],
        became: str,
        code: str | None = None,
    ) -> None:
        received = outcome.received
        place = receipts.get(received.delivery.message_id)
        times = (outcome.began, outcome.took)
        facts.delivered(
            received.delivery, place, *times, outcome=became, code=code, receives=received.receives
        )

    def _wait(self, delivery: Delivery, later: TryLater) -> float | None:
        """Seconds until the next attempt; None when that was the last."""
        if not later.attempted:
            return self._look_again_in(delivery.accepted_at)
        if later.channel_down:
            self._breaker.failed(at_once=later.opens_breaker)
        attempts = self._messages.count_attempt(
            delivery.message_id, delivery.index, f"{later.code}: {later.reason}"
        )
        outage = later.channel_down and self._breaker.is_open
        if attempts >= MAX_ATTEMPTS and not outage and not later.throttled:
            return None  # the fault may be the message's own, and it holds the person's others up
        wait: float = min(FIRST_WAIT * 2.0 ** (attempts - 1), LONGEST_WAIT)
        wait *= 0.5 + self._jitter() / 2
        if later.maybe_sent:
            wait = max(wait, SETTLE_WAIT)
        return max(wait, later.retry_after or 0)

    def _look_again_in(self, accepted_at: int) -> float:
        """Seconds until something that nobody was asked about is looked at again."""
        age = (self._clock.now() - accepted_at) / 1000
        return min(max(LOOK_AGAIN, age / 4), LONGEST_LOOK)

    def _fail_over(
        self, delivery: Delivery, error: Undeliverable, receipts: Mapping[str, Receipts]
    ) -> Failure:
        """Try the recipient's next channel where the fault lies with this one. It is enqueued
        before the failure is recorded: a crash in between repeats, and loses nothing."""
        place = receipts.get(delivery.message_id)
        following = place.next_choice(delivery.index) if place and error.recipient else None
        if place is not None and following is not None:
            forward(self._queue, self._messages, place, following, delivery.sender_name)
        return Failure(
            code=error.code,
            reason=error.reason,
            retriable=error.retriable,
            next_choice=following is not None,
        )

    def _put_off(self, items: Sequence[Received], seconds: float) -> None:
        handles = [received.receipt_handle for received in items]
        self._queue.hide(channel_queue(self._channel), handles, max(1, round(seconds)))


def _settled(delivery: Delivery, receipts: Mapping[str, Receipts]) -> bool:
    place = receipts.get(delivery.message_id)
    return place is not None and place.settled(delivery.index)


def _receipt(delivery: Delivery, mark: Mark, at: int, failure: Failure | None = None) -> Receipt:
    return Receipt(
        message_id=delivery.message_id, index=delivery.index, mark=mark, at=at, failure=failure
    )
