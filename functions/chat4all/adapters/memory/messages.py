"""Messages, their order, their receipts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chat4all.adapters.memory.store import MemoryStore
from chat4all.conversation import Head
from chat4all.errors import Raced
from chat4all.message import Erasure, Message
from chat4all.ports import RoutingView
from chat4all.receipts import Receipt, Receipts, Reference


class MemoryMessageStore:
    def __init__(self, store: MemoryStore) -> None:
        self._s = store

    def add(self, messages: Sequence[Message]) -> list[Message | None]:
        with self._s.lock:
            now, known = self._s.clock.now(), self._s.messages
            there = [known[i].at(now) if (i := m.message_id) in known else None for m in messages]
            for message in messages:
                self._s.messages.setdefault(message.message_id, message)
            return there

    def get(self, message_ids: Sequence[str], *, fresh: bool = False) -> dict[str, Message]:
        now, known = self._s.clock.now(), self._s.messages
        return {i: known[i].at(now) for i in message_ids if i in known}

    def receipts(self, message_ids: Sequence[str], *, fresh: bool = False) -> dict[str, Receipts]:
        return {i: self._s.placed[i] for i in message_ids if i in self._s.placed}

    def routing_view(
        self,
        message_ids: Sequence[str],
        conversation_ids: Sequence[str],
        user_ids: Sequence[str] = (),
    ) -> RoutingView:
        conversations, heads = self._s.conversations, self._s.heads
        return RoutingView(
            messages=self.get(message_ids),
            receipts=self.receipts(message_ids),
            conversations={i: conversations[i] for i in conversation_ids if i in conversations},
            heads={i: heads[i] for i in conversation_ids if i in heads},
            users={i: self._s.users[i] for i in user_ids if i in self._s.users},
        )

    def sequence(self, heads: Mapping[str, tuple[int, Head]], placed: Sequence[Receipts]) -> None:
        with self._s.lock:
            for conversation_id, (read, _) in heads.items():
                there = self._s.heads.get(conversation_id)
                if there is None or there.last_seq != read:
                    raise Raced(conversation_id)
            if any(r.message_id in self._s.placed for r in placed):
                raise Raced("a message has its place already")
            for conversation_id, (_, head) in heads.items():
                said = {**self._s.heads[conversation_id].said, **head.said}
                self._s.heads[conversation_id] = head.model_copy(update={"said": said})
            self._s.placed |= {r.message_id: r for r in placed}

    def history(
        self, conversation_id: str, *, after: int, before: int, limit: int, newest_first: bool
    ) -> list[tuple[int, str]]:
        found = sorted(
            (
                (r.seq, r.message_id)
                for r in self._s.placed.values()
                if r.conversation_id == conversation_id and after < r.seq < before
            ),
            reverse=newest_first,
        )
        return found[:limit]

    def record(
        self, receipts: Sequence[Receipt], references: Sequence[Reference] = ()
    ) -> list[Receipt]:
        with self._s.lock:
            for reference in references:
                key = (reference.channel, reference.provider_id)
                self._s.references.setdefault(key, reference)
            return [receipt for receipt in receipts if self._set_time(receipt)]

    def _set_time(self, receipt: Receipt) -> bool:
        placed = self._s.placed.get(receipt.message_id)
        key = (receipt.index, receipt.mark)
        if placed is None or key in placed.times:
            return False
        update: dict[str, Any] = {"times": {**placed.times, key: receipt.at}}
        if receipt.failure is not None:
            update["failures"] = {**placed.failures, receipt.index: receipt.failure}
        self._s.placed[receipt.message_id] = placed.model_copy(update=update)
        return True

    def record_part(self, message_id: str, index: int, parts: int, reference: Reference) -> None:
        with self._s.lock:
            self._s.references.setdefault((reference.channel, reference.provider_id), reference)
            placed = self._placed(message_id)
            self._s.placed[message_id] = placed.model_copy(
                update={"parts": {**placed.parts, index: parts}}
            )

    def count_attempt(self, message_id: str, index: int, reason: str) -> int:
        with self._s.lock:
            self._placed(message_id)
            tries = self._s.attempts.get((message_id, index), 0) + 1
            self._s.attempts[message_id, index] = tries
            return tries

    def _placed(self, message_id: str) -> Receipts:
        if message_id not in self._s.placed:
            raise Raced(message_id)
        return self._s.placed[message_id]

    def erase(self, message_ids: Sequence[str]) -> None:
        with self._s.lock:
            for i in message_ids:
                if i in self._s.messages:
                    erased = self._s.messages[i].erased(Erasure.USER_ERASED)
                    self._s.messages[i] = erased

    def forget_addresses(self, message_ids: Sequence[str], user_id: str) -> None:
        with self._s.lock:
            for i in message_ids:
                if i in self._s.placed:
                    plan = [
                        p.model_copy(update={"address": None}) if p.user_id == user_id else p
                        for p in self._s.placed[i].plan
                    ]
                    failures = {
                        n: f.model_copy(update={"reason": ""}) if plan[n].user_id == user_id else f
                        for n, f in self._s.placed[i].failures.items()
                    }
                    update = {"plan": tuple(plan), "failures": failures}
                    self._s.placed[i] = self._s.placed[i].model_copy(update=update)

    def references(self, channel: str, provider_ids: Sequence[str]) -> dict[str, Reference]:
        known = self._s.references
        return {i: known[channel, i] for i in provider_ids if (channel, i) in known}
