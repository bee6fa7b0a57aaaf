"""People and their identities."""

from __future__ import annotations

from collections.abc import Sequence

from chat4all.adapters.dynamodb.items import user_item, user_of
from chat4all.adapters.dynamodb.table import Table, key, to_wire
from chat4all.errors import IdentityTaken, Raced, UserErased
from chat4all.user import Identity, User

RETRIES = 5


def _identity_pk(identity_key: tuple[str, str, str]) -> str:
    return "IDENT#" + "#".join(identity_key)


class DynamoUserStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, user: User, *, replace: bool = True) -> User:
        """One transaction: the profile, the identities that are new, those that are gone."""
        for _ in range(RETRIES):
            before = self._before(user.user_id)
            if before is not None and not replace:
                return before
            stored = (
                user
                if before is None
                else user.model_copy(
                    update={
                        "created_at": before.created_at,
                        "last_conversations": before.last_conversations,
                    }
                )
            )
            try:
                self._replace(before, stored)
            except Raced:
                self._refuse_taken(stored)
                continue
            return stored
        raise Raced(f"user {user.user_id}")

    def _before(self, user_id: str) -> User | None:
        """Who has the id. Raises UserErased when nobody may have it any more."""
        pk = f"USER#{user_id}"
        found = self._table.get_many([(pk, "META"), (pk, "ERASED")], fresh=True)
        if (pk, "ERASED") in found:
            raise UserErased(user_id)
        there = found.get((pk, "META"))
        return user_of(there) if there else None

    def _replace(self, before: User | None, after: User) -> None:
        held = {i.key for i in before.identities} if before else set()
        wanted = {i.key for i in after.identities}
        name = self._table.name
        item = to_wire(user_item(after))
        values = {f":{k}": v for k, v in item.items() if k in ("identities", "created_at", "name")}
        condition = "attribute_not_exists(pk)"
        if before is not None:
            condition = "identities = :held"
            values[":held"] = to_wire(user_item(before))["identities"]
        sets = "identities = :identities, created_at = :created_at"
        actions: list[dict[str, object]] = [
            {
                "Update": {
                    "TableName": name,
                    "Key": key(f"USER#{after.user_id}", "META"),
                    "UpdateExpression": f"SET {sets}, #name = :name"
                    if after.name
                    else f"SET {sets} REMOVE #name",
                    "ConditionExpression": condition,
                    "ExpressionAttributeNames": {"#name": "name"},
                    "ExpressionAttributeValues": values,
                }
            }
        ]
        if before is None:
            never = {
                "TableName": name,
                "Key": key(f"USER#{after.user_id}", "ERASED"),
                "ConditionExpression": "attribute_not_exists(pk)",
            }
            actions.append({"ConditionCheck": never})
        for identity in sorted(wanted - held):
            actions.append(
                {
                    "Put": {
                        "TableName": name,
                        "Item": to_wire(
                            {"pk": _identity_pk(identity), "sk": "IDENT", "user_id": after.user_id}
                        ),
                        "ConditionExpression": "attribute_not_exists(pk)",
                    }
                }
            )
        for identity in sorted(held - wanted):
            actions.append(
                {"Delete": {"TableName": name, "Key": key(_identity_pk(identity), "IDENT")}}
            )
        self._table.transact(actions)

    def erase(self, user_id: str, at: int) -> bool:
        for _ in range(RETRIES):
            there = self.get([user_id]).get(user_id)
            if there is None:
                return False
            try:
                self._remove(there, at)
            except Raced:
                continue
            return True
        raise Raced(f"user {user_id}")

    def _remove(self, user: User, at: int) -> None:
        """One transaction, so that no identity ever leads to nobody, and no id is free between."""
        name = self._table.name
        held = to_wire(user_item(user))
        gone: dict[str, object] = {
            "TableName": name,
            "Key": key(f"USER#{user.user_id}", "META"),
            "ConditionExpression": "identities = :held AND created_at = :created_at",
            "ExpressionAttributeValues": {
                ":held": held["identities"],
                ":created_at": held["created_at"],
            },
        }
        erased = {"pk": f"USER#{user.user_id}", "sk": "ERASED", "erased_at": at}
        actions: list[dict[str, object]] = [
            {"Delete": gone},
            {"Put": {"TableName": name, "Item": to_wire(erased)}},
        ]
        for identity in user.identities:
            where = key(_identity_pk(identity.key), "IDENT")
            actions.append({"Delete": {"TableName": name, "Key": where}})
        self._table.transact(actions)

    def _refuse_taken(self, user: User) -> None:
        for identity, owner in self._owners([i.key for i in user.identities], fresh=True).items():
            if owner != user.user_id:
                raise IdentityTaken(identity, owner)

    def get(self, user_ids: Sequence[str]) -> dict[str, User]:
        found = self._table.get_many([(f"USER#{i}", "META") for i in user_ids], fresh=True)
        return {u.user_id: u for u in map(user_of, found.values())}

    def is_there(self, user_id: str) -> bool:
        return self._table.get(f"USER#{user_id}", "META", fresh=True) is not None

    def owners(self, identities: Sequence[Identity]) -> dict[tuple[str, str, str], str]:
        return self._owners([i.key for i in identities], fresh=True)

    def _owners(
        self, keys: Sequence[tuple[str, str, str]], *, fresh: bool
    ) -> dict[tuple[str, str, str], str]:
        by_pk = {_identity_pk(k): k for k in keys}
        found = self._table.get_many([(pk, "IDENT") for pk in by_pk], fresh=fresh)
        return {by_pk[pk]: item["user_id"] for (pk, _), item in found.items()}

    def spoke_in(self, user_id: str, identity: Identity, conversation_id: str) -> None:
        self._table.update(
            f"USER#{user_id}",
            "META",
            "SET #last = :conversation",
            names={"#last": "last#" + "/".join(identity.key)},
            values={":conversation": conversation_id},
        )
