"""Bodies of messages that do not stay, and what is erased of messages.

MSG#id / MSG          `body_until` (ms) and `body`, the name of the item that has the body
MSG#id / BODY#name    payload, metadata, fingerprint                           TTL
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from chat4all.adapters.dynamodb.items import (
    body_of,
    message_item,
    message_of,
    plan_of,
    plan_text,
)
from chat4all.adapters.dynamodb.table import Item, Key, Table
from chat4all.message import ErasedPayload, Erasure, Message
from chat4all.ports import Clock

_OVER: Item = {"payload": ErasedPayload(reason=Erasure.RETENTION).model_dump_json()}
_ERASED: Item = {
    "payload": ErasedPayload(reason=Erasure.USER_ERASED).model_dump_json(),
    "metadata": "{}",
    "fingerprint": "",
    "body": "",
}


class Bodies:
    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def put_apart(self, messages: Sequence[Message]) -> list[Item]:
        """The items of messages, ready to be stored; bodies that will go are stored by now.

        A body has a new name each time: if its message is never stored, or another one has the
        id, then nobody ever asks for it, and TTL removes it.
        """
        items: list[Item] = []
        apart: list[Item] = []
        for message in messages:
            item = message_item(message)
            if message.body_until is not None:
                body, name = body_of(message), uuid.uuid4().hex
                expires_at = message.body_until // 1000
                apart.append(
                    {"pk": item["pk"], "sk": f"BODY#{name}", **body, "expires_at": expires_at}
                )
                item = {k: v for k, v in item.items() if k not in body}
                item |= {"body": name, "body_until": message.body_until}
            items.append(item)
        if len(apart) == 1:
            self._table.put_new(apart[0])
        elif apart:
            self._table.run([self._table.insert(item) for item in apart])
        return items

    def messages(self, items: Iterable[Item], *, fresh: bool) -> list[Message]:
        """Messages with their bodies, or with what stands in their place.

        TTL removes within days what is over: so the time is looked at here. A body that should be
        there and is not: a replica may be behind, and the message is left out as one that it does
        not have at all; but not of a `fresh` read, which knows that it is gone.
        """
        now = self._clock.now()
        items = list(items)
        wanted = [_body_key(i) for i in items if i.get("body") and now < int(i["body_until"])]
        bodies = self._table.get_many(wanted, fresh=fresh) if wanted else {}
        found: list[Message] = []
        for item in items:
            if item.get("body"):
                body = bodies.get(_body_key(item))
                if body is None and not fresh and now < int(item["body_until"]):
                    continue
                item = {"fingerprint": "", **(body or _OVER), **item}
            found.append(message_of(item))
        return found

    def erase(self, message_ids: Sequence[str]) -> None:
        """The bodies beside first: who finds a message erased takes it for done."""
        items = self._table.get_many([(f"MSG#{i}", "MSG") for i in message_ids], fresh=True)
        for item in items.values():
            if item.get("body"):
                self._table.delete(*_body_key(item))
        self._table.run([self._table.set(pk, sk, _ERASED) for pk, sk in items])

    def forget_addresses(self, message_ids: Sequence[str], user_id: str) -> None:
        """Compares with what it read: somebody else may be forgotten in the same plan."""
        keys = [(f"MSG#{i}", "RECEIPTS") for i in message_ids]
        for (pk, sk), item in self._table.get_many(keys, fresh=True).items():
            plan = _without(item["plan"], user_id)
            if plan != item["plan"]:
                self._table.update(
                    pk,
                    sk,
                    "SET #plan = :without",
                    condition="#plan = :read",
                    names={"#plan": "plan"},
                    values={":without": plan, ":read": item["plan"]},
                )


def _body_key(item: Item) -> Key:
    return item["pk"], f"BODY#{item['body']}"


def _without(plan: str, user_id: str) -> str:
    known = plan_of(plan)
    if not any(p.user_id == user_id and p.address is not None for p in known):
        return plan
    return plan_text(
        [p.model_copy(update={"address": None}) if p.user_id == user_id else p for p in known]
    )
