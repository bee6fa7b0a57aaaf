"""Bodies of messages that do not stay, and what is erased of messages.

MSG#id / MSG          `body_until` (ms) and `body`, the name of the item that has the body
MSG#id / BODY#name    payload, metadata, fingerprint, trace                    TTL
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence

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
from chat4all.receipts import Failure

_OVER: Item = {"payload": ErasedPayload(reason=Erasure.RETENTION).model_dump_json()}
_ERASED: Item = {
    "payload": ErasedPayload(reason=Erasure.USER_ERASED).model_dump_json(),
    "metadata": "{}",
    "fingerprint": "",
    "trace": "",
    "body": "",
}


class Bodies:
    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def put_apart(self, messages: Sequence[Message]) -> list[Item]:
        """The items of messages, ready to be stored; bodies that will go are stored by now.

        A body has a new name each time: if its message is never stored, or another one has the
        id, then nobody ever asks for it. Whoever finds the id taken says so to `drop`; what a
        crash leaves goes with the message's erasure, or by TTL.
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

    def drop(self, stored: Iterable[Item], there: Mapping[Key, Item]) -> None:
        """Remove bodies of those whose ids were taken; not of one that was stored itself, by a
        first try whose answer was lost."""
        for item in stored:
            other = there.get((item["pk"], "MSG"))
            if other and item.get("body") and other.get("body") != item["body"]:
                self._table.delete(*_body_key(item))

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
        """The bodies beside first: who finds a message erased takes it for done. All that there
        are, since a crash may have left some that the message does not name."""
        items = self._table.get_many([(f"MSG#{i}", "MSG") for i in message_ids], fresh=True)
        for pk, _ in items:
            for body in self._table.query(
                "pk = :pk AND begins_with(sk, :body)",
                {":pk": pk, ":body": "BODY#"},
                ConsistentRead=True,
                ProjectionExpression="pk, sk",
            ):
                self._table.delete(body["pk"], body["sk"])
        self._table.run([self._table.set(pk, sk, _ERASED) for pk, sk in items])

    def forget_addresses(self, message_ids: Sequence[str], user_id: str) -> None:
        """Compares with what it read: somebody else may be forgotten in the same plan."""
        keys = [(f"MSG#{i}", "RECEIPTS") for i in message_ids]
        for (pk, sk), item in self._table.get_many(keys, fresh=True).items():
            sets, gone = _without(item, user_id)
            if not (sets or gone):
                continue
            named = {f"#n{n}": name for n, name in enumerate((*sets, *gone))}
            texts = {f":n{n}": text for n, text in enumerate(sets.values())}
            set_all = ", ".join(f"#n{n} = :n{n}" for n in range(len(sets)))
            drop = ", ".join(f"#n{len(sets) + n}" for n in range(len(gone)))
            self._table.update(
                pk,
                sk,
                (f"SET {set_all} " if sets else "") + (f"REMOVE {drop}" if gone else ""),
                condition="#plan = :read",
                names={**named, "#plan": "plan"},
                values={**texts, ":read": item["plan"]},
            )


def _body_key(item: Item) -> Key:
    return item["pk"], f"BODY#{item['body']}"


def _without(item: Item, user_id: str) -> tuple[dict[str, str], list[str]]:
    """What to set in a place, and what to remove, so that it says no more of a person than codes:
    a provider may repeat their number in its words."""
    plan = plan_of(item["plan"])
    theirs = [n for n, planned in enumerate(plan) if planned.user_id == user_id]
    sets: dict[str, str] = {}
    if any(plan[n].address is not None for n in theirs):
        without = {n: plan[n].model_copy(update={"address": None}) for n in theirs}
        sets["plan"] = plan_text([without.get(n, planned) for n, planned in enumerate(plan)])
    for name in (f"failure#{n}" for n in theirs if f"failure#{n}" in item):
        wordless = Failure.model_validate_json(item[name]).model_copy(update={"reason": ""})
        if wordless.model_dump_json() != item[name]:
            sets[name] = wordless.model_dump_json()
    return sets, [f"why#{n}" for n in theirs if f"why#{n}" in item]
