"""Messages, their order, their receipts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chat4all.adapters.dynamodb.bodies import Bodies
from chat4all.adapters.dynamodb.items import (
    conversation_of,
    head_of,
    padded,
    receipts_item,
    receipts_of,
    reference_item,
    reference_of,
    user_of,
)
from chat4all.adapters.dynamodb.table import INDEX, Statement, Table, key, to_wire
from chat4all.conversation import Head
from chat4all.message import Message
from chat4all.ports import Clock, RoutingView
from chat4all.receipts import Mark, Receipt, Receipts, Reference


class DynamoMessageStore:
    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._bodies = Bodies(table, clock)

    def add(self, messages: Sequence[Message]) -> list[Message | None]:
        items = self._bodies.put_apart(messages)
        if len(items) == 1:
            there = self._table.put_new(items[0])
            if there is None:
                return [None]
            self._bodies.drop(items, {(there["pk"], there["sk"]): there})
            return [*self._bodies.messages([there], fresh=True)]
        outcomes = self._table.run([self._table.insert(item) for item in items])
        taken = [m.message_id for m, outcome in zip(messages, outcomes, strict=True) if outcome]
        found = self._table.get_many([(f"MSG#{i}", "MSG") for i in taken], fresh=True)
        self._bodies.drop((i for i, outcome in zip(items, outcomes, strict=True) if outcome), found)
        known = {m.message_id: m for m in self._bodies.messages(found.values(), fresh=True)}
        return [
            known[m.message_id] if outcome else None
            for m, outcome in zip(messages, outcomes, strict=True)
        ]

    def get(self, message_ids: Sequence[str], *, fresh: bool = False) -> dict[str, Message]:
        found = self._table.get_many([(f"MSG#{i}", "MSG") for i in message_ids], fresh=fresh)
        messages = self._bodies.messages(found.values(), fresh=fresh)
        return {m.message_id: m for m in messages}

    def receipts(self, message_ids: Sequence[str], *, fresh: bool = False) -> dict[str, Receipts]:
        found = self._table.get_many([(f"MSG#{i}", "RECEIPTS") for i in message_ids], fresh=fresh)
        return {r.message_id: r for r in map(receipts_of, found.values())}

    def routing_view(
        self,
        message_ids: Sequence[str],
        conversation_ids: Sequence[str],
        user_ids: Sequence[str] = (),
    ) -> RoutingView:
        """One batch get for everything, as a rule: it takes a hundred items."""
        keys = [(f"MSG#{i}", sk) for i in message_ids for sk in ("MSG", "RECEIPTS")]
        keys += [(f"CONV#{i}", sk) for i in conversation_ids for sk in ("META", "SEQ")]
        keys += [(f"USER#{i}", "META") for i in user_ids]
        found = self._table.get_many(keys, fresh=True)
        by_kind: dict[str, list[dict[str, object]]] = {}
        for (pk, sk), item in found.items():
            kind = "USER" if pk.startswith("USER#") else sk
            by_kind.setdefault(kind, []).append(item)
        messages = self._bodies.messages(by_kind.get("MSG", []), fresh=True)
        return RoutingView(
            messages={m.message_id: m for m in messages},
            receipts={r.message_id: r for r in map(receipts_of, by_kind.get("RECEIPTS", []))},
            conversations={
                c.conversation_id: c for c in map(conversation_of, by_kind.get("META", []))
            },
            heads={h.conversation_id: h for h in map(head_of, by_kind.get("SEQ", []))},
            users={u.user_id: u for u in map(user_of, by_kind.get("USER", []))},
        )

    def sequence(self, heads: Mapping[str, tuple[int, Head]], placed: Sequence[Receipts]) -> None:
        actions = [self._advance(read, head) for read, head in heads.values()]
        actions += [
            {
                "Put": {
                    "TableName": self._table.name,
                    "Item": to_wire(receipts_item(receipts)),
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            }
            for receipts in placed
        ]
        self._table.transact(actions)

    def _advance(self, read: int, head: Head) -> dict[str, object]:
        said = {f"#s{i}": f"said#{user}" for i, user in enumerate(head.said)}
        sets = "".join(f", #s{i} = :s{i}" for i in range(len(head.said)))
        values = {f":s{i}": seq for i, seq in enumerate(head.said.values())}
        return {
            "Update": {
                "TableName": self._table.name,
                "Key": key(f"CONV#{head.conversation_id}", "SEQ"),
                "UpdateExpression": "SET last_seq = :seq, last_message_id = :message, "
                f"last_activity = :at{sets}",
                "ConditionExpression": "last_seq = :read",
                **({"ExpressionAttributeNames": said} if said else {}),
                "ExpressionAttributeValues": to_wire(
                    {
                        ":seq": head.last_seq,
                        ":message": head.last_message_id,
                        ":at": head.last_activity,
                        ":read": read,
                        **values,
                    }
                ),
            }
        }

    def history(
        self, conversation_id: str, *, after: int, before: int, limit: int, newest_first: bool
    ) -> list[tuple[int, str]]:
        if before - after < 2:
            return []
        rows = self._table.query(
            "gsi1pk = :conversation AND gsi1sk BETWEEN :first AND :last",
            {
                ":conversation": f"CONV#{conversation_id}",
                ":first": padded(after + 1),
                ":last": padded(before - 1),
            },
            IndexName=INDEX,
            ScanIndexForward=not newest_first,
            Limit=limit,
        )
        return [
            (int(row["gsi1sk"]), row["pk"].removeprefix("MSG#"))
            for row, _ in zip(rows, range(limit), strict=False)
        ]

    def record(
        self, receipts: Sequence[Receipt], references: Sequence[Reference] = ()
    ) -> list[Receipt]:
        """What comes for one message goes into one statement: one write unit for all of it. Only
        where some of it was known already does each receipt get a statement of its own."""
        now = self._clock.now()
        statements = [self._table.insert(reference_item(r, now)) for r in references]
        groups: dict[str, list[Receipt]] = {}
        for receipt in receipts:
            groups.setdefault(receipt.message_id, []).append(receipt)
        together = [_first_of_each(group) for group in groups.values()]
        outcomes = self._table.run([*statements, *map(self._set_times, together)])
        new: list[Receipt] = []
        refused: list[list[Receipt]] = []
        for group, outcome in zip(together, outcomes[len(statements) :], strict=True):
            if outcome is None:
                new += group
            elif len(group) > 1:
                refused.append(group)
        for turn in range(max(map(len, refused), default=0)):
            singles = [group[turn] for group in refused if turn < len(group)]
            outcomes = self._table.run([self._set_times([single]) for single in singles])
            new += [s for s, refusal in zip(singles, outcomes, strict=True) if refusal is None]
        return new

    def _set_times(self, receipts: Sequence[Receipt]) -> Statement:
        """An UPDATE in PartiQL never creates an item: for unknown messages it changes nothing."""
        times: dict[str, object] = {f"{r.mark}#{r.index}": r.at for r in receipts}
        failures: dict[str, object] = {
            f"failure#{r.index}": r.failure.model_dump_json()
            for r in receipts
            if r.failure is not None
        }
        pk = f"MSG#{receipts[0].message_id}"
        return self._table.set_once(pk, "RECEIPTS", list(times), times | failures)

    def record_part(self, message_id: str, index: int, parts: int, reference: Reference) -> None:
        self._table.run([self._table.insert(reference_item(reference, self._clock.now()))])
        self._table.update(
            f"MSG#{message_id}",
            "RECEIPTS",
            "SET #parts = :parts",
            names={"#parts": f"parts#{index}"},
            values={":parts": parts},
        )

    def count_attempt(self, message_id: str, index: int, reason: str) -> int:
        item = self._table.update(
            f"MSG#{message_id}",
            "RECEIPTS",
            "ADD #tries :one SET #why = :why",
            names={"#tries": f"tries#{index}", "#why": f"why#{index}"},
            values={":one": 1, ":why": reason},
        )
        return int(item[f"tries#{index}"])

    def erase(self, message_ids: Sequence[str]) -> None:
        self._bodies.erase(message_ids)

    def forget_addresses(self, message_ids: Sequence[str], user_id: str) -> None:
        self._bodies.forget_addresses(message_ids, user_id)

    def references(self, channel: str, provider_ids: Sequence[str]) -> dict[str, Reference]:
        keys = [(f"PROVIDER#{channel}#{i}", "REF") for i in provider_ids]
        found = self._table.get_many(keys)
        return {r.provider_id: r for r in map(reference_of, found.values())}


def _first_of_each(receipts: Sequence[Receipt]) -> list[Receipt]:
    """Without repeats: the first one counts."""
    found: dict[tuple[int, Mark], Receipt] = {}
    for receipt in receipts:
        found.setdefault((receipt.index, receipt.mark), receipt)
    return list(found.values())
