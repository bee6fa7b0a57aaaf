"""Conversations, members and watermarks."""

from __future__ import annotations

from collections.abc import Sequence

from chat4all.adapters.dynamodb.items import (
    conversation_item,
    conversation_of,
    head_of,
    member_item,
    member_of,
    padded,
)
from chat4all.adapters.dynamodb.joining import joining, leaving
from chat4all.adapters.dynamodb.table import INDEX, Table
from chat4all.conversation import Conversation, Head, Member, activity_hour
from chat4all.errors import Raced
from chat4all.receipts import Mark


class DynamoConversationStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def create(self, conversation: Conversation) -> Conversation:
        """Members and sequence first; the conversation itself, conditionally, is the commit.

        A crash in between leaves member items of a conversation that does not
        exist: listings skip them, and the next try finds them there.
        """
        at = conversation.created_at
        pk = f"CONV#{conversation.conversation_id}"
        sequence = {"pk": pk, "sk": "SEQ", "last_seq": 0, "last_activity": at}
        self._table.run(
            [
                self._table.insert(sequence),
                *(
                    self._table.insert(
                        member_item(
                            Member(
                                conversation_id=conversation.conversation_id,
                                user_id=user,
                                joined_at=at,
                            ),
                            activity_hour(at),
                        )
                    )
                    for user in sorted(conversation.members)
                ),
            ]
        )
        there = self._table.put_new(conversation_item(conversation))
        return conversation if there is None else conversation_of(there)

    def keep_for(self, conversation_id: str, days: int) -> Conversation:
        item = self._table.update(
            f"CONV#{conversation_id}",
            "META",
            "SET retention_days = :days",
            values={":days": days},
        )
        return conversation_of(item)

    def get(self, conversation_ids: Sequence[str]) -> dict[str, Conversation]:
        if len(conversation_ids) == 1:
            item = self._table.get(f"CONV#{conversation_ids[0]}", "META", fresh=True)
            return {} if item is None else {conversation_ids[0]: conversation_of(item)}
        found = self._table.get_many([(f"CONV#{i}", "META") for i in conversation_ids], fresh=True)
        return {c.conversation_id: c for c in map(conversation_of, found.values())}

    def heads(self, conversation_ids: Sequence[str], *, fresh: bool = False) -> dict[str, Head]:
        found = self._table.get_many([(f"CONV#{i}", "SEQ") for i in conversation_ids], fresh=fresh)
        return {h.conversation_id: h for h in map(head_of, found.values())}

    def last_activity(self, conversation_ids: Sequence[str]) -> dict[str, int]:
        keys = [(f"CONV#{i}", "SEQ") for i in conversation_ids]
        found = self._table.get_many(keys, only="pk, last_activity")
        return {pk.removeprefix("CONV#"): int(i["last_activity"]) for (pk, _), i in found.items()}

    def join(self, conversation_id: str, user_id: str, at: int) -> None:
        member = Member(conversation_id=conversation_id, user_id=user_id, joined_at=at)
        self._table.transact(joining(self._table.name, member))

    def leave(self, conversation_id: str, user_id: str, at: int) -> None:
        self._table.transact(leaving(self._table.name, conversation_id, user_id, at))

    def ever_in(self, user_id: str) -> list[str]:
        found: set[str] = set()
        for prefix in ("USER", "LEFT"):
            rows = self._table.query(
                "gsi1pk = :whose",
                {":whose": f"{prefix}#{user_id}"},
                IndexName=INDEX,
                ProjectionExpression="pk",
            )
            found.update(row["pk"].removeprefix("CONV#") for row in rows)
        return sorted(found)

    def forget_left(self, conversation_id: str, user_id: str) -> None:
        self._table.delete(f"CONV#{conversation_id}", f"LEFT#{user_id}")

    def members(self, conversation_id: str) -> dict[str, Member]:
        rows = self._table.query(
            "pk = :pk AND begins_with(sk, :member)",
            {":pk": f"CONV#{conversation_id}", ":member": "MEMBER#"},
        )
        return {m.user_id: m for m in map(member_of, rows)}

    def members_of(self, conversations: Sequence[Conversation]) -> dict[str, dict[str, Member]]:
        keys = [
            (f"CONV#{c.conversation_id}", f"MEMBER#{user}")
            for c in conversations
            for user in c.members
        ]
        found: dict[str, dict[str, Member]] = {c.conversation_id: {} for c in conversations}
        for member in map(member_of, self._table.get_many(keys).values()):
            found[member.conversation_id][member.user_id] = member
        return found

    def memberships(self, user_id: str, conversation_ids: Sequence[str]) -> dict[str, Member]:
        found = self._table.get_many([(f"CONV#{i}", f"MEMBER#{user_id}") for i in conversation_ids])
        return {m.conversation_id: m for m in map(member_of, found.values())}

    def recent(
        self, user_id: str, *, from_hour: str | None, at_least: int
    ) -> tuple[dict[str, str], str | None]:
        condition = "gsi1pk = :user" + (" AND gsi1sk <= :hour" if from_hour else "")
        rows = self._table.query(
            condition,
            {":user": f"USER#{user_id}", ":hour": from_hour},
            IndexName=INDEX,
            ScanIndexForward=False,
            ProjectionExpression="pk, gsi1sk",
        )
        found: dict[str, str] = {}
        hour: str | None = None
        for row in rows:
            if len(found) >= at_least and row["gsi1sk"] != hour:
                return found, row["gsi1sk"]
            hour = row["gsi1sk"]
            found[row["pk"].removeprefix("CONV#")] = row["gsi1sk"]
        return found, None

    def active_since(self, user_id: str, hour: str) -> list[str]:
        rows = self._table.query(
            "gsi1pk = :user AND gsi1sk >= :hour",
            {":user": f"USER#{user_id}", ":hour": hour},
            IndexName=INDEX,
            ProjectionExpression="pk",
        )
        return [row["pk"].removeprefix("CONV#") for row in rows]

    def touch(self, conversation_id: str, members: Sequence[str], hour: str) -> None:
        self._table.run(
            [
                self._table.set(f"CONV#{conversation_id}", f"MEMBER#{user}", {"gsi1sk": hour})
                for user in members
            ]
        )

    def advance(self, member: Member, mark: Mark, to_seq: int, at: int) -> bool:
        pk, user = f"CONV#{member.conversation_id}", member.user_id
        ways = [("delivered_seq = :seq", "delivered_seq < :seq")]
        if mark is Mark.READ:
            ways = [
                ("read_seq = :seq, delivered_seq = :seq", "delivered_seq < :seq"),
                ("read_seq = :seq", "delivered_seq >= :seq"),
            ]
            ways = [(sets, f"read_seq < :seq AND {condition}") for sets, condition in ways]
            if member.delivered_seq >= to_seq:
                ways.reverse()  # the likely one first: what was read before may be old
        ways = [(f"{sets}, {mark}_at = :at", condition) for sets, condition in ways]
        if not any(self._raise(pk, user, *way, to_seq, at) for way in ways):
            return False
        self._table.put_new({"pk": pk, "sk": f"ADVANCE#{user}#{mark}#{padded(to_seq)}", "at": at})
        return True

    def _raise(self, pk: str, user: str, sets: str, condition: str, seq: int, at: int) -> bool:
        try:
            self._table.update(
                pk,
                f"MEMBER#{user}",
                f"SET {sets}",
                condition=f"attribute_exists(pk) AND {condition}",
                values={":seq": seq, ":at": at},
            )
        except Raced:
            return False
        return True

    def advanced_at(self, conversation_id: str, user_id: str, mark: Mark, seq: int) -> int | None:
        prefix = f"ADVANCE#{user_id}#{mark}#"
        rows = self._table.query(
            "pk = :pk AND sk BETWEEN :from AND :to",
            {
                ":pk": f"CONV#{conversation_id}",
                ":from": prefix + padded(seq),
                ":to": prefix + "9" * 16,
            },
            Limit=1,
        )
        return next((int(row["at"]) for row in rows), None)

    def delivered_by(self, conversation_id: str, user_id: str, at: int) -> int:
        """Reading delivers as well. From the latest advances back: `at` is not long ago."""
        stood = 0
        for mark in (Mark.DELIVERED, Mark.READ):
            prefix = f"ADVANCE#{user_id}#{mark}#"
            rows = self._table.query(
                "pk = :pk AND begins_with(sk, :prefix)",
                {":pk": f"CONV#{conversation_id}", ":prefix": prefix},
                ScanIndexForward=False,
                Limit=20,
            )
            seqs = (int(row["sk"].removeprefix(prefix)) for row in rows if int(row["at"]) <= at)
            stood = max(stood, next(seqs, 0))
        return stood
