"""Refresh tokens, a family an item, and until when all of a user's are over.

REFRESH#family / REFRESH   its last two tokens, as SHA-256; TTL: when it ends
USER#id        / REFRESH   `ended_at`; TTL: when nothing can be left that it ends
"""

from __future__ import annotations

from chat4all.access.refresh_family import LONGEST_MS, Family
from chat4all.adapters.dynamodb.table import Item, Table
from chat4all.errors import Raced

SORT = "REFRESH"


class DynamoRefreshStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, family: Family) -> None:
        if self._table.put_new(_item(family)) is not None:
            raise Raced("refresh token")

    def get(self, family_id: str) -> Family | None:
        item = self._table.get(f"REFRESH#{family_id}", SORT, fresh=True)
        return None if item is None else _family(item)

    def replace(self, family: Family) -> None:
        self._table.put_over(_item(family), family.version - 1)

    def end(self, family_id: str) -> None:
        self._table.delete(f"REFRESH#{family_id}", SORT)

    def end_all(self, user_id: str, at: int) -> None:
        try:
            self._table.update(
                f"USER#{user_id}",
                SORT,
                "SET ended_at = :at, expires_at = :ttl",
                condition="attribute_not_exists(ended_at) OR ended_at < :at",
                values={":at": at, ":ttl": (at + LONGEST_MS) // 1000 + 1},
            )
        except Raced:
            return  # it stands later already

    def ended_at(self, user_id: str) -> int:
        item = self._table.get(f"USER#{user_id}", SORT, fresh=True)
        return int(item["ended_at"]) if item else 0


def _item(family: Family) -> Item:
    return {
        "pk": f"REFRESH#{family.family_id}",
        "sk": SORT,
        "user_id": family.user_id,
        "client_id": family.client_id,
        "scopes": list(family.scopes),
        "lifetime": family.lifetime,
        "secret_sha256": family.secret_sha256,
        "used_sha256": family.used_sha256,
        "created_at": family.created_at,
        "rotated_at": family.rotated_at,
        "era": family.era,
        "version": family.version,
        "expires_at": family.expires_at // 1000,
    }


def _family(item: Item) -> Family:
    return Family(
        family_id=item["pk"].removeprefix("REFRESH#"),
        user_id=item["user_id"],
        client_id=item["client_id"],
        scopes=tuple(item["scopes"]),
        lifetime=int(item["lifetime"]),
        secret_sha256=item["secret_sha256"],
        used_sha256=item.get("used_sha256"),
        created_at=int(item["created_at"]),
        rotated_at=int(item["rotated_at"]),
        era=int(item.get("era", 0)),
        version=int(item["version"]),
    )
